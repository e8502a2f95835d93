"""The result of an attribution: sources, and the items of the dump that they do not explain."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any, Literal

from ringfence.leaks.attribution.order import ListedOrder
from ringfence.leaks.attribution.rarity import Overlaps
from ringfence.leaks.attribution.variation import Variation
from ringfence.leaks.dumps import UnreadableRecords


@dataclass(frozen=True)
class RareItems:
    """The rarer items of a candidate, by which it was judged.

    Attributes:
        most: other holders that each has at most.
        leaked: number of them in the dump.
        expected: the same by chance.
    """

    most: int
    leaked: int
    expected: float

    @classmethod
    def of(cls, overlaps: Overlaps, row: int) -> RareItems | None:
        """Return those of one candidate; None if all its items were compared.

        Args:
            overlaps: of all candidates.
            row: the place of the candidate.
        """
        if overlaps.most is None:
            return None
        return cls(overlaps.most, int(overlaps.leaked[row]), float(overlaps.expected[row]))

    @property
    def sentence(self) -> str:
        """One sentence with the numbers, for a reviewer."""
        return (
            f"Of its items with at most {self.most} other holders, the copy has {self.leaked:,}; "
            f"{self.expected:,.1f} are expected."
        )


@dataclass(frozen=True)
class LeakSource:
    """An account or ring through which a dump left.

    Attributes:
        kind: ``account`` or ``ring``.
        name: of the account, or id of the ring.
        accounts: the account, or the members of the ring.
        items: number of items held when the dump was published.
        uses: number of their uses.
        leaked: number of these in the dump.
        expected: the same by chance.
        rare: the rarer items alone, if they are more unusual than all of them.
        credited: number of them that no account named before holds.
        log_p: ln of the p-value.
        order: how the dump lists its items.
        first: time of its first take, UTC.
        last: time of its last first take of an item, UTC.
    """

    kind: Literal["account", "ring"]
    name: str
    accounts: tuple[str, ...]
    items: int
    uses: int
    leaked: int
    expected: float
    rare: RareItems | None
    credited: int
    log_p: float
    order: ListedOrder
    first: datetime
    last: datetime

    @property
    def p_value(self) -> float:
        """Chance that an account that took no part holds at least as much of the dump."""
        return math.exp(self.log_p)

    @property
    def sentence(self) -> str:
        """One or two sentences with the numbers, for a reviewer."""
        text = (
            f"A published copy has {self.leaked:,} of its {self.items:,} items; "
            f"{self.expected:,.1f} are expected by chance."
        )
        if self.rare:
            text += f" {self.rare.sentence}"
        if self.credited < self.leaked:
            text += f" {self.credited:,} of them no account named before it holds."
        if self.order.order_p <= 0.05:
            text += " The copy lists them in the order in which they were taken."
        if self.order.dates_p <= 0.05:
            text += (
                f" {self.order.same_day:,} have a date within a day of the time of taking, "
                f"{self.order.same_day_expected:,.1f} by chance."
            )
        return text

    def to_json(self) -> dict[str, Any]:
        """Return the source as an object for ``json.dumps``."""
        return {
            "kind": self.kind,
            "id": self.name,
            "accounts": list(self.accounts),
            "items": self.items,
            "leaked": self.leaked,
            "expected": round(self.expected, 3),
            "rare": self.rare and asdict(self.rare),
            "credited": self.credited,
            "p_value": self.p_value,
            "sentence": self.sentence,
        }


@dataclass(frozen=True)
class Attribution:
    """The accounts and rings through which a dump left.

    Attributes:
        sources: most certain first.
        items: number of distinct items of the dump.
        unknown: number of them that neither catalogue nor ledger knows.
        unheld: number of known ones that no account of the ledger holds.
        catalogue: number of items of catalogue and ledger.
        explained: number of items that a named account or ring holds; each counts once.
        candidates: number of accounts and rings that were compared.
        rate: the chance that any of them is named that took no part is at most this.
        sample: 1 of this many items was compared.
        variation: how much more accounts vary than the items' groups explain.
        group_shape: shape of the variation between groups; large is none.
        has_catalogue: whether a catalogue was given.
        unreadable: records of the dump that could not be read.
    """

    sources: tuple[LeakSource, ...]
    items: int
    unknown: int
    unheld: int
    catalogue: int
    explained: int
    candidates: int
    rate: float
    sample: int
    variation: Variation
    group_shape: float
    has_catalogue: bool
    unreadable: UnreadableRecords = field(default_factory=UnreadableRecords)

    @property
    def accounts(self) -> tuple[str, ...]:
        """The named accounts, without members of rings that are not named themselves."""
        return tuple(one.name for one in self.sources if one.kind == "account")

    @property
    def notes(self) -> tuple[str, ...]:
        """The limits of the result, in sentences."""
        notes = []
        if not self.has_catalogue:
            notes.append(
                "Without a catalogue, items that only one account holds say nothing. Give one with "
                "--catalogue to name more accounts."
            )
        if self.sample > 1:
            notes.append(
                f"1 of {self.sample:,} items was compared, so an account needs about "
                f"{self.sample:,} times as many items in the dump to be named."
            )
        if not self.variation.is_known:
            notes.append(
                "Accounts differ too much in what they hold of the dump to tell any of them from "
                "the others, so none is named."
            )
        if self.unknown:
            notes.append(f"{self.unknown:,} items of the dump are in neither catalogue nor ledger.")
        if self.unreadable.count:
            notes.append(self.unreadable.sentence)
        return tuple(notes)

    def to_json(self) -> dict[str, Any]:
        """Return the result as an object for ``json.dumps``."""
        return {
            "sources": [one.to_json() for one in self.sources],
            "items": self.items,
            "explained": self.explained,
            "held_by_others_only": self.items - self.explained - self.unheld - self.unknown,
            "held_by_nobody": self.unheld,
            "unknown": self.unknown,
            "unreadable": self.unreadable.count,
            "candidates": self.candidates,
            "false_accusation_rate": self.rate,
            "sample": self.sample,
            "variation": self.variation.to_json(),
            "notes": list(self.notes),
        }
