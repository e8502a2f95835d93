"""The answers to gateways, without a server: statuses, headers, names and failures."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from ringfence.engine import Engine, open_engine
from ringfence.events import items
from ringfence.pseudonym_key import PseudonymKey
from ringfence.service.authorize.application import AuthorizeApplication, Reply
from ringfence.service.authorize.gate import Gate
from ringfence.service.authorize.gateways import GATEWAY_PROFILES
from ringfence.service.authorize.requests import ItemReading, QuestionReader
from ringfence.service.authorize.standings import AccountStanding
from ringfence.service.authorize.tokens import RecentTokens
from ringfence.service.exposure.budget import BudgetRule
from ringfence.service.exposure.keys import name_hash
from ringfence.service.exposure.state import ExposureSize, ExposureState
from ringfence.service.files import ServiceFolder
from ringfence.stats.seconds import DAY

SECRET = bytes(range(32))
RULE = BudgetRule(hour=3, day=5, month=8, growth=0, sync_allowance=0)
NUMBER = name_hash(SECRET)
NOW = 1_800_000_000.0


class Headers(dict[str, str]):
    """Headers as RSGI has them: a value beyond ASCII is there, but cannot be read."""

    def get(self, key: str, default: Any = None) -> Any:  # noqa: ANN401 - as of a dictionary
        """Return a value that can be read."""
        value = super().get(key, default)
        return value if value is None or value.isascii() else default


class Service:
    """Ringfence with a clock that the test sets."""

    def __init__(self, folder: Path, engine: Engine, **changes: Any) -> None:  # noqa: ANN401 - any part
        rule: BudgetRule = changes.pop("rule", RULE)
        self.moment = NOW
        self.state = ExposureState(
            ServiceFolder(folder), SECRET, rule, ExposureSize(10_000, 1_000), int(NOW)
        )
        self.gate = Gate(self.state, changes.pop("shadow", False))
        reading = changes.pop("reading", ItemReading(items.preset("stream")))
        reader = QuestionReader(SECRET, reading, engine, changes.pop("key", None))
        tokens = RecentTokens(changes.pop("check", None))
        self.application = AuthorizeApplication(
            self.gate, reader, tokens, clock=lambda: self.moment, **changes
        )

    def raw(self, path: str, method: str = "GET", **headers: str) -> Reply:
        """Ask with any path and headers."""
        named = Headers({name.replace("_", "-"): value for name, value in headers.items()})
        return self.application.reply(path, method, named)

    def take(self, item: object, account: str = "ann", profile: str = "nginx") -> Reply:
        """Ask as a gateway does."""
        uri = {"x_original_uri": f"/stream/{item}", "x_forwarded_uri": f"/stream/{item}"}
        path = f"/api/v1/authorize/{profile}".rstrip("/")
        return self.raw(path, x_ringfence_account=account, **uri)


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    """Open an engine for long URIs."""
    with open_engine() as opened:
        yield opened


@pytest.fixture
def asked(tmp_path: Path, engine: Engine) -> Callable[..., Service]:
    """Return a function that makes Ringfence with some parts changed."""
    return lambda **changes: Service(tmp_path, engine, **changes)


def header(reply: Reply, name: str) -> str:
    """Return the value of a header, or an empty text."""
    return dict(reply.headers).get(name, "")


STATUSES = {
    "nginx": (403, 401, 403), "envoy": (429, 401, 403), "caddy": (429, 401, 403),
    "traefik": (429, 401, 403), "": (429, 401, 403),
}  # fmt: skip


@pytest.mark.parametrize("profile", GATEWAY_PROFILES)
def test_each_gateway_gets_statuses_that_it_understands(
    asked: Callable[..., Service], profile: str
) -> None:
    """Allow is exactly 200; the other statuses are those of the gateway's profile."""
    service = asked()
    throttle, challenge, deny = STATUSES[profile]
    assert [service.take(n, profile=profile).status for n in range(3)] == [200] * 3
    refused = service.take(3, profile=profile)
    assert (refused.status, header(refused, "x-ringfence-action")) == (throttle, "throttle")
    assert 0 < int(header(refused, "retry-after")) <= 3_600
    assert header(refused, "cache-control") == "no-store"
    service.gate.standings = {
        NUMBER("bob"): AccountStanding("challenge"),
        NUMBER("cal"): AccountStanding("suspend", NOW + 60),
    }
    challenged = service.take(1, "bob", profile)
    assert (challenged.status, header(challenged, "x-ringfence-action")) == (challenge, "challenge")
    assert header(challenged, "www-authenticate")
    denied = service.take(1, "cal", profile)
    assert (denied.status, header(denied, "x-ringfence-action")) == (deny, "deny")
    assert header(denied, "retry-after") == "61"
    service.moment += 60
    assert service.take(1, "cal", profile).status == 200


def test_an_account_is_slowed_and_then_stopped(asked: Callable[..., Service]) -> None:
    """An extractor that waits as it is told gets only its hour, its day and its month."""
    service = asked()
    taken, actions = 0, set()
    for number in range(10_000):
        reply = service.take(number)
        taken += reply.status == 200
        if reply.status != 200:
            actions.add((header(reply, "x-ringfence-action"), header(reply, "x-ringfence-reason")))
            if header(reply, "x-ringfence-action") == "deny":
                break
            service.moment += int(header(reply, "retry-after"))
    assert taken == RULE.month
    assert actions == {("throttle", "hour"), ("throttle", "day"), ("deny", "month")}
    assert 28 * DAY < int(header(reply, "retry-after")) <= 30 * DAY
    assert service.take(0).status == 200
    service.moment += int(header(reply, "retry-after"))
    assert service.take("x").status == 200


def test_the_header_says_what_is_left(asked: Callable[..., Service]) -> None:
    """The fields name each allowance and count down to zero with each new item."""
    service = asked()
    replies = [service.take(number) for number in range(4)]
    left = [header(reply, "ratelimit").split(";")[1] for reply in replies]
    assert left == ["r=2", "r=1", "r=0", "r=0"]
    assert header(replies[3], "ratelimit-policy").split(", ")[2] == (
        '"month";q=8;qu="new-items";w=2592000'
    )
    assert header(service.take(1), "ratelimit") == ""


def test_the_allowance_can_be_asked_for(asked: Callable[..., Service]) -> None:
    """An account can see what it has taken; nothing is charged for that."""
    service = asked()
    service.take(1)
    for _ in range(3):
        reply = service.raw("/api/v1/allowance", x_ringfence_account="ann")
    body = json.loads(reply.body)
    assert body["day"] == {"allowed": 5, "taken": 1, "left": 4}
    assert body["copies"] == {"allowed": 0, "taken": 0}
    assert service.raw("/api/v1/allowance").status == 400
    assert service.raw("/api/v1/allowance", "POST", x_ringfence_account="ann").status == 404


def test_shadow_mode_counts_and_allows(asked: Callable[..., Service]) -> None:
    """In shadow mode everything is allowed, and what would have been refused is counted."""
    service = asked(shadow=True)
    assert [service.take(number).status for number in range(10)] == [200] * 10
    assert service.gate.counts["shadow", "hour"] == 2
    assert service.gate.counts["shadow", "day"] == 3
    assert service.gate.counts["shadow", "month"] == 2
    service.gate.standings = {NUMBER("ann"): AccountStanding("suspend")}
    assert service.take(1).status == 403


def test_copies_are_for_devices(asked: Callable[..., Service]) -> None:
    """Beyond its allowance an account copies 4 items per device, for at most three devices."""
    service = asked(rule=BudgetRule(3, 5, 8, growth=0, sync_allowance=4))
    assert sum(service.take(number).status == 200 for number in range(20)) == 3 + 4
    for device in ("a", "b", "b", "c", "d", "e"):
        headers = {"x_ringfence_account": "ann", "x_ringfence_device": device}
        service.raw("/api/v1/authorize/nginx", **headers)
    assert sum(service.take(number).status == 200 for number in range(100, 140)) == 8
    service.gate.standings = {NUMBER("bob"): AccountStanding("throttle")}
    assert [service.take(number, "bob").status for number in range(3)] == [200, 403, 403]


def test_trust_and_age_raise_the_allowance(asked: Callable[..., Service]) -> None:
    """A cleared account has twice the allowance, and an account of a year half as much again."""
    service = asked(rule=BudgetRule(hour=10, day=100, month=1_000, growth=0.5, sync_allowance=0))
    service.gate.standings = {NUMBER("ann"): AccountStanding(trusted=True)}
    assert sum(service.take(number).status == 200 for number in range(40)) == 20
    service.take("first", "bob")
    service.moment += 370 * DAY
    assert sum(service.take(number, "bob").status == 200 for number in range(40)) == 15
    assert sum(service.take(number, "new").status == 200 for number in range(40)) == 10


def test_requests_without_an_item_are_free(asked: Callable[..., Service]) -> None:
    """Pages, other methods, and requests without an account take nothing."""
    service = asked()
    for number in range(20):
        head = {"x_ringfence_account": "ann"}
        path = "/api/v1/authorize/nginx"
        assert service.raw(path, x_original_uri="/about", **head).status == 200
        assert service.raw(path, **head).status == 200
        posted = {"x_original_uri": f"/stream/{number}", "x_original_method": "POST"}
        assert service.raw(path, **posted, **head).status == 200
        assert service.raw(path, x_original_uri=f"/stream/{number}").status == 200
    assert service.state.use(NUMBER("ann"), int(NOW)).hour == 0
    assert service.gate.counts["allow", "no-account"] == 20


def test_each_profile_reads_its_own_headers(asked: Callable[..., Service]) -> None:
    """A header that a client may have sent does not name the item of another gateway."""
    service = asked()
    for number in range(5):
        reply = service.raw(
            "/api/v1/authorize/nginx", x_ringfence_account="ann", x_ringfence_item="1",
            x_forwarded_uri="/stream/1", x_original_uri=f"/stream/{number}",
        )  # fmt: skip
    assert reply.status == 403


def test_items_that_events_name(asked: Callable[..., Service]) -> None:
    """Without item rules the gateway names the item; without a gateway's name it may do so too."""
    service = asked(reading=ItemReading())
    for profile in ("/nginx", ""):
        path, account = f"/api/v1/authorize{profile}", f"ann{profile}"
        heads = [{"x_ringfence_account": account, "x_ringfence_item": str(n)} for n in range(4)]
        assert [service.raw(path, **head).status == 200 for head in heads] == [True] * 3 + [False]
        assert service.raw(path, **heads[0]).status == 200


def test_long_uris_are_read_by_the_engine(asked: Callable[..., Service]) -> None:
    """A URI beyond the greatest length of Python's expressions has the same item."""
    service = asked()
    assert service.take("7").status == 200
    padded = "7?" + "x" * 5_000
    for number in range(5):
        assert service.take(f"{padded}{number}").headers == [("x-ringfence-action", "allow")]


def test_names_beyond_ascii(asked: Callable[..., Service]) -> None:
    """An unreadable URI is charged each time; an unreadable account is answered as set."""
    service = asked()
    assert [service.take("é").status for _ in range(4)] == [200, 200, 200, 403]
    assert service.take(1, "renée").status == 200
    assert service.gate.counts["allow", "unreadable-account"] == 1


def test_a_failure_is_answered_as_set(
    asked: Callable[..., Service], monkeypatch: pytest.MonkeyPatch
) -> None:
    """If a request cannot be decided, it is allowed or denied by the setting, and counted."""

    def fail(*_: object) -> None:
        raise RuntimeError("broken")

    monkeypatch.setattr(Gate, "answer", fail)
    service = asked(fail_open=True)
    assert service.take(1).status == 200
    service.application.fail_open = False
    assert service.take(1).status == 403
    assert service.gate.counts["deny", "error"] == 1


def test_while_decisions_are_unknown_the_setting_counts(asked: Callable[..., Service]) -> None:
    """After a start without the case store, nobody knows who is suspended: fail-closed denies."""
    service = asked(fail_open=False)
    service.gate.knows_standings = False
    assert service.take(1).status == 403
    assert service.gate.counts["deny", "unknown-decisions"] == 1
    service.application.fail_open = True
    assert [service.take(number).status for number in range(4)] == [200, 200, 200, 403]


def test_a_gateway_needs_a_token_if_there_are_any(asked: Callable[..., Service]) -> None:
    """Only a token with the scope is answered; the check is asked once per second for one token."""
    checked: list[tuple[str, str]] = []

    def check(token: str, scope: str) -> bool:
        checked.append((token, scope))
        return token == "right"  # noqa: S105 - of the test

    service = asked(check=check)
    path, head = "/api/v1/authorize/nginx", {"x_ringfence_account": "ann"}
    assert service.raw(path, **head).status == 403
    wrong, right = ({**head, "x_ringfence_token": token} for token in ("wrong", "right"))
    assert service.raw(path, **wrong).status == 403
    assert [service.raw(path, **right).status for _ in range(9)] == [200] * 9
    assert service.raw("/api/v1/allowance", **head).status == 403
    assert checked == [("wrong", "authorize"), ("right", "authorize")]


def test_pseudonyms(asked: Callable[..., Service]) -> None:
    """With a key for pseudonyms, an account is counted under its pseudonym, as in the ledger."""
    key = PseudonymKey(bytes(range(32)))
    service = asked(key=key)
    service.take(1)
    assert service.state.use(NUMBER(key.pseudonym("ann")), int(NOW)).hour == 1


def test_other_paths(asked: Callable[..., Service]) -> None:
    """The health of the process can be asked for; there is nothing else."""
    service = asked()
    assert service.raw("/healthz").status == 200
    for path in ("/", "/api/v1/authorize/apache", "/api/v1/authorize/", "/api/v1/authorizes"):
        assert service.raw(path).status == 404
