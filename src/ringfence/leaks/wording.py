"""The result of an assessment in sentences."""

from __future__ import annotations

from typing import Final

from ringfence.leaks.assessment import DumpAssessment, LeakAssessment, LeakedShare
from ringfence.leaks.dumps import UnreadableRecords
from ringfence.leaks.linkage.limits import MOST_LINKED_ITEMS, MOST_LINKED_RECORDS, UNLINKED_SHARE
from ringfence.report.wording import count, p_value, share

OTHER_SOURCES: Final = (
    "No identifier of our own is in it, so the same works may come from another source."
)
"""The limit of a match by titles, or by identifiers that several services use."""


def headline_of(leak: LeakAssessment) -> str:
    """Return the result in one sentence."""
    if not leak.related:
        return (
            "The dump has no relation to the catalogue that differs from chance "
            f"({_p(leak.p_value)})."
        )
    if leak.own_export:
        return (
            "The dump has nearly all items in the catalogue's own order: it looks like your own "
            "export."
        )
    parts = []
    if leak.files.items:
        parts.append(f"files of {_of(leak.files, leak)}")
    if leak.metadata.items:
        parts.append(f"metadata of {_of(leak.metadata, leak)}")
    return f"The dump contains {' and '.join(parts)}."


def spoken_sentence(leak: LeakAssessment) -> str:
    """Return what a spokesperson can say, with its uncertainty, and nothing that is not known."""
    if not leak.related:
        return (
            f"We compared the published data with our catalogue of {count(leak.items)} items and "
            "found no relation beyond chance."
        )
    if leak.own_export:
        return (
            f"The published data lists {_spoken(leak.together, leak.items)} in our own order, as "
            "an export made by us would; we are checking where it comes from."
        )
    parts = []
    if leak.files.items:
        use = f", which have {share(leak.files.use)} of all use" if leak.files.use else ""
        parts.append(f"files of {_spoken(leak.files, leak.items)}{use}")
    if leak.metadata.items:
        parts.append(f"metadata of {_spoken(leak.metadata, leak.items)}")
    said = f"The published data contains {', and '.join(parts)}."
    if leak.newest:
        said += f" The newest item in it dates from {leak.newest.isoformat()}."
    return f"{said} {_basis(leak)}"


def order_sentence(dump: DumpAssessment) -> str:
    """Return how a dump is ordered; empty if its order says nothing."""
    order = dump.order
    if order.as_catalogue:
        return "Its records are in the order of the catalogue file."
    if order.popularity is None:
        return ""
    said = f"rank correlation of position with popularity {order.popularity:.2f}"
    if order.popular_first:
        return f"The most used items come first ({said})."
    if order.popularity > 0.5:
        return f"The least used items come first ({said})."
    return f"It is not ordered by popularity ({said})."


def relation_sentence(dump: DumpAssessment) -> str:
    """Return how sure it is that a dump is related to the catalogue."""
    one = dump.relation
    verdict = "is related" if one.related else "has no relation that differs from chance"
    said = f"This dump {verdict} to the catalogue ({_p(one.p_value)})"
    if not one.related:
        said = f"This dump {verdict} ({_p(one.p_value)})"
    elif not dump.by_own_ids:
        return f"{said}. {OTHER_SOURCES}"
    if one.titles:
        return (
            f"{said}: {count(one.agreeing)} of {count(one.titles)} compared titles agree, "
            f"{count(one.agreeing_by_chance)} by chance."
        )
    return f"{said}."


def linkage_sentence(dump: DumpAssessment) -> str:
    """Return what the linkage did, or how many records it left out; empty if there are none."""
    one = dump.linkage
    if one is None and dump.unlinked:
        records = "record has" if dump.unlinked == 1 else "records have"
        said = f"{count(dump.unlinked)} {records} no listed id."
        if dump.unlinked <= UNLINKED_SHARE * dump.records:
            return (
                f"{said} They are at most 1 % of the dump, and were not compared with the "
                "catalogue by title."
            )
        return (
            f"{said} They were not compared with the catalogue by title, which is done for at "
            f"most {count(MOST_LINKED_RECORDS)} records and {count(MOST_LINKED_ITEMS)} items."
        )
    if one is None:
        return ""
    if not one.linked:
        return f"None of {count(one.records)} records without a listed id fits an item."
    return (
        f"{count(one.linked)} of {count(one.records)} records without a listed id were linked by "
        f"title, artist and duration. Expected wrong links: {one.expected_false:.1f} "
        f"({100 * one.false_rate:.3f} %). Of as many decoys, {count(one.decoys_linked)} were "
        f"linked. Candidates of {count(one.ambiguous)} records were not sure enough."
    )


def unreadable_sentence(dump: DumpAssessment) -> str:
    """Return how many records could not be read, with the first; empty if all could."""
    return UnreadableRecords(dump.unreadable, dump.unreadable_example).sentence


def _of(extent: LeakedShare, leak: LeakAssessment) -> str:
    use = "" if extent.use is None else f", {share(extent.use)} of all use"
    return f"{count(extent.items)} of {count(leak.items)} items ({share(extent.share)}{use})"


def _spoken(extent: LeakedShare, items: int) -> str:
    said = f"{count(extent.items)} of our {count(items)} items ({share(extent.share)})"
    low, high = share(extent.low / items), share(extent.high / items)
    if low == high:
        return said
    return f"{said[:-1]}; between {low} and {high})"


def _basis(leak: LeakAssessment) -> str:
    linked = sum(one.linkage.linked for one in leak.dumps if one.linkage)
    unreadable = sum(one.unreadable for one in leak.dumps)
    said = "Records were matched by their identifiers"
    if linked:
        false = sum(one.linkage.expected_false for one in leak.dumps if one.linkage)
        wrong = "fewer than 1" if false < 1 else f"about {count(round(false))}"
        said += (
            f", and {count(linked)} without one by title, artist and duration "
            f"({wrong} of these may be wrong)"
        )
    said += "."
    if not any(one.relation.related and one.by_own_ids for one in leak.dumps):
        said += f" {OTHER_SOURCES}"
    if unreadable:
        said += f" {count(unreadable)} records could not be read."
    return f"{said} This describes the files that we have seen; others may exist."


def _p(value: float) -> str:
    """Return ``p = 0.03``, or ``p < 10⁻³⁰⁰`` for values that are too small to tell."""
    text = p_value(value)
    return f"p {text}" if text.startswith("<") else f"p = {text}"
