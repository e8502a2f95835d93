"""Marked values are read whatever unit and notation a dump has them in."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ringfence.leaks.marks import parse_values


@pytest.mark.parametrize(
    "texts",
    [
        ["215347", "60000"],
        [215_347, 60_000],
        [215_347.0, 60_000.0],
        ["215.347", "60.000"],
        ["215,347", "60,000"],
        ["3:35.347", "1:00"],
        ["0:03:35.347", "00:01:00.000"],
        ["PT3M35.347S", "PT1M"],
        ["2.15347E+5", "6e4"],
    ],
)
def test_one_duration_in_many_notations(texts: list[object]) -> None:
    """Milliseconds, seconds, clock times and ISO durations give the same number."""
    unit = "thousand" if "215,347" in texts or "215.347" in texts else None
    assert parse_values(texts, unit).tolist() == [215_347, 60_000]


def test_the_unit_is_found_from_the_fractions() -> None:
    """If most numbers have a fraction, they are seconds."""
    assert parse_values(["215.347", "60.1", "7"]).tolist() == [215_347, 60_100, 7_000]
    assert parse_values(["215347", "60001.5", "7"]).tolist() == [215_347, 60_002, 7]


@pytest.mark.parametrize("text", ["", None, "nan", "inf", "-5", "1e99", "=1+1", "9" * 400, "١٢٣x"])
def test_what_is_no_value_is_marked_as_unreadable(text: str | None) -> None:
    """Empty, negative, huge and hostile values become -1."""
    assert parse_values([text]).tolist() == [-1]


@given(st.text())
def test_any_text_is_read_without_an_error(text: str) -> None:
    """Whatever a dump has as a value, reading does not fail, and the result is -1 or more."""
    assert parse_values([text])[0] >= -1
