"""The decision about one request: allow, throttle, challenge or deny.

1. An account that a decision suspends is denied, and one that it challenges is challenged.
2. An item that the account has taken before is allowed, and so is a request without an item.
3. An item under a grant is allowed within the budget of the grant.
4. A new item is charged to the allowance of the account, or beyond it to its allowance for copies.
5. If the allowance of the hour or the day is used up, the request is throttled. If that of the
   month is used up, it is denied.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Final, NamedTuple

from ringfence.service.authorize.gateways import GatewayAction
from ringfence.service.authorize.standings import ORDINARY, AccountStanding
from ringfence.service.exposure.account_counters import Use
from ringfence.service.exposure.budget import BUDGET_WINDOWS, BudgetRule, Limits, scaled
from ringfence.service.exposure.keys import hash_pair
from ringfence.service.exposure.state import ExposureState, exceeded

_BEYOND: Final[tuple[GatewayAction, ...]] = ("throttle", "throttle", "deny")
"""The answer if nothing is left of a window."""

_HELD: Final[dict[str, GatewayAction]] = {"suspend": "deny", "challenge": "challenge"}


class GateAnswer(NamedTuple):
    """A decision about one request.

    Attributes:
        action: what the gateway does.
        why: one word: repeat, no-item, new, grant, copy, held, or the window that is used up.
        wait: seconds after which the account may try again; 0 if that is not known.
        use: the counters of the account before this request; None if they were not read.
        limits: its allowance; None if it was not computed.
        shadow: whether the request would have been refused, but is allowed.
    """

    action: GatewayAction
    why: str
    wait: int = 0
    use: Use | None = None
    limits: Limits | None = None
    shadow: bool = False


_REPEAT: Final = GateAnswer("allow", "repeat")
_NO_ITEM: Final = GateAnswer("allow", "no-item")


@dataclass
class Gate:
    """Decides about requests.

    Attributes:
        state: the exposure of all accounts.
        shadow: whether a request beyond the allowance is allowed, and only counted.
        standings: accounts with a standing, by number.
        counts: number of answers by action and reason.
        knows_standings: whether the standings were ever read.
    """

    state: ExposureState
    shadow: bool

    def __post_init__(self) -> None:
        """Begin without standings and with counts of zero."""
        self.standings: dict[int, AccountStanding] = {}
        self.knows_standings = True
        self.counts: Counter[tuple[str, str]] = Counter()

    @property
    def rule(self) -> BudgetRule:
        """The allowance of every account."""
        return self.state.rule

    def answer(self, account: int, item: int, name: str, now: float) -> GateAnswer:
        """Decide about a request for an item, and charge it.

        Args:
            account: number of the account.
            item: number of the item; -1 if the request is for none, 0 if it cannot be read.
            name: of the item, for the patterns of grants.
            now: seconds since 1970.
        """
        found = self._answer(account, item, name, now)
        self.counts[("shadow" if found.shadow else found.action), found.why] += 1
        return found

    def allowance(self, account: int, now: float) -> tuple[Use, Limits]:
        """Return what an account has taken and what it may take."""
        use = self.state.use(account, int(now))
        return use, self._limits(use, self.standings.get(account, ORDINARY), now)

    def _answer(self, account: int, item: int, name: str, now: float) -> GateAnswer:
        standing = self.standings.get(account, ORDINARY)
        if standing is not ORDINARY:
            held = _HELD.get(standing.effect_at(now))
            if held:
                wait = 0 if standing.until == float("inf") else int(standing.until - now) + 1
                return GateAnswer(held, "held", wait)
        if item < 0:
            return _NO_ITEM
        pair = hash_pair(account, item)
        # An unreadable name is never a repeat: otherwise it would be a way around the budget.
        if item and self.state.pairs.has(pair):
            return _REPEAT
        return self._new(account, pair, name, standing, now)

    def _new(
        self, account: int, pair: int, name: str, standing: AccountStanding, now: float
    ) -> GateAnswer:
        use = self.state.use(account, int(now))
        limits = self._limits(use, standing, now)
        beyond = exceeded(use, limits)
        if beyond < 0:
            self.state.charge(account, pair, int(now))
            return GateAnswer("allow", "new", 0, use, limits)
        if self._granted(use, limits, name, standing, now):
            self.state.charge(account, pair, int(now))
            return GateAnswer("allow", "grant", 0, use, limits)
        throttled = standing.effect_at(now) == "throttle"
        if not throttled and use.copied < self.rule.copies(use.devices):
            self.state.charge(account, pair, int(now), copy=True)
            return GateAnswer("allow", "copy", 0, use, limits)
        wait = self.state.accounts.wait(account, beyond, limits[beyond], int(now))
        why = BUDGET_WINDOWS[beyond].name
        if self.shadow and not throttled:
            self.state.charge(account, pair, int(now))
            return GateAnswer("allow", why, wait, use, limits, shadow=True)
        return GateAnswer(_BEYOND[beyond], why, wait, use, limits)

    def _limits(self, use: Use, standing: AccountStanding, now: float) -> Limits:
        limits = self.rule.limits(int(now) - use.first)
        if standing is ORDINARY:
            return limits
        if standing.effect_at(now) == "throttle":
            return scaled(limits, self.rule.throttled)
        return scaled(limits, self.rule.trusted) if standing.trusted else limits

    @staticmethod
    def _granted(
        use: Use, limits: Limits, name: str, standing: AccountStanding, now: float
    ) -> bool:
        grant = standing.grant_for(name, now)
        if grant is None:
            return False
        if grant.budget is None:
            return True
        hour, day, month = (limit + grant.budget for limit in limits)
        return exceeded(use, (hour, day, month)) < 0
