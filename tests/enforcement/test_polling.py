"""OpenID Shared Signals: a receiver polls tokens, acknowledges some, and refuses others."""

from __future__ import annotations

import threading
import time
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import KeySet
from tests.enforcement.acts import end, open_case, order
from tests.enforcement.test_ssf import ISSUER, KEYS

from ringfence.cases import CaseStore
from ringfence.enforcement import deliveries
from ringfence.enforcement.polling import PollRequest, PollStream
from ringfence.enforcement.security_events import Issuer


def stream(store: CaseStore) -> PollStream:
    """Return the stream of a receiver."""
    return PollStream("idp", store, Issuer(ISSUER, "idp", KEYS), longest_wait=10)


def poll(one: PollStream, **content: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON
    """Poll without waiting."""
    return one.answer(PollRequest.from_json({"returnImmediately": True, **content}))


def subjects(answer: dict[str, Any]) -> list[tuple[str, str]]:
    """Return the account and the short name of the event of each token."""
    public = KeySet.import_key_set(KEYS.public())  # type: ignore[arg-type] # a set of its form
    found = []
    for identity, token in answer["sets"].items():
        claims = jwt.decode(token, public, algorithms=["ES256"]).claims
        assert claims["jti"] == identity
        found.append((claims["sub_id"]["sub"], next(iter(claims["events"])).rpartition("/")[2]))
    return found


def test_tokens_are_offered_until_they_are_acknowledged(store: CaseStore) -> None:
    """A poll repeats tokens with the same identity, and the lift follows the suspension."""
    case = open_case(store, "ann")
    one = stream(store)
    assert poll(one) == {"sets": {}, "moreAvailable": False}
    order(store, case, "suspend")
    end(store, case)
    first = poll(one)
    assert subjects(first) == [("ann", "account-disabled"), ("ann", "session-revoked")]
    assert list(poll(stream(store))["sets"]) == list(first["sets"]), "after a restart"
    last = poll(one, ack=list(first["sets"]))
    assert subjects(last) == [("ann", "account-enabled")]
    assert poll(one, ack=list(last["sets"])) == {"sets": {}, "moreAvailable": False}


def test_tokens_can_be_taken_one_by_one(store: CaseStore) -> None:
    """With maxEvents 1 both tokens of a suspension arrive, and 0 only acknowledges."""
    order(store, open_case(store, "ann"), "suspend")
    one, known, seen = stream(store), [], []
    for _ in range(2):
        answer = poll(one, maxEvents=1, ack=known)
        seen += subjects(answer)
        known = list(answer["sets"])
    assert seen == [("ann", "account-disabled"), ("ann", "session-revoked")]
    assert poll(one, maxEvents=0, ack=known) == {"sets": {}, "moreAvailable": False}
    assert poll(stream(store))["sets"] == {}


def test_more_is_said_to_be_available(store: CaseStore) -> None:
    """The receiver learns that a limited answer is not all."""
    order(store, open_case(store, "ann", "bob"), "suspend")
    one = stream(store)
    assert poll(one, maxEvents=1)["moreAvailable"]
    assert not poll(one, maxEvents=4)["moreAvailable"]


def test_a_refused_token_becomes_a_dead_letter(store: CaseStore) -> None:
    """The code of the standard is kept, the words of the receiver are not."""
    order(store, open_case(store, "ann"), "suspend")
    one = stream(store)
    identity = next(iter(poll(one)["sets"]))
    errors = {identity: {"err": "invalid_request", "description": "hunter2"}}
    assert poll(one, setErrs=errors)["sets"] == {}
    with store.reading() as connection:
        (letter,) = deliveries(connection, "dead")
    assert "answers invalid_request" in letter.error
    assert "hunter2" not in letter.error


def test_unknown_identities_change_nothing(store: CaseStore) -> None:
    """An identity that was never given is ignored, also one that only begins like a known one."""
    order(store, open_case(store, "ann"), "suspend")
    one = stream(store)
    found = list(poll(one)["sets"])
    wrong = ["", "x", "'; DROP TABLE outbox; --", found[0] + "x", found[0].partition("-")[0]]
    answer = poll(one, ack=wrong, setErrs={name: {"err": "invalid_request"} for name in wrong})
    assert list(answer["sets"]) == found


def test_a_poll_waits_for_a_token(store: CaseStore) -> None:
    """Without returnImmediately, the answer comes when there is a token."""
    case, one = open_case(store, "ann"), stream(store)
    poll(one)
    later = threading.Timer(0.7, order, (store, case, "challenge"))
    later.start()
    began = time.monotonic()
    answer = one.answer(PollRequest.from_json({}))
    later.join()
    assert subjects(answer) == [("ann", "session-revoked")]
    assert 0.6 < time.monotonic() - began < 9


@pytest.mark.parametrize(
    "content",
    [
        [], None, {"maxEvents": -1}, {"maxEvents": "1"}, {"maxEvents": True}, {"ack": "x"},
        {"ack": [1]}, {"setErrs": []}, {"returnImmediately": 1},
    ],
)  # fmt: skip
def test_a_wrong_request_is_an_error(content: object) -> None:
    """A request of another form is refused as a whole."""
    with pytest.raises(ValueError, match=r"maxEvents|another type|object"):
        PollRequest.from_json(content)


def test_effects_without_a_token_hold_nothing_up(store: CaseStore) -> None:
    """A throttle and its end are passed over, and the suspension after them is offered."""
    case = open_case(store, "ann")
    one = stream(store)
    poll(one)
    order(store, case, "throttle")
    assert poll(one) == {"sets": {}, "moreAvailable": False}
    order(store, case, "suspend", at=2)
    offered = poll(one)
    assert subjects(offered) == [("ann", "account-disabled"), ("ann", "session-revoked")]
    order(store, case, "challenge", at=3)
    offered = poll(one, ack=list(offered["sets"]))
    assert subjects(offered) == [("ann", "account-enabled"), ("ann", "session-revoked")]


def test_an_account_that_was_lifted_counts_as_not_suspended(store: CaseStore) -> None:
    """A receiver that disables it itself after that is not told to enable it."""
    first, second = open_case(store, "ann"), open_case(store, "ann", "bob")
    one = stream(store)
    poll(one)
    order(store, first, "suspend")
    end(store, first)
    order(store, second, "throttle", at=3)
    offered = poll(one)
    offered = poll(one, ack=list(offered["sets"]))
    assert subjects(offered) == [("ann", "account-enabled")]
    assert poll(one, ack=list(offered["sets"])) == {"sets": {}, "moreAvailable": False}


@pytest.mark.parametrize("milder", ["throttle", "challenge"])
def test_an_account_is_enabled_once(store: CaseStore, milder: str) -> None:
    """After the milder decision has enabled it, the end of that one does not enable it again."""
    case = open_case(store, "ann")
    one = stream(store)
    poll(one)
    order(store, case, "suspend")
    order(store, case, milder, at=2)
    end(store, case, at=3)
    told, offered = [], poll(one)
    while offered["sets"]:
        told += [event for _, event in subjects(offered)]
        offered = poll(one, ack=list(offered["sets"]))
    assert told.count("account-enabled") == 1
    assert told.index("account-enabled") > told.index("account-disabled")
