"""Rules that look for items that are too coarse, or that merge different things."""

from __future__ import annotations

from ringfence.events import mask_secrets
from ringfence.pipeline.input_facts import InputFacts
from ringfence.pipeline.suspicion import CROWD, MAJORITY, Suspicion
from ringfence.visible import visible


def components_not_counted(facts: InputFacts) -> Suspicion | None:
    """Find learned rules that leave out the pages, lessons or tracks behind an item."""
    parts = facts.components
    if parts is None:
        return None
    example = ""
    if parts.url:
        url = visible(mask_secrets(parts.url), 60)
        example = f" ({url} is read as item {visible(parts.item, 30)})"
    return Suspicion(
        f"The learned rules leave out what follows an item{example}. An item has "
        f"{parts.per_item:,.0f} such parts on average. If each of them is an item, such as a page "
        "or a lesson, an account that takes them all is not seen. `ringfence check` prints a rule "
        "that counts them."
    )


def item_in_many_groups(facts: InputFacts) -> Suspicion | None:
    """Find names of items that mean something else in each group."""
    seen = facts.requests.groups
    if seen.repeated < CROWD or seen.shared <= MAJORITY * seen.repeated:
        return None
    example = f", such as {visible(seen.item, 40)} in {seen.groups:,}" if seen.item else ""
    return Suspicion(
        f"{seen.shared:,} of {seen.repeated:,} sampled items with several uses are in several "
        f"groups{example}. If these are different items with one name, they count as one. Put the "
        "group into the item, as in (?P<item>(?P<group>[0-9]+)/[0-9]+)."
    )
