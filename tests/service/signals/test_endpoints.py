"""Receivers of Shared Signals poll the service over HTTP, each with a token of its own."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet
from tests.enforcement.acts import end, open_case, order
from tests.service.ingest.live import settings, token, with_client
from tests.service.ingest.test_guarding import METHODS

from ringfence.cases import open_store
from ringfence.enforcement.departed import departed_sinks
from ringfence.errors import SettingsError
from ringfence.service.files import ServiceFolder
from ringfence.service.ingest.application import ingest_application
from ringfence.service.signals.endpoints import (
    CONFIGURATION_PATH,
    KEYS_PATH,
    POLL_PATH,
    STATUS_PATH,
    STREAM_PATH,
)
from ringfence.settings import Settings

ISSUER = "https://catalogue.example.org"
PATHS = {STREAM_PATH: "GET", STATUS_PATH: "GET", POLL_PATH: "POST"}
Talk = Callable[[httpx.AsyncClient], Awaitable[Any]]


@pytest.fixture(autouse=True)
def keys(monkeypatch: pytest.MonkeyPatch) -> None:
    """Give the service a key."""
    key = ECKey.generate_key("P-256", {"kid": "one"}).as_dict(private=True)
    monkeypatch.setenv("STREAM_KEYS", json.dumps({"keys": [key]}))


def chosen(**service: object) -> Settings:
    """Return settings with two streams."""
    names = ("idp", "other")
    shared = {"issuer": ISSUER, "keys_env": "STREAM_KEYS"}
    streams = [{"name": one, "audience": f"https://{one}.example", **shared} for one in names]
    return settings(public_url="https://rf.example", **service).model_copy(
        update={"enforcement": Settings(enforcement={"streams": streams}).enforcement}
    )


def hold(folder: ServiceFolder, account: str) -> Callable[[], None]:
    """Suspend an account, and return what ends it."""
    folder.create()
    with open_store(folder.cases) as store:
        case = open_case(store, account)
        order(store, case, "suspend")

    def release() -> None:
        with open_store(folder.cases) as again:
            end(again, case)

    return release


def run(folder: ServiceFolder, talk: Talk) -> Any:  # noqa: ANN401 - whatever the test returns
    """Let a function talk to the application."""
    return with_client(folder.root, talk, chosen())


def test_a_receiver_finds_polls_and_acknowledges(tmp_path: Path) -> None:
    """From the well-known address alone it gets each token once, checked with published keys."""
    folder = ServiceFolder(tmp_path)
    release = hold(folder, "ann")
    shown, other = token(folder, "idp", "signals"), token(folder, "other", "signals")

    async def talk(client: httpx.AsyncClient) -> None:
        about = (await client.get(CONFIGURATION_PATH)).json()
        local = {
            name: about[name].removeprefix("https://rf.example")
            for name in ("jwks_uri", "configuration_endpoint", "status_endpoint")
        }
        assert (about["issuer"], about["spec_version"]) == (ISSUER, "1_0")
        asked = {"stream_id": "idp"}
        stream = (
            await client.get(local["configuration_endpoint"], params=asked, headers=shown)
        ).json()
        assert stream["delivery"]["method"] == "urn:ietf:rfc:8936"
        address = stream["delivery"]["endpoint_url"].removeprefix("https://rf.example")
        public = KeySet.import_key_set((await client.get(local["jwks_uri"])).json())
        status = await client.get(local["status_endpoint"], headers=shown)
        assert status.json() == {"stream_id": "idp", "status": "enabled"}

        async def poll(headers: dict[str, str], **content: Any) -> dict[str, str]:  # noqa: ANN401 - JSON
            answer = await client.post(
                address, json={"returnImmediately": True, **content}, headers=headers
            )
            assert answer.status_code == 200, answer.text
            found: dict[str, str] = answer.json()["sets"]
            return found

        first = await poll(shown)
        events = []
        for one in first.values():
            claims = jwt.decode(one, public, algorithms=["ES256"]).claims
            assert (claims["iss"], claims["aud"]) == (stream["iss"], stream["aud"])
            events += [(claims["sub_id"]["sub"], next(iter(claims["events"])).split("/")[-1])]
        assert events == [("ann", "account-disabled"), ("ann", "session-revoked")]
        assert list(await poll(shown)) == list(first), "until it is acknowledged"
        assert await poll(shown, ack=list(first)) == {}
        assert list(await poll(other)) == list(first), "the other receiver was told nothing yet"
        await asyncio.to_thread(release)
        assert [one.rpartition("-")[2] for one in await poll(shown)] == ["account"]

    run(folder, talk)


def test_a_poll_waits_for_a_token(tmp_path: Path) -> None:
    """It is answered soon after the decision, and holds no thread of the service meanwhile."""
    folder = ServiceFolder(tmp_path)
    folder.create()
    shown = token(folder, "idp", "signals")

    async def talk(client: httpx.AsyncClient) -> None:
        polls = [
            asyncio.create_task(client.post(POLL_PATH, json={}, headers=shown)) for _ in range(4)
        ]
        await asyncio.sleep(0.3)
        assert (await client.post(POLL_PATH, json={}, headers=shown)).status_code == 429
        assert not any(one.done() for one in polls)
        await asyncio.to_thread(hold, folder, "ann")
        begin = time.monotonic()
        answers = await asyncio.gather(*polls)
        assert all(len(one.json()["sets"]) == 2 for one in answers)
        assert time.monotonic() - begin < 8

    run(folder, talk)


def test_nobody_polls_without_the_token_of_the_stream(tmp_path: Path) -> None:
    """No token, a revoked text, another scope and another name get nothing of the stream."""
    folder = ServiceFolder(tmp_path)
    hold(folder, "ann")
    own, wrong = token(folder, "idp", "signals"), token(folder, "x", "signals")
    scope = token(folder, "y", "decisions")

    async def talk(client: httpx.AsyncClient) -> None:
        for path, method in PATHS.items():
            body = {"json": {"returnImmediately": True}} if method == "POST" else {}

            async def status(headers: dict[str, str], **more: Any) -> int:  # noqa: ANN401 - of httpx
                answer = await client.request(method, path, headers=headers, **body, **more)  # noqa: B023 - called within
                assert "ann" not in answer.text
                return answer.status_code

            assert await status({}) == 401
            assert await status({"Authorization": own["Authorization"] + "x"}) == 401
            assert await status(scope) == 403
            assert await status(wrong) == 404
        assert (await client.get(f"{STREAM_PATH}?stream_id=other", headers=own)).status_code == 404
        assert (await client.get(f"{STATUS_PATH}?stream_id=other", headers=own)).status_code == 404
        listed = (await client.get(STREAM_PATH, headers=own)).json()
        assert [one["stream_id"] for one in listed] == ["idp"]

    run(folder, talk)


def test_every_method_of_every_route_denies(tmp_path: Path) -> None:
    """Only the two documents are open, and no stream can be made, changed or deleted over HTTP."""

    async def talk(client: httpx.AsyncClient) -> None:
        for path in (*PATHS, CONFIGURATION_PATH, KEYS_PATH):
            for method in METHODS:
                status = (await client.request(method, path)).status_code
                known = {PATHS.get(path, "GET")} | ({"HEAD"} if path != POLL_PATH else set())
                expected = (401 if path in PATHS else 200) if method in known else 405
                assert status == expected, (method, path)

    run(ServiceFolder(tmp_path), talk)
    with_client(tmp_path, _without, settings())


async def _without(client: httpx.AsyncClient) -> None:
    for path in (*PATHS, CONFIGURATION_PATH, KEYS_PATH):
        assert (await client.get(path)).status_code == 404


@pytest.mark.parametrize(
    "body",
    [
        b"", b"[]", b"{", b'{"maxEvents": -1}', b'{"maxEvents": true}', b'{"ack": "x"}',
        b'{"ack": [1]}', b'{"setErrs": []}', b"[" * 100_000, b"\xff",
        b'{"ack": ["' + b"x" * 300_000, json.dumps({"ack": ["x"] * 1_001}).encode(),
    ],
    ids=lambda body: body[:12],
)  # fmt: skip
def test_what_is_no_poll_is_refused(tmp_path: Path, body: bytes) -> None:
    """Other JSON, deep JSON, large bodies and thousands of answers are the receiver's fault."""
    folder = ServiceFolder(tmp_path)
    shown = token(folder, "idp", "signals")

    async def talk(client: httpx.AsyncClient) -> None:
        answer = await client.post(POLL_PATH, content=body, headers=shown)
        assert (answer.status_code, answer.json()["err"]) == (400, "invalid_request")

    run(folder, talk)


def test_tokens_that_nobody_has_sent_change_nothing(tmp_path: Path) -> None:
    """Acknowledging guesses, also such that no database can store, leaves the real tokens due."""
    folder = ServiceFolder(tmp_path)
    hold(folder, "ann")
    shown = token(folder, "idp", "signals")

    async def talk(client: httpx.AsyncClient) -> None:
        body = b'{"returnImmediately": true, "ack": ["x", "\\ud800", "\\u0000-account", "%"]}'
        answer = await client.post(POLL_PATH, content=body, headers=shown)
        assert len(answer.json()["sets"]) == 2

    run(folder, talk)


def test_a_stream_is_no_departed_sink(tmp_path: Path) -> None:
    """The settings know it, so its waiting effects are not those of a sink that is gone."""
    folder = ServiceFolder(tmp_path)
    hold(folder, "ann")
    shown = token(folder, "idp", "signals")
    poll = {"json": {"returnImmediately": True}, "headers": shown}
    run(folder, lambda client: client.post(POLL_PATH, **poll))
    with open_store(folder.cases) as store, store.reading() as connection:
        late = time.time_ns() // 1_000 + 2 * 3_600_000_000
        assert [one.name for one in departed_sinks(connection, [], late)] == ["idp"]
        assert departed_sinks(connection, chosen().enforcement.names, late) == []


def test_streams_without_keys_or_names_of_their_own_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The service does not start without the keys, and no stream shares the name of a sink."""
    monkeypatch.delenv("STREAM_KEYS")
    with pytest.raises(SettingsError, match="STREAM_KEYS of the sink idp is not set"):
        ingest_application(ServiceFolder(tmp_path), chosen())
    one = {"name": "a", "issuer": ISSUER, "audience": "b", "keys_env": "K"}
    sink = {"type": "command", "name": "a", "command": ["true"]}
    for section in (
        {"streams": [one, one]},
        {"streams": [one], "sinks": [sink]},
        {"streams": [one, {**one, "name": "b", "issuer": "https://another.example"}]},
    ):
        with pytest.raises(SettingsError):
            Settings(enforcement=section)
    with pytest.raises(SettingsError, match="pseudonym"):
        Settings(enforcement={"streams": [one]}, privacy={"pseudonym_key": "k.key"})
