"""Bouncers of CrowdSec get their decisions from the service, with a token of their own."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.enforcement.acts import end, open_case, order
from tests.service.ingest.live import token, with_client

from ringfence.cases import CaseStore, open_store
from ringfence.cases.schema import SINKS
from ringfence.service.bouncers.endpoints import bouncer_name
from ringfence.service.files import ServiceFolder
from ringfence.service.tokens import new_token

STREAM = "/v1/decisions/stream"
Talk = Callable[[httpx.AsyncClient], Awaitable[Any]]


@pytest.fixture
def folder(tmp_path: Path) -> ServiceFolder:
    """Return the folder of a service with a case store."""
    return ServiceFolder(tmp_path)


def hold(folder: ServiceFolder, *accounts: str) -> None:
    """Suspend accounts."""
    folder.create()
    with open_store(folder.cases) as store:
        for account in accounts:
            order(store, open_case(store, account), "suspend")


def key(folder: ServiceFolder, name: str) -> dict[str, str]:
    """Return the header of a bouncer."""
    shown = token(folder, name, "decisions")["Authorization"].removeprefix("Bearer ")
    return {"X-Api-Key": shown}


def asked(folder: ServiceFolder, *addresses: str) -> list[httpx.Response]:
    """Return the answers to some questions of one bouncer."""
    shown = key(folder, "one")

    async def talk(client: httpx.AsyncClient) -> list[httpx.Response]:
        return [await client.get(address, headers=shown) for address in addresses]

    answers: list[httpx.Response] = with_client(folder.root, talk)
    return answers


def values(answer: httpx.Response, part: str = "new") -> list[str]:
    """Return the accounts in a stream."""
    assert answer.status_code == 200
    return [one["value"] for one in answer.json()[part]]


def test_a_stream_tells_each_change_once(folder: ServiceFolder) -> None:
    """A start has all decisions, and later streams have what has changed, per bouncer."""
    hold(folder, "ann", "192.0.2.7")
    first, second = key(folder, "first"), key(folder, "second")
    store: CaseStore = open_store(folder.cases)

    async def talk(client: httpx.AsyncClient) -> None:
        def stream(shown: dict[str, str], **query: str) -> Awaitable[httpx.Response]:
            return client.get(STREAM, params=query, headers=shown)

        assert values(await stream(first, startup="true")) == ["192.0.2.7", "ann"]
        assert values(await stream(first)) == []
        case = open_case(store, "bob")
        order(store, case, "suspend")
        assert values(await stream(first, startup="false")) == ["bob"]
        assert values(await stream(second, scopes="Ip,Range")) == ["192.0.2.7"]
        end(store, case)
        assert values(await stream(first), "deleted") == ["bob"]
        head = await client.head(STREAM, headers=second)
        assert (head.status_code, head.content) == (200, b"")
        assert values(await stream(second), "deleted") == ["bob"]

    with_client(folder.root, talk)
    with store.reading() as connection:
        names = {row.name for row in connection.execute(SINKS.select())}
    store.close()
    assert {"bouncer:first", "bouncer:second"} <= names


def test_one_account_or_address(folder: ServiceFolder) -> None:
    """An account, an address and its network are found; nothing is null, as CrowdSec answers."""
    hold(folder, "ann", "192.0.2.0/24")
    account, address, network, other = asked(
        folder,
        "/v1/decisions?scope=username&value=ann",
        "/v1/decisions?ip=192.0.2.9",
        "/v1/decisions?range=192.0.2.0/24",
        "/v1/decisions?ip=198.51.100.1",
    )
    assert account.json()[0]["type"] == "ban"
    assert address.json() == network.json()
    assert address.json()[0]["scope"] == "Range"
    assert json.loads(other.text) is None
    assert account.headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    "question",
    [
        "/v1/decisions",
        "/v1/decisions?ip=none",
        "/v1/decisions?scope=username",
        "/v1/decisions?scope=username&value=a%00b",
        f"/v1/decisions?scope=username&value={'a' * 5_000}",
        "/v1/decisions?ip=192.0.2.9&type=ban",
        "/v1/decisions/stream?scenarios_containing=ssh",
    ],
)
def test_a_question_that_has_no_answer_is_refused(folder: ServiceFolder, question: str) -> None:
    """The status is 400, with a message as CrowdSec writes it."""
    hold(folder)
    (answer,) = asked(folder, question)
    assert answer.status_code == 400
    assert answer.json()["message"]


def test_other_origins_are_not_ours(folder: ServiceFolder) -> None:
    """A bouncer that wants decisions of another origin only gets none, and misses none later."""
    hold(folder, "ann")
    other, one, ours = asked(
        folder,
        f"{STREAM}?startup=true&origins=cscli,CAPI",
        "/v1/decisions?scope=username&value=ann&origins=cscli",
        f"{STREAM}?origins=cscli,ringfence",
    )
    assert other.json() == {"new": [], "deleted": []}
    assert one.json() is None
    assert values(ours) == ["ann"]


def test_a_store_that_fails_is_said_with_its_status(folder: ServiceFolder) -> None:
    """The bouncer gets 503 and keeps what it has; the answer tells nothing about the files."""
    folder.create()
    folder.cases.write_bytes(b"this is not a database, although it is a file of some length" * 99)
    for answer in asked(folder, STREAM, "/v1/decisions?ip=192.0.2.9"):
        assert answer.status_code == 503
        assert str(folder.root) not in answer.text


def test_the_name_of_a_bouncer_is_short_enough_for_the_store() -> None:
    """Long names of tokens stay apart by the number of the token."""
    made = [new_token("a" * 63, ("decisions",), "2026-11-29T09:00:00Z")[0] for _ in range(2)]
    names = {bouncer_name(one) for one in made}
    assert len(names) == 2
    assert all(len(f"bouncer:{name}") <= SINKS.c.name.type.length for name in names)
