"""Rules that look for signs of a catalogue file with other items or a wrong popularity."""

from __future__ import annotations

from typing import Final

from ringfence.pipeline.input_facts import InputFacts
from ringfence.pipeline.suspicion import CROWD, MAJORITY, NOTABLE, Suspicion

FULL_INDEX: Final = 100
"""The largest value of an index of popularity."""


def catalogue_misses(facts: InputFacts) -> Suspicion | None:
    """Find a catalogue that lists few of the items that were taken."""
    taken, matched = facts.item.items, facts.catalogue.matched
    if not facts.catalogue.listed or not taken or matched >= MAJORITY * taken:
        return None
    return Suspicion(
        f"The catalogue lists {matched:,} of the {taken:,} items that were taken. Its ids may have "
        "another form than those in the logs, so coverage and popularity would be wrong.",
        not matched,
    )


def popularity_index(facts: InputFacts) -> Suspicion | None:
    """Find a popularity that is an index, not a number of uses."""
    known = facts.catalogue
    if known.stated < CROWD:
        return None
    flat = known.mean > NOTABLE * known.highest
    index = known.highest <= 1 or (
        FULL_INDEX / 2 <= known.highest <= FULL_INDEX and flat and known.at_highest > 1
    )
    if index:
        seen = f"The popularity in the catalogue goes up to {known.highest:g}"
        seen += f", which {known.at_highest:,} items have" if known.at_highest > 1 else ""
    elif known.too_low > MAJORITY * known.held:
        seen = f"The popularity of {known.too_low:,} items is below the number of their holders"
    else:
        return None
    return Suspicion(
        f"{seen}. It seems to be an index, not a number of uses. Shares of use would be wrong."
    )
