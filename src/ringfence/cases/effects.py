"""The effect on an account that follows from all decisions in force that hold it.

An account can be held by several decisions, for example by one about itself and one about its ring.
The strongest one counts. When it ends, the strongest of the others is restored.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Literal

Restriction = Literal["throttle", "challenge", "suspend"]
"""The actions that change something for the account; ``observe`` does not."""

STRENGTH: Final[dict[str, int]] = {"throttle": 1, "challenge": 2, "suspend": 3}
"""Restrictions, the weakest first."""


def is_milder(action: str, other: str) -> bool:
    """Return whether an action restricts an account less than another one."""
    return STRENGTH.get(action, 0) < STRENGTH.get(other, 0)


LIFT: Final = "lift"
"""The effect on an account that no decision holds any more."""


@dataclass(frozen=True)
class Hold:
    """One decision in force that holds an account.

    Attributes:
        decision: number of the decision.
        effect: what it does to the account.
        until: when it ends by itself, microseconds since 1970; None for no end.
        ground: the clause of the terms of use that it names.
    """

    decision: int
    effect: Restriction
    until: int | None
    ground: str


def strongest(holds: Iterable[Hold]) -> Hold | None:
    """Return the decision whose effect counts, or None if no decision holds the account.

    Of two equal effects, the one that ends later counts, then the newer decision: so a sink that
    ends an effect by itself does not end it too early.
    """
    return max(holds, key=_weight, default=None)


def _weight(hold: Hold) -> tuple[int, bool, int, int]:
    return STRENGTH[hold.effect], hold.until is None, hold.until or 0, hold.decision
