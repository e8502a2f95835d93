"""The context of the evidence tests: the extent of a ledger, and the assumptions about it."""

from __future__ import annotations

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from ringfence.catalogue import Catalogue
from ringfence.engine import Engine, Statement
from ringfence.evidence import Canary, Context, EvidenceTest, built_in_tests
from ringfence.evidence.reference_distributions import Kind
from ringfence.ledger import Ledger
from ringfence.pipeline.arguments import FROM_PROGRAM
from ringfence.settings import Settings
from ringfence.stats.seconds import DAY

EXTENT: Final = Statement(
    "pipeline.extent",
    """
SELECT count(*) AS accounts, min(first) AS first, max(last) AS last,
  CAST(coalesce(sum(uses), 0) AS BIGINT) AS uses
FROM portfolio
""",
)

_MUSIC_PRESETS: Final = frozenset({"subsonic", "stream"})

_USERS: Final[dict[Kind, str]] = {
    "music": "music",
    "library": "a digital library",
    "general": "music (no measured users of this kind; taste is left out)",
}


@dataclass(frozen=True)
class Extent:
    """The extent of a ledger.

    Attributes:
        accounts: number of accounts.
        first: time of the first use, seconds since 1970; None in an empty ledger.
        last: time of the last use.
        uses: number of uses.
    """

    accounts: int
    first: int | None
    last: int | None
    uses: int

    @property
    def period(self) -> tuple[datetime, datetime] | None:
        """Times of the first and last use, UTC; None in an empty ledger."""
        if self.first is None or self.last is None:
            return None
        return datetime.fromtimestamp(self.first, UTC), datetime.fromtimestamp(self.last, UTC)

    @property
    def days(self) -> int:
        """Calendar days from the first use to the last, at least 1."""
        if self.first is None or self.last is None:
            return 1
        return self.last // DAY - self.first // DAY + 1


def measure_extent(engine: Engine) -> Extent:
    """Measure the extent of a ledger, after the evidence steps have run."""
    return Extent(*engine.rows(EXTENT)[0])


def build_context(
    ledger: Ledger, catalogue: Catalogue, extent: Extent, joined: AbstractSet[str] = frozenset()
) -> Context:
    """Return the context that every evidence test receives.

    Args:
        ledger: merged.
        catalogue: all items that could be taken.
        extent: of the ledger.
        joined: event columns that the accounts table adds.
    """
    return Context(
        engine=ledger.engine,
        kind=chosen_kind(ledger),
        accounts=extent.accounts,
        columns=ledger.seen("column") | joined,
        grouped=catalogue.grouped > 0,
        days=extent.days,
    )


def assumptions(
    context: Context, catalogue: Catalogue, settings: Settings, origin: str
) -> tuple[tuple[str, str, str], ...]:
    """Return the assumptions that do not depend on a single source.

    Args:
        context: of the evidence tests.
        catalogue: in use.
        settings: in use.
        origin: where the settings come from.

    Returns:
        (name, value, setting that changes it).
    """
    return (
        ("catalogue", f"{catalogue.items:,} items, {catalogue.note}", "--catalogue FILE"),
        measured_users(context.kind),
        (
            "false accusation rate",
            f"{settings.verdicts.false_accusation_rate:g} per scan",
            "verdicts.false_accusation_rate",
        ),
        ("settings", origin, "settings=" if origin == FROM_PROGRAM else "--config FILE"),
    )


def additional_tests(tests: Sequence[EvidenceTest]) -> tuple[tuple[str, str, str], ...]:
    """Return which tests beyond the built-in ones took part, as an assumption; empty if none."""
    names = [
        test.name for test in tests if test not in built_in_tests() and not isinstance(test, Canary)
    ]
    if not names:
        return ()
    return (("additional evidence tests", ", ".join(names), "tests=, or the installed packages"),)


def measured_users(kind: Kind) -> tuple[str, str, str]:
    """Return with whom accounts are compared, as an assumption."""
    return (
        "users",
        f"compared with measured users of {_USERS[kind]}",
        "verdicts.reference_distribution",
    )


def chosen_kind(ledger: Ledger) -> Kind:
    """Return the kind of measured users to compare with: as set, or the one that fits."""
    chosen = ledger.settings.verdicts.reference_distribution
    if chosen != "auto":
        return chosen
    return reference_kind(ledger.seen("items"), ledger.seen("column"))


def reference_kind(item_presets: AbstractSet[str], columns: AbstractSet[str]) -> Kind:
    """Return the kind of measured users that fits the item rules and columns of the sources.

    Args:
        item_presets: names of the item rules under which the sources were read.
        columns: optional columns that the sources have.
    """
    if "scholarly" in item_presets:
        return "library"
    return "music" if item_presets & _MUSIC_PRESETS or "seconds" in columns else "general"
