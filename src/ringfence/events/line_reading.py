"""Pair the first lines of a source with the event that is read from each of them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice
from typing import Final

from ringfence.engine import Engine
from ringfence.events.content import numbered_lines
from ringfence.events.formats import FastPath
from ringfence.events.parsed_lines import CARRIED, ParsedLine, create, insert, parsed
from ringfence.events.reading import NO_RECORD, Reading
from ringfence.events.secrets import mask_secrets
from ringfence.model.sample_event import SampleEvent

HEADER: Final = "header"
"""The outcome of a line that names the columns, or is a comment, which is not counted."""


@dataclass(frozen=True)
class LineReading:
    """A line of a source and the event that was read from it.

    Attributes:
        line: line number, from 1.
        text: the line, without secrets.
        event: the take; None if it is none.
        outcome: why it was not a take, or not readable; empty for a take.
    """

    line: int
    text: str
    event: SampleEvent | None
    outcome: str


def read_lines(
    engine: Engine, reading: Reading, wanted: int, keys: Iterable[str] = ()
) -> tuple[LineReading, ...]:
    """Read the first lines of an open source one by one.

    The tolerant parser reads them, and the SQL of all events gives them their meaning.

    Args:
        engine: the engine that opened the source.
        reading: the open source.
        wanted: largest number of lines.
        keys: parameters whose values are keys, beside those with usual names.

    Returns:
        At most ``wanted`` lines in order; none for a format without lines.
    """
    plan = reading.plan
    if plan is None or not plan.form.by_line:
        return ()
    lines = list(parsed(plan.form, islice(numbered_lines(plan.path), wanted)))
    create(engine, "shown_lines")
    insert(engine, "shown_lines", lines)
    typed = plan.select("SELECT * FROM shown_lines", CARRIED)
    rows = engine.rows(
        'SELECT line, outcome, ts, account, item, "group", surface, ip, client, bytes, seconds '  # noqa: S608 - quoted parts
        f"FROM ({typed}) AS typed"
    )
    known = {line: (outcome, values) for line, outcome, *values in rows}
    shown = []
    for one in lines:
        outcome, values = known.get(one.line, (NO_RECORD, ()))
        if outcome == NO_RECORD and _describes(one, plan.opened):
            outcome = HEADER
        event = None if outcome else SampleEvent(*values)
        shown.append(LineReading(one.line, mask_secrets(one.text, keys), event, outcome or ""))
    return tuple(shown)


def _describes(line: ParsedLine, opened: FastPath) -> bool:
    """Return whether a line names the columns, or is a comment."""
    comment = bool(opened.comment) and line.text.startswith(opened.comment.decode())
    return comment or line.line <= opened.header
