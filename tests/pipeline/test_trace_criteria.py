"""What a complaint says: times, addresses, spans, and what is refused in one line."""

from __future__ import annotations

from datetime import datetime

import pytest

from ringfence.errors import TraceError
from ringfence.pipeline.tracing.criteria import read_criteria, span_text


@pytest.mark.parametrize(
    ("text", "first", "assumed"),
    [
        ("2026-03-09T08:02:00+01:00", "2026-03-09T07:02:00", False),
        ("2026-03-09T08:02:00Z", "2026-03-09T08:02:00", False),
        ("2026-03-09 08:02", "2026-03-09T08:02:00", True),
        ("20260309T080200", "2026-03-09T08:02:00", True),
        (" 2026-03-09T00:30:00+02:00 ", "2026-03-08T22:30:00", False),
    ],
)
def test_a_time_is_understood_in_utc(text: str, first: str, assumed: bool) -> None:
    """A zone is applied, and a missing one is marked as assumed."""
    time = read_criteria(None, None, text, None).time
    assert time
    assert (time.first.isoformat(), time.last, time.assumed_utc) == (first, time.first, assumed)


def test_a_date_is_a_whole_day() -> None:
    """A date begins and ends with its day, and is not widened unless a span is given."""
    said = read_criteria(None, None, "2026-03-09", None)
    assert said.time
    assert said.time.is_day
    first, last = said.window(said.within)
    assert (first, last.date(), last.hour) == (
        datetime.fromisoformat("2026-03-09"),
        first.date(),
        23,
    )
    assert read_criteria(None, None, "2026-03-09", "1d").within == 86_400


@pytest.mark.parametrize(
    ("text", "seconds"), [(None, 600), ("90s", 90), ("10m", 600), ("2 h", 7_200), ("1d", 86_400)]
)
def test_spans(text: str | None, seconds: int) -> None:
    """A span is a number and a unit; without one it is ten minutes."""
    assert read_criteria(None, None, "2026-03-09T08:02:00Z", text).within == seconds


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(60, "1 minute"), (90, "90 seconds"), (7_200, "2 hours"), (86_400, "1 day"), (1, "1 second")],
)
def test_spans_in_words(seconds: int, text: str) -> None:
    """A span is written in the largest unit that fits it exactly."""
    assert span_text(seconds) == text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("203.0.113.7/24", "203.0.113.0/24"),
        ("[2001:DB8::1]", "2001:db8::1"),
        ("::ffff:203.0.113.7", "203.0.113.7"),
        ("::ffff:203.0.113.0/120", "203.0.113.0/24"),
        ("::/0", "::/0"),
    ],
)
def test_addresses(text: str, shown: str) -> None:
    """An address has one spelling, and bits beyond a prefix are cut."""
    assert read_criteria(None, text, None, None).address_text == shown


@pytest.mark.parametrize(
    ("item", "address", "time", "within", "where"),
    [
        (None, None, None, None, "nothing to search for"),
        ("", " ", "", None, "--address"),
        (None, "example.org", None, None, "--address"),
        (None, "203.0.113.7/33", None, None, "--address"),
        (None, None, "yesterday", None, "--time"),
        (None, None, "2026-02-30", None, "--time"),
        (None, None, "0001-01-01T00:00:00+14:00", None, "--time"),
        (None, None, "1969-12-31T23:59:59Z", None, "--time"),
        ("x", None, None, "10", "--within"),
        ("x", None, None, "-1m", "--within"),
        ("x", None, None, "400d", "--within"),
        ("x\0y", None, None, None, "--item"),
        ("x\udcff", None, None, None, "--item"),
    ],
)
def test_what_cannot_be_understood_is_one_line(
    item: str | None, address: str | None, time: str | None, within: str | None, where: str
) -> None:
    """The error names the option, says what is wrong, and has a hint."""
    with pytest.raises(TraceError) as refused:
        read_criteria(item, address, time, within)
    text = str(refused.value)
    assert text.startswith(where)
    assert text.endswith(")")
    assert "\n" not in text
    assert text.isprintable()
