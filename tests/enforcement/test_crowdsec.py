"""Decisions in the form of CrowdSec: what a bouncer is told, and when."""

from __future__ import annotations

import json
from typing import Any

import pytest
from tests.cases.findings import moment
from tests.enforcement.acts import end, open_case, order

from ringfence.cases import CaseStore
from ringfence.enforcement.crowdsec import duration, names_of_address, scope_of
from ringfence.enforcement.decision_stream import (
    decision_stream,
    decisions_on,
    decisions_on_address,
)

NOW = moment(3)


def stream(
    store: CaseStore, since: int | None = None, at: int = NOW, scopes: frozenset[str] = frozenset()
) -> tuple[int, list[dict[str, Any]], list[dict[str, Any]]]:
    """Return the position of a stream, and its new and deleted decisions."""
    with store.reading() as connection:
        found = decision_stream(connection, since, at, scopes)
        answer = json.loads("".join(found.pieces))
    assert set(answer) == {"new", "deleted"}
    return found.position, answer["new"], answer["deleted"]


def told(decisions: list[dict[str, Any]]) -> set[tuple[str, str]]:
    """Return the value and the type of each decision."""
    return {(one["value"], one["type"]) for one in decisions}


def look_up(store: CaseStore, scope: str, value: str, at: int = NOW) -> Any:  # noqa: ANN401 - JSON
    """Return the answer about one account."""
    with store.reading() as connection:
        return json.loads(decisions_on(connection, scope, value, at))


@pytest.mark.parametrize(
    ("account", "scope"),
    [
        ("ann", "username"), ("192.0.2.7", "Ip"), ("2001:db8::1", "Ip"), ("192.0.2.0/24", "Range"),
        ("2001:db8::/32", "Range"), ("192.0.2.7/24", "username"), ("12345", "username"),
        ("a.b", "username"), ("192.0.2.256", "username"), ("fe80::1%eth0", "username"),
        ("10/8", "username"), ("", "username"), ("ann@example.org", "username"),
    ],
)  # fmt: skip
def test_the_scope_follows_from_the_account(account: str, scope: str) -> None:
    """An address and a network have scopes of their own; everything else is a user name."""
    assert scope_of(account) == scope


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "0s"), (59, "59s"), (60, "1m0s"), (3_599, "59m59s"), (14_395, "3h59m55s"),
     (315_360_000, "87600h0m0s")],
)  # fmt: skip
def test_a_duration_is_written_as_go_writes_it(seconds: int, text: str) -> None:
    """Hours are not split into days, and leading zeros are left out."""
    assert duration(seconds) == text


def test_a_look_up_tells_the_decision(store: CaseStore) -> None:
    """One account is answered in CrowdSec's form, with the time that is left."""
    case = open_case(store, 'an"n')
    order(store, case, "suspend", until=moment(4))
    assert look_up(store, "USERNAME", 'an"n') == [{
        "duration": "24h0m0s", "id": 1, "origin": "ringfence", "scenario": "ringfence/suspend",
        "scope": "username", "type": "ban", "value": 'an"n',
    }]  # fmt: skip
    assert look_up(store, "ip", 'an"n') is None
    assert look_up(store, "username", "bob") is None
    assert look_up(store, "username", 'an"n', at=moment(4)) is None, "its time is over"


def test_a_look_up_of_an_address_finds_its_networks(store: CaseStore) -> None:
    """A decision on a network counts for each of its addresses, and for no other one."""
    order(store, open_case(store, "192.0.2.0/24"), "suspend")
    order(store, open_case(store, "192.0.2.7"), "throttle")
    order(store, open_case(store, "2001:db8::/32"), "challenge")
    with store.reading() as connection:
        answers = {
            address: json.loads(decisions_on_address(connection, address, NOW))
            for address in ("192.0.2.7", "192.0.2.8", "192.0.3.7", "2001:DB8::1")
        }
    assert told(answers["192.0.2.7"]) == {("192.0.2.0/24", "ban"), ("192.0.2.7", "throttle")}
    assert told(answers["192.0.2.8"]) == {("192.0.2.0/24", "ban")}
    assert answers["192.0.3.7"] is None
    assert told(answers["2001:DB8::1"]) == {("2001:db8::/32", "captcha")}
    with pytest.raises(ValueError, match="ann"):
        names_of_address("ann")


def test_an_expired_decision_uncovers_the_weaker_one(store: CaseStore) -> None:
    """A decision whose time is over does not hide another one, even before anything ended it."""
    order(store, open_case(store, "ann"), "suspend", until=moment(2))
    order(store, open_case(store, "ann", "bob"), "throttle")
    assert [one["type"] for one in look_up(store, "username", "ann")] == ["throttle"]
    assert told(stream(store)[1]) == {("ann", "throttle"), ("bob", "throttle")}


def test_the_full_stream_tells_everything_in_force(store: CaseStore) -> None:
    """A bouncer that starts is told each account once, and nothing to delete."""
    many = [f"user{number:04}" for number in range(1_203)]
    order(store, open_case(store, *many), "challenge")
    lifted = open_case(store, "eve")
    order(store, lifted, "suspend")
    end(store, lifted)
    order(store, open_case(store, "dan"), "suspend", shadow=True)
    _, new, deleted = stream(store)
    assert [one["value"] for one in new] == many
    assert {one["duration"] for one in new} == {"87600h0m0s"}, "no end is ten years"
    assert deleted == []


def test_an_incremental_stream_tells_changes_only(store: CaseStore) -> None:
    """New, changed and lifted accounts are told once, and then no more."""
    order(store, open_case(store, "old"), "suspend")
    ann, bob = open_case(store, "ann"), open_case(store, "bob")
    order(store, ann, "suspend")
    order(store, bob, "suspend")
    position, *_ = stream(store)
    order(store, ann, "throttle", at=2)
    end(store, bob)
    order(store, open_case(store, "eve"), "challenge", at=2)
    position, new, deleted = stream(store, position)
    assert told(new) == {("ann", "throttle"), ("eve", "captcha")}
    assert told(deleted) == {("ann", "ban"), ("bob", "ban")}
    assert stream(store, position) == (position, [], [])


def test_a_decision_between_two_streams_is_deleted_in_any_case(store: CaseStore) -> None:
    """The first of two streams may have told a decision that is newer than its position."""
    position, *_ = stream(store)
    case = open_case(store, "ann")
    order(store, case, "suspend")
    end(store, case)
    _, new, deleted = stream(store, position)
    assert new == []
    assert told(deleted) == {("ann", "ban")}


def test_a_stream_is_limited_to_scopes(store: CaseStore) -> None:
    """A firewall asks for addresses and networks, and is told no user."""
    for account in ("ann", "192.0.2.7", "192.0.2.0/24"):
        order(store, open_case(store, account), "suspend")
    for since in (None, 0):
        _, new, _ = stream(store, since, scopes=frozenset({"ip", "range"}))
        assert {one["value"] for one in new} == {"192.0.2.7", "192.0.2.0/24"}
