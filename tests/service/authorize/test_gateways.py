"""Real gateways with the recipes of the guide, in front of a real service."""

from __future__ import annotations

import json
import signal
import time
from collections.abc import Iterator
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


@pytest.fixture(params=NAMES)
def protected(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Surroundings]:
    """Run a service behind each gateway: 20 new items per hour, 10 copies, 25 items per month."""
    authorize = Authorize(tmp_path / "service")
    authorize.start()
    with (
        service_behind() as behind,
        gateway(request.param, tmp_path / "gate", behind, authorize.port) as port,
    ):
        yield Surroundings(port, authorize, request.param)
        authorize.end()


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
        statuses.append(get(protected.port, f"/stream/{number}", X_User="scraper", **forged))
    assert [one.status for one in statuses] == [200] * 30 + [429] * 2


@pytest.mark.parametrize("name", NAMES)
def test_a_client_cannot_name_the_item(tmp_path: Path, name: str) -> None:
    """Without item rules the gateway names the item: what the client names is not charged."""
    authorize = Authorize(tmp_path / "service", "no-rules")
    authorize.start()
    with (
        service_behind() as behind,
        gateway(name, tmp_path / "gate", behind, authorize.port) as port,
    ):
        for number in range(3):
            forged = {"X_User": "ann", "X_Ringfence_Item": f"track-{number}"}
            assert get(port, f"/tracks/{number}", **forged).status == 200
        taken = json.loads(authorize.allowance("ann").body)
        assert taken["hour"]["taken"] == 0
        authorize.end()


def test_nginx_names_the_item_by_a_map(tmp_path: Path) -> None:
    """A scraper that names one constant item or writes addresses oddly is stopped all the same."""
    authorize = Authorize(tmp_path / "service", "no-rules")
    authorize.start()
    with (
        service_behind() as behind,
        gateway("nginx", tmp_path / "gate", behind, authorize.port, changed=with_the_map) as port,
    ):
        forged = {"X_User": "scraper", "X_Ringfence_Item": "1"}
        odd = ("/tracks/1", "/x/../tracks/2?a", "//tracks/%33")
        assert [get(port, one, **forged).status for one in odd] == [200] * 3
        assert json.loads(authorize.allowance("scraper").body)["hour"]["taken"] == 3
        scraped = [get(port, f"/x/../tracks/{n}", **forged).status for n in range(10, 38)]
        assert scraped == [200] * 27 + [429]
        assert get(port, "/tracks/12?again", **forged).status == 200
        assert get(port, "/about", **forged).status == 200
        authorize.end()


def test_a_gateway_with_a_wrong_token_is_a_problem(tmp_path: Path) -> None:
    """Its clients get 403, also by a recipe that is fail-open, and the status says why."""

    def wrong(recipe: str) -> str:
        return recipe.replace(TOKEN, "ringfence_old")

    authorize = Authorize(tmp_path / "service")
    authorize.start()
    with (
        service_behind() as behind,
        gateway("nginx", tmp_path / "gate", behind, authorize.port, changed=wrong) as port,
    ):
        assert get(port, "/stream/1", X_User="ann").status == 403
        folder = ServiceFolder(authorize.folder)
        until(lambda: "gateway token" in (read_status(folder, "authorize") or {})["problems"], 10)
        authorize.end()


def test_visitors_are_accounts_too(protected: Surroundings) -> None:
    """Without a login, address and client are the account; another client is not affected."""
    port = protected.port
    scraped = [get(port, f"/stream/{n}", User_Agent="scraper/1").status for n in range(32)]
    assert scraped == [200] * 30 + [429] * 2
    forged = {"X_Ringfence_Address": "192.0.2.1", "X_Ringfence_Client": "other"}
    assert get(port, "/stream/60", User_Agent="scraper/1", **forged).status == 429
    assert get(port, "/stream/60", User_Agent="Mozilla/5.0").status == 200
    assert get(port, "/stream/60").status == 200


def test_other_methods_and_bodies_pass(protected: Surroundings) -> None:
    """A request that takes no item reaches the service, with its body."""
    for _ in range(40):
        got = get(protected.port, "/stream/1", method="POST", X_User="u", Content_Length="0")
        assert got.status == 200
    assert get(protected.port, "/stream/7", X_User="u").status == 200


def test_if_ringfence_is_killed_the_service_goes_on(protected: Surroundings) -> None:
    """Fail-open: without Ringfence everybody is served, and after its start all is as before."""
    for number in range(31):
        get(protected.port, f"/stream/{number}", X_User="scraper")
    assert get(protected.port, "/stream/50", X_User="scraper").status == 429
    protected.authorize.end(signal.SIGKILL)
    got = [get(protected.port, f"/stream/{n}", X_User="scraper") for n in range(50, 60)]
    assert [one.status for one in got] == [200] * 10
    assert got[0].body == "item /stream/50"
    protected.authorize.start()
    assert get(protected.port, "/stream/60", X_User="scraper").status == 429
    assert get(protected.port, "/stream/0", X_User="scraper").status == 200


@pytest.mark.parametrize(("name", "status"), [("nginx", 500), ("envoy", 403), ("caddy", 502)])
def test_fail_closed(tmp_path: Path, name: str, status: int) -> None:
    """Without the fail-open part of a recipe nobody is served while Ringfence is down."""
    authorize = Authorize(tmp_path / "service")
    authorize.start()
    with (
        service_behind() as behind,
        gateway(name, tmp_path / "gate", behind, authorize.port, closed=True) as port,
    ):
        assert get(port, "/stream/1", X_User="user").status == 200
        authorize.end(signal.SIGKILL)
        assert get(port, "/stream/1", X_User="user").status == status
        authorize.start()
        assert get(port, "/stream/2", X_User="user").status == 200
        authorize.end()


def test_traefik_sends_the_answer_to_the_client(tmp_path: Path) -> None:
    """A scraper is stopped and a user is not; while Ringfence is down, nobody is served."""
    authorize = Authorize(tmp_path / "service")
    authorize.start()
    with (
        service_behind() as behind,
        gateway("traefik", tmp_path / "gate", behind, authorize.port, closed=True) as port,
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
        authorize.end(signal.SIGKILL)
        assert get(port, "/stream/5", X_Ringfence_Account="user").status == 500
        authorize.start()
        assert get(port, "/stream/6", X_Ringfence_Account="user").status == 200
        authorize.end()


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
