"""Real gateways with the recipes of the guide, in front of a real service."""

from __future__ import annotations

import json
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest
from tests.enforcement.acts import end, open_case, order
from tests.service.authorize.processes import (
    TOKEN,
    Authorize,
    Got,
    gateway,
    get,
    service_behind,
    with_the_map,
)
from tests.service.tailer.tail_worker import until

from ringfence.cases import open_store
from ringfence.service.exposure.feed import FEED_TYPE, write_feed
from ringfence.service.exposure.keys import hash_names, load_secret
from ringfence.service.files import ServiceFolder, read_status
from ringfence.stats.seconds import DAY

NAMES = ("nginx", "envoy", "caddy")


class Surroundings(NamedTuple):
    """A protected service.

    Attributes:
        port: of the gateway.
        authorize: Ringfence.
        name: of the gateway.
    """

    port: int
    authorize: Authorize
    name: str


@pytest.fixture(scope="module", params=NAMES)
def running(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Surroundings]:
    """Run a service behind each gateway: 20 new items per hour, 10 copies, 25 items per month."""
    root = tmp_path_factory.mktemp(request.param)
    with (
        answering(root) as authorize,
        service_behind() as behind,
        gateway(request.param, root / "gate", behind, authorize.port) as port,
    ):
        yield Surroundings(port, authorize, request.param)


@pytest.fixture
def protected(running: Surroundings) -> Surroundings:
    """Return the service behind a gateway. Each test has accounts of its own."""
    running.authorize.start()
    return running


@pytest.fixture(scope="module")
def without_rules(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Authorize]:
    """Run Ringfence without item rules."""
    with answering(tmp_path_factory.mktemp("no-rules"), "no-rules") as authorize:
        yield authorize


@pytest.fixture(scope="module")
def alone(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Authorize]:
    """Run Ringfence for gateways that each test starts."""
    with answering(tmp_path_factory.mktemp("alone")) as authorize:
        yield authorize


@contextmanager
def answering(root: Path, *words: str) -> Iterator[Authorize]:
    """Run Ringfence as a process."""
    authorize = Authorize(root / "service", *words)
    authorize.start()
    try:
        yield authorize
    finally:
        authorize.end()


@pytest.mark.slow
def test_a_scraper_is_slowed_and_a_user_notices_nothing(protected: Surroundings) -> None:
    """A scraper gets 429 with a time to wait once its hour is used; repeats and users get 200."""
    port = protected.port
    scraped = [get(port, f"/stream/{n}?x=%2F", X_User="scraper") for n in range(40)]
    assert [one.status for one in scraped] == [200] * 30 + [429] * 10
    assert scraped[0].body == "item /stream/0?x=%2F"
    assert 1 <= int(scraped[-1].headers["retry-after"]) <= 3_600
    if protected.name != "caddy":
        assert scraped[0].headers["ratelimit"].startswith('"hour";r=19;')
    assert scraped[-1].headers["ratelimit"].startswith('"hour";r=0;')
    for _ in range(3):
        assert get(port, "/stream/5?x=%2F", X_User="scraper").status == 200
        assert [get(port, f"/stream/{n}", X_User="user").status for n in range(10)] == [200] * 10
    assert get(port, "/about", X_User="scraper").status == 200
    assert get(port, "/stream/99").status == 200


@pytest.mark.slow
def test_a_client_cannot_choose_its_account_or_item(protected: Surroundings) -> None:
    """Headers that the client sends under our names change nothing."""
    forged = {
        "X_Ringfence_Account": "other", "X_Ringfence_Item": "0", "X_Original_URI": "/stream/0",
        "X_Forwarded_Uri": "/stream/0", "X_Ringfence_Device": "d", "X_Original_Method": "OPTIONS",
        "X_Forwarded_Method": "OPTIONS",
    }  # fmt: skip
    statuses = []
    for number in range(32):
        forged["X_Ringfence_Device"] = str(number)
        statuses.append(get(protected.port, f"/stream/{number}", X_User="forger", **forged))
    assert [one.status for one in statuses] == [200] * 30 + [429] * 2


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_a_client_cannot_name_the_item(without_rules: Authorize, tmp_path: Path, name: str) -> None:
    """Without item rules the gateway names the item: what the client names is not charged."""
    with (
        service_behind() as behind,
        gateway(name, tmp_path / "gate", behind, without_rules.port) as port,
    ):
        for number in range(3):
            forged = {"X_User": "ann", "X_Ringfence_Item": f"track-{number}"}
            assert get(port, f"/tracks/{number}", **forged).status == 200
        taken = json.loads(without_rules.allowance("ann").body)
        assert taken["hour"]["taken"] == 0


def test_nginx_names_the_item_by_a_map(without_rules: Authorize, tmp_path: Path) -> None:
    """A scraper that names one constant item or writes addresses oddly is stopped all the same."""
    with (
        service_behind() as behind,
        gateway(
            "nginx", tmp_path / "gate", behind, without_rules.port, changed=with_the_map
        ) as port,
    ):
        forged = {"X_User": "scraper", "X_Ringfence_Item": "1"}
        odd = ("/tracks/1", "/x/../tracks/2?a", "//tracks/%33")
        assert [get(port, one, **forged).status for one in odd] == [200] * 3
        assert json.loads(without_rules.allowance("scraper").body)["hour"]["taken"] == 3
        scraped = [get(port, f"/x/../tracks/{n}", **forged).status for n in range(10, 38)]
        assert scraped == [200] * 27 + [429]
        assert get(port, "/tracks/12?again", **forged).status == 200
        assert get(port, "/about", **forged).status == 200


@pytest.mark.slow
def test_a_gateway_with_a_wrong_token_is_a_problem(alone: Authorize, tmp_path: Path) -> None:
    """Its clients get 403, also by a recipe that is fail-open, and the status says why."""

    def wrong(recipe: str) -> str:
        return recipe.replace(TOKEN, "ringfence_old")

    alone.start()
    with (
        service_behind() as behind,
        gateway("nginx", tmp_path / "gate", behind, alone.port, changed=wrong) as port,
    ):
        assert get(port, "/stream/1", X_User="ann").status == 403
        folder = ServiceFolder(alone.folder)
        until(lambda: "gateway token" in (read_status(folder, "authorize") or {})["problems"])


@pytest.mark.slow
def test_visitors_are_accounts_too(protected: Surroundings) -> None:
    """Without a login, address and client are the account; another client is not affected."""
    port = protected.port
    scraped = [get(port, f"/stream/{n}", User_Agent="scraper/1").status for n in range(32)]
    assert scraped == [200] * 30 + [429] * 2
    forged = {"X_Ringfence_Address": "192.0.2.1", "X_Ringfence_Client": "other"}
    assert get(port, "/stream/60", User_Agent="scraper/1", **forged).status == 429
    assert get(port, "/stream/60", User_Agent="Mozilla/5.0").status == 200
    assert get(port, "/stream/60").status == 200


@pytest.mark.slow
def test_other_methods_and_bodies_pass(protected: Surroundings) -> None:
    """A request that takes no item reaches the service, with its body."""
    for _ in range(40):
        got = get(protected.port, "/stream/1", method="POST", X_User="u", Content_Length="0")
        assert got.status == 200
    assert get(protected.port, "/stream/7", X_User="u").status == 200


@pytest.mark.slow
def test_if_ringfence_is_killed_the_service_goes_on(protected: Surroundings) -> None:
    """Fail-open: without Ringfence everybody is served, and after its start all is as before."""
    for number in range(31):
        get(protected.port, f"/stream/{number}", X_User="crawler")
    assert get(protected.port, "/stream/50", X_User="crawler").status == 429
    protected.authorize.end(signal.SIGKILL)
    got = [get(protected.port, f"/stream/{n}", X_User="crawler") for n in range(50, 60)]
    assert [one.status for one in got] == [200] * 10
    assert got[0].body == "item /stream/50"
    protected.authorize.start()
    assert get(protected.port, "/stream/60", X_User="crawler").status == 429
    assert get(protected.port, "/stream/0", X_User="crawler").status == 200


@pytest.mark.slow
@pytest.mark.parametrize(("name", "status"), [("nginx", 500), ("envoy", 403), ("caddy", 502)])
def test_fail_closed(alone: Authorize, tmp_path: Path, name: str, status: int) -> None:
    """Without the fail-open part of a recipe nobody is served while Ringfence is down."""
    alone.start()
    with (
        service_behind() as behind,
        gateway(name, tmp_path / "gate", behind, alone.port, closed=True) as port,
    ):
        assert get(port, "/stream/1", X_User="user").status == 200
        alone.end(signal.SIGKILL)
        assert get(port, "/stream/1", X_User="user").status == status
        alone.start()
        assert get(port, "/stream/2", X_User="user").status == 200


@pytest.mark.slow
def test_traefik_sends_the_answer_to_the_client(alone: Authorize, tmp_path: Path) -> None:
    """A scraper is stopped and a user is not; while Ringfence is down, nobody is served."""
    alone.start()
    with (
        service_behind() as behind,
        gateway("traefik", tmp_path / "gate", behind, alone.port, closed=True) as port,
    ):
        until(
            lambda: get(port, "/about").status == 200, 30
        )  # it listens before it knows its routes
        scraped = [get(port, f"/stream/{n}", X_Ringfence_Account="scraper") for n in range(40)]
        assert [one.status for one in scraped] == [200] * 30 + [429] * 10
        assert scraped[0].body == "item /stream/0"
        assert 1 <= int(scraped[-1].headers["retry-after"]) <= 3_600
        assert get(port, "/stream/5", X_Ringfence_Account="scraper").status == 200
        assert get(port, "/stream/5", X_Ringfence_Account="user").status == 200
        alone.end(signal.SIGKILL)
        assert get(port, "/stream/5", X_Ringfence_Account="user").status == 500
        alone.start()
        assert get(port, "/stream/6", X_Ringfence_Account="user").status == 200


@pytest.mark.slow
def test_a_decision_stops_an_account_and_its_end_frees_it(protected: Surroundings) -> None:
    """Within seconds a suspended account gets 403, a challenged one 401, and a freed one 200."""
    port, store = protected.port, open_store(protected.authorize.folder / "cases.sqlite")
    with store:
        suspended, challenged = open_case(store, "ann"), open_case(store, "bob")
        shadowed = open_case(store, "cal")
        order(store, suspended, "suspend")
        order(store, challenged, "challenge")
        order(store, shadowed, "suspend", shadow=True)
        assert "item" not in soon(port, "ann", 403).body
        challenge = soon(port, "bob", 401)
        assert challenge.headers["www-authenticate"].startswith("Ringfence ")
        assert get(port, "/stream/1", X_User="cal").status == 200
        end(store, suspended)
        assert soon(port, "ann", 200).body == "item /stream/1"


@pytest.mark.slow
def test_an_account_that_used_its_month_is_stopped(protected: Surroundings) -> None:
    """Takes that the judge tells count too; after 25 items and 10 copies the answer is 403."""
    folder, port = ServiceFolder(protected.authorize.folder), protected.port
    secret, ago = load_secret(folder), int(time.time() - 3 * DAY) * 1_000
    account = int(hash_names(["thief"], secret)[0])
    items = hash_names([f"old-{number}" for number in range(25)], secret)
    rows = np.array([(account, item, ago) for item in items.tolist()], FEED_TYPE)
    write_feed(folder, 1, rows)
    end_time = time.monotonic() + 10
    while '"month";r=0' not in protected.authorize.allowance("thief").headers["ratelimit"]:
        assert time.monotonic() < end_time
        time.sleep(0.1)
    statuses = [get(port, f"/stream/{n}", X_User="thief").status for n in range(12)]
    assert statuses == [200] * 10 + [403] * 2
    assert get(port, "/stream/old-20", X_User="thief").status == 200


def soon(port: int, user: str, status: int) -> Got:
    """Return the answer that a user gets when it has a status, at the latest after ten seconds."""
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        got = get(port, "/stream/1", X_User=user)
        if got.status == status:
            return got
        time.sleep(0.1)
    pytest.fail(f"{user} gets {got.status} and not {status}")
