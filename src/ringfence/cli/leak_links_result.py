"""The results of ``ringfence leak links``, as lines of text and as JSON documents."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from ringfence.leaks.register import (
    AddedLinks,
    LinkFact,
    LinkState,
    RecheckedLinks,
    RegisteredLink,
    RegisterSummary,
)
from ringfence.leaks.register.incoming import StagedLinks

_UNCLEAR_SHOWN = 5
_LONGEST_ANSWER = 40


def added_lines(added: Sequence[tuple[Path, AddedLinks]], new: int) -> list[str]:
    """Return what was added, and what was refused in each file."""
    links = sum(one.links for _, one in added)
    lines = [f"{links:,} links were read. {new:,} are new, {links - new:,} were known or repeated."]
    for path, one in added:
        lines += _refused_lines(path.name, one.staged)
    return lines


def added_document(added: Sequence[tuple[Path, AddedLinks]], new: int) -> dict[str, Any]:
    """Return the same as a document."""
    return {
        "links": sum(one.links for _, one in added),
        "new": new,
        "files": [
            {"file": str(path), "links": one.links, **_refused_document(one.staged)}
            for path, one in added
        ],
    }


def links_lines(found: Sequence[RegisteredLink], most: int) -> list[str]:
    """Return one line per link: state, since when, link."""
    lines = [f"{one.state:<12}  {one.since:%Y-%m-%d}  {one.url}" for one in found[:most]]
    if len(found) > most:
        lines.append("There are more; --most lists more of them.")
    return lines or ["There are no such links."]


def links_document(found: Iterable[RegisteredLink]) -> list[dict[str, str]]:
    """Return the same as a document."""
    return [
        {
            "url": one.url,
            "host": one.host,
            "state": one.state,
            "since": _utc(one.since),
            "found": _utc(one.found),
        }
        for one in found
    ]


def history_lines(history: tuple[LinkState, tuple[LinkFact, ...]]) -> list[str]:
    """Return one line per fact about a link, and its state."""
    state, facts = history
    lines = [
        "  ".join(
            filter(
                None,
                [
                    _utc(one.moment),
                    f"{one.event:<12}",
                    one.source,
                    f"to {one.recipient}" if one.recipient else "",
                ],
            )
        )
        for one in facts
    ]
    return [*lines, f"State: {state}"]


def history_document(history: tuple[LinkState, tuple[LinkFact, ...]]) -> dict[str, Any]:
    """Return the same as a document."""
    state, facts = history
    return {
        "state": state,
        "history": [
            {
                "event": one.event,
                "date": _utc(one.moment),
                "source": one.source,
                "recipient": one.recipient,
            }
            for one in facts
        ],
    }


def facts_lines(found: RecheckedLinks, *, answers: bool) -> list[str]:
    """Return what answers, or a notice, changed, and what was left out."""
    turned = {
        "sent": "sent",
        "acknowledged": "acknowledged",
        "removed": "removed",
        "back again": "back",
        "found": "found",
    }
    counts = [(found.turned(state), name) for name, state in turned.items()]  # type: ignore[arg-type]
    changed = ", ".join(f"{count:,} {name}" for count, name in counts if count)
    facts = found.facts
    lines = [
        f"{facts.links:,} links of the register were named. {facts.added:,} facts are new.",
        f"Changed: {changed or 'nothing'}.",
    ]
    if answers:
        lines.append(f"Still there as before: {found.still_there:,}.")
    if facts.unknown:
        lines.append(f"{facts.unknown:,} links are not in the register: "
                     f"{', '.join(facts.unknown_examples)}")  # fmt: skip
    if found.undated:
        lines.append(f"{found.undated:,} records have no usable date. They do not count.")
    unclear = list(found.unclear.items())
    if unclear:
        shown = ", ".join(
            f"{text[:_LONGEST_ANSWER]!r} ({n:,})" for text, n in unclear[:_UNCLEAR_SHOWN]
        )
        total = sum(found.unclear.values())
        lines.append(f"{total:,} answers say neither there nor removed: {shown}")
    return lines + _refused_lines("", found.staged)


def facts_document(found: RecheckedLinks) -> dict[str, Any]:
    """Return the same as a document."""
    return {
        "links": found.facts.links,
        "new_facts": found.facts.added,
        "changes": [
            {"before": before, "after": after, "links": links}
            for (before, after), links in sorted(found.facts.changes.items())
            if before != after
        ],
        "still_there": found.still_there,
        "unknown": found.facts.unknown,
        "unknown_examples": list(found.facts.unknown_examples),
        "undated": found.undated,
        "unclear": found.unclear,
        **_refused_document(found.staged),
    }


def summary_lines(found: RegisterSummary) -> list[str]:
    """Return the register in numbers."""
    lines = [f"{found.links:,} links, {found.facts:,} facts, {found.stored / 1e6:,.1f} MB."]
    lines += [f"  {state:<12}  {count:>15,}" for state, count in found.states.items()]
    lines.append(f"{found.open_hosts:,} hosts have links that are not removed.")
    return lines + [f"  {count:>15,}  {host}" for host, count in found.largest]


def summary_document(found: RegisterSummary) -> dict[str, Any]:
    """Return the same as a document."""
    return {
        "links": found.links,
        "states": found.states,
        "facts": found.facts,
        "hosts": found.open_hosts,
        "largest_hosts": [{"host": host, "links": links} for host, links in found.largest],
        "bytes": found.stored,
    }


def _refused_lines(name: str, staged: StagedLinks) -> list[str]:
    where = f"{name}: " if name else ""
    lines = [
        f"{where}refused, {one.reason}: {one.count:,}. Example: {one.example}"
        for one in staged.refused
    ]
    return lines + ([f"{where}{staged.unreadable.sentence}"] if staged.unreadable.count else [])


def _refused_document(staged: StagedLinks) -> dict[str, Any]:
    return {
        "refused": [
            {"reason": one.reason, "records": one.count, "example": one.example}
            for one in staged.refused
        ],
        "unreadable": staged.unreadable.count,
    }


def _utc(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}"
