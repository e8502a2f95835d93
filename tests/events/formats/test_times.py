"""Times of every form, by text_time, native_time and the time format of the settings."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ringfence.engine import Engine, open_engine
from ringfence.errors import SettingsError
from ringfence.events.formats.times import TIME_FORMS, check_times, native_time, text_time
from ringfence.settings import EventSettings, Settings


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    """An engine for all of these tests; none of them writes to it."""
    with open_engine() as engine:
        yield engine


def typed(engine: Engine, text: str, zone: str = "UTC", form: str = "") -> str | None:
    """Read one text; the time as ISO text, or None."""
    sql = f"SELECT {text_time(zone, 'v', form)} FROM (SELECT $v AS v)"
    found = engine.rows(sql, {"v": text})[0][0]
    return None if found is None else str(found)


EIGHT = "2026-03-09 08:00:00"
SEVEN = "2026-03-09 07:00:00"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-03-09T08:00:00Z", EIGHT),
        ("2026-03-09T08:00:00 GMT", EIGHT),
        ("2026-03-09T08:00:00UTC", EIGHT),
        ("2026/03/09 08:00", EIGHT),
        ("2026-03-09 08:00:00,250 +0100", SEVEN + ".250000"),
        ("2026-03-09T08:00:00.123456789Z", EIGHT + ".123456"),
        ("09/Mar/2026:08:00:00 +0100", SEVEN),
        ("[09/Mar/2026:08:00:00 +0100]", SEVEN),
        ("[09/Mar/2026:08:00:00.250 -0530]", "2026-03-09 13:30:00.250000"),
        ("09/Mar/2026:08:00:00,250 +01:00", SEVEN + ".250000"),
        ("09/Mar/2026:08:00:00", EIGHT),
        ("09/Dec/2025:08:00:00 +0000", "2025-12-09 08:00:00"),
        ("Mon, 09 Mar 2026 08:00:00 GMT", EIGHT),
        ("9 Mar 2026 08:00:00 +0100", SEVEN),
        ("20260309T080000Z", EIGHT),
        ("20260309T080000.250+0100", SEVEN + ".250000"),
        ("20260309080000", EIGHT),
        ("1773043200", EIGHT),
        ("1773043200.25", EIGHT + ".250000"),
        ("1773043200250", EIGHT + ".250000"),
        ("1773043200250000", EIGHT + ".250000"),
        ("1773043200000000000", EIGHT),
    ],
)
def test_reads_every_usual_form(engine: Engine, text: str, expected: str) -> None:
    """Each form gives the instant that it names, in UTC."""
    assert typed(engine, text) == expected


@pytest.mark.parametrize("text", ["2026-03-09 08:00", "09/Mar/2026:08:00:00", "20260309080000"])
def test_a_time_without_a_zone_is_local(engine: Engine, text: str) -> None:
    """The zone of the settings counts where the text names none."""
    assert typed(engine, text, "Europe/Paris") == SEVEN
    assert typed(engine, text + " +0000", "Europe/Paris") == EIGHT


@pytest.mark.parametrize(
    "text",
    [
        "03/04/2026", "03/04/2026 08:00", "09.03.2026 08:00:00", "08:00:00", "Mar 9 08:00:00",
        "31/Feb/2026:08:00:00 +0000", "99/Mar/2026:08:00:00", "09/Mrz/2026:08:00:00 +0000",
        "09/Mar/2026", "Mon, 09 Mar 2026 08:00:00 PST", "20260309", "20260309T080000X", "",
        "nan", "inf", "-inf", "1e300", "-1", "9" * 400, "'; DROP TABLE events; --", "\x00",
    ],
)  # fmt: skip
def test_what_may_be_two_times_or_none_is_null(engine: Engine, text: str) -> None:
    """An ambiguous, impossible or huge value is NULL, and never an error of the engine."""
    assert typed(engine, text) is None


@pytest.mark.slow
@given(st.text(alphabet="0123456789/:-+TZGMT .,[]MarJan") | st.floats().map(str))
def test_no_text_is_an_error(engine: Engine, text: str) -> None:
    """Whatever the column holds, the SQL gives a time or NULL."""
    for form in ("", "%d.%m.%Y %H:%M", "%Y%m%d%H%M%S%z"):
        typed(engine, text, "Europe/Paris", form)


ZONES = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))


@pytest.mark.slow
@pytest.mark.parametrize(
    "form",
    ["%Y-%m-%dT%H:%M:%S%z", "%d/%b/%Y:%H:%M:%S %z", "%d %b %Y %H:%M:%S %z", "%Y%m%dT%H%M%S%z"],
)
@given(moment=st.datetimes(datetime(1975, 1, 1), datetime(2037, 1, 1), timezones=ZONES))  # noqa: DTZ001
def test_forms_agree(engine: Engine, form: str, moment: datetime) -> None:
    """One instant written in each form with any offset is read as that instant."""
    whole = moment.replace(microsecond=0)
    expected = whole.astimezone(UTC).replace(tzinfo=None)
    assert typed(engine, whole.strftime(form)) == str(expected)


@pytest.mark.parametrize(
    ("form", "text", "expected"),
    [
        ("%d.%m.%Y %H:%M:%S", "09.03.2026 08:00:00", SEVEN),
        ("%m/%d/%Y %I:%M %p", "03/09/2026 08:00 AM", SEVEN),
        ("%d/%m/%Y", "09/03/2026", "2026-03-08 23:00:00"),
        ("%Y-%d-%m", "2026-09-03", "2026-03-08 23:00:00"),
        ("%d.%m.%Y %H:%M:%S %z", "09.03.2026 08:00:00 +0000", EIGHT),
        ("%d.%m.%Y %H:%M:%S", "2026-03-09T08:00:00Z", None),
        ("%d.%m.%Y %H:%M:%S", "31.02.2026 08:00:00", None),
    ],
)
def test_a_time_format_is_the_only_form(
    engine: Engine, form: str, text: str, expected: str | None
) -> None:
    """With a time format nothing else is read, so that day and month are never mixed."""
    assert typed(engine, text, "Europe/Paris", form) == expected


@pytest.mark.parametrize("form", ["%q", "%", "%H:%M:%S", "%d.%m.", "no directive", "%s"])
def test_a_time_format_that_cannot_be_used_is_refused(form: str) -> None:
    """Unknown directives, and directives that hold no date, are refused when they are set."""
    with pytest.raises(SettingsError, match=r"events\.time_format") as caught:
        Settings.model_validate({"events": {"time_format": form}})
    assert "\n" not in str(caught.value)


def test_the_engine_is_asked_too(engine: Engine) -> None:
    """A directive of Python's alone is refused before anything is read."""
    settings = EventSettings.model_construct(time_zone="UTC", time_format="%Y %q")
    with pytest.raises(SettingsError, match=r"events\.time_format"):
        check_times(engine, settings)
    partial = EventSettings.model_construct(time_zone="UTC", time_format="%H:%M")
    with pytest.raises(SettingsError, match="does not hold year, month and day"):
        check_times(engine, partial)


KINDS = ["BIGINT", "UBIGINT", "HUGEINT", "DOUBLE", "DECIMAL(38,3)", "VARCHAR"]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("number", [20260309080000, 1773043200, 1773043200000, 1773043200000000])
def test_numbers_of_any_type_are_times(engine: Engine, kind: str, number: int) -> None:
    """A number means the same as text and in every numeric type."""
    sql = native_time("v", kind, "UTC")
    assert (
        str(engine.rows(f"SELECT {sql} FROM (SELECT CAST({number} AS {kind}) AS v)")[0][0]) == EIGHT
    )


@pytest.mark.parametrize("kind", KINDS[:-1])
@pytest.mark.parametrize(
    "number", ["nan", "inf", "-1", "99999999999999999999", "9223372036854775807"]
)
def test_numbers_that_overflow_are_no_error(engine: Engine, kind: str, number: str) -> None:
    """A number that no time fits gives NULL or a far time, and never an error of the engine."""
    sql = native_time("v", kind, "Europe/Paris")
    engine.rows(f"SELECT {sql} FROM (SELECT TRY_CAST('{number}' AS {kind}) AS v)")


def test_digits_in_a_form_of_their_own(engine: Engine) -> None:
    """A numeric column is read by the time format as its digits."""
    sql = native_time("v", "INTEGER", "UTC", "%Y%m%d")
    assert (
        str(engine.rows(f"SELECT {sql} FROM (SELECT 20260309 AS v)")[0][0]) == "2026-03-09 00:00:00"
    )


def test_forms_are_named_with_examples_that_are_read(engine: Engine) -> None:
    """Every example in brackets is read as it says."""
    examples = [
        e
        for form in TIME_FORMS[:1] + TIME_FORMS[4:]
        for e in form.partition("(")[2][:-1].split(", ")
    ]
    assert all(typed(engine, example) for example in examples)
    assert typed(engine, "Mon, 09 Mar 2026 08:00:00 GMT")
