"""SQL that reads the times of logs as UTC timestamps."""

from __future__ import annotations

from ringfence.engine import Engine, literal
from ringfence.errors import EngineError, SettingsError
from ringfence.settings import EventSettings

TIME_FORMS = (
    "ISO 8601 (2026-03-09T08:00:00Z, 2026-03-09 08:00:00.123 +01:00, 20260309T080000Z)",
    "seconds, milliseconds, microseconds or nanoseconds since 1970",
    "the Common Log Format (09/Mar/2026:08:00:00 +0100)",
    "RFC 1123 (Mon, 09 Mar 2026 08:00:00 GMT)",
    "digits (20260309080000)",
)
"""The forms of times that :func:`text_time` reads without a setting, in words."""

_DAY = "(19|20)[0-9]{2}[-/][0-9]{1,2}[-/][0-9]{1,2}"
_SECOND = "[0-9]{2}([.,][0-9]+)?"
_CLOCK = f"[0-9]{{1,2}}:[0-9]{{2}}(:{_SECOND})?"
_ZONE = " ?(Z|UTC|GMT|[+-](0[0-9]|1[0-4])(:?[0-5][0-9])?)"
_MONTH = "(Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)"
_LOCAL = f"^{_DAY}([T ]{_CLOCK})?$"
_ZONED = f"^{_DAY}[T ]{_CLOCK}{_ZONE}$"
_COMMON = (
    rf"^\[?[0-9]{{2}}/{_MONTH}/(19|20)[0-9]{{2}}:[0-9]{{2}}:[0-9]{{2}}:{_SECOND}({_ZONE})?\]?$"
)
_NAMED = f"^([A-Z][a-z]{{2}}, )?[0-9]{{1,2}} {_MONTH} (19|20)[0-9]{{2}} {_CLOCK}{_ZONE}$"
_COMPACT = f"^(19|20)[0-9]{{2}}[01][0-9][0-3][0-9]T?[0-2][0-9][0-5][0-9]{_SECOND}({_ZONE})?$"
_MONTHS = "JanFebMarAprMayJunJulAugSepOctNovDec"

# Numbers of this size would be milliseconds after the year 2570.
_LEAST_DIGITS, _MOST_DIGITS = "19000101000000", "20991231235959"


def check_zone(engine: Engine, zone: str) -> None:
    """Check that the engine knows the time zone.

    Raises:
        SettingsError: the engine does not know the zone.
    """
    try:
        engine.rows(f"SELECT to_utc_timestamp(TIMESTAMP '2000-01-01', {literal(zone)})")
    except EngineError as error:
        raise SettingsError(
            f"no time zone is called {zone!r}",
            where="events.time_zone",
            hint="use an IANA name such as Europe/Berlin",
        ) from error


def check_times(engine: Engine, settings: EventSettings) -> None:
    """Check that the engine knows the time zone and the directives of the time format.

    Raises:
        SettingsError: it does not, or the format does not hold a whole date.
    """
    check_zone(engine, settings.time_zone)
    if not settings.time_format:
        return
    form, day = literal(settings.time_format), "TIMESTAMP '2026-03-09 08:00:00'"
    try:
        kept = engine.rows(f"SELECT CAST(strptime(strftime({day}, {form}), {form}) AS DATE)")
    except EngineError as error:
        raise _wrong_form(f"cannot read times: {error.what}") from error
    if str(kept[0][0]) != "2026-03-09":
        raise _wrong_form("does not hold year, month and day")


def text_time(zone: str, column: str = "time", form: str = "") -> str:
    """Return SQL that reads a text column as a UTC timestamp without zone, or NULL.

    It reads the :data:`TIME_FORMS`: ISO 8601 and related notations (``2024-07-01T12:00:00Z``,
    ``2024/07/01 12:00``, ``2024-07-01``, with fractions and offsets), the Common Log Format with
    or without brackets, RFC 1123, fourteen digits, and numbers: seconds, milliseconds,
    microseconds or nanoseconds since 1970, distinguished by their size. Numbers under 1e8 (before
    1973 as seconds) give NULL, because they may be dates such as ``20240701``. ``03/04/2026``
    gives NULL, because day and month may be either.

    Args:
        zone: IANA name of the zone of times that carry none; checked by :func:`check_zone`.
        column: SQL of the text.
        form: strptime directives; with them, only times of that form are read. Checked by
            :func:`check_times`. DuckDB only.
    """
    if form:
        return _formed(zone, column, form)
    dotted = f"REPLACE({column}, ',', '.')"
    # A cast to TIMESTAMP ignores an offset, hence the two branches.
    return (
        f"CASE WHEN REGEXP_MATCHES({column}, '{_ZONED}') "
        f"THEN {_instant(dotted)} "
        f"WHEN REGEXP_MATCHES({column}, '{_LOCAL}') "
        f"THEN {_to_utc(f'TRY_CAST({dotted} AS TIMESTAMP)', zone)} "
        f"WHEN REGEXP_MATCHES({column}, '{_COMMON}') THEN {_common(zone, dotted)} "
        f"WHEN REGEXP_MATCHES({column}, '{_NAMED}') THEN {_instant(_named(dotted))} "
        f"WHEN REGEXP_MATCHES({column}, '{_COMPACT}') THEN {_either(zone, _compact(dotted))} "
        f"ELSE {_since_1970(f'TRY_CAST({column} AS DOUBLE)')} END"
    )


def native_time(column: str, kind: str, zone: str, form: str = "") -> str:
    """Return SQL that reads a column of any type as a UTC timestamp without zone.

    Args:
        column: SQL of the column.
        kind: its type as DuckDB names it.
        zone: zone of times that carry none.
        form: strptime directives of text and numbers, as for :func:`text_time`.
    """
    if kind == "TIMESTAMP WITH TIME ZONE":
        # Same instant as AT TIME ZONE 'UTC' and an order of magnitude faster.
        return f"MAKE_TIMESTAMP(EPOCH_US({column}))"
    if kind.startswith("TIMESTAMP") or kind == "DATE":
        return _to_utc(f"TRY_CAST({column} AS TIMESTAMP)", zone)
    if _is_number(kind) and not form:
        digits = f"CAST(TRY_CAST({column} AS BIGINT) AS VARCHAR)"
        return (
            f"CASE WHEN {column} BETWEEN {_LEAST_DIGITS} AND {_MOST_DIGITS} "
            f"THEN {_to_utc(f'TRY_CAST({_compact(digits)} AS TIMESTAMP)', zone)} "
            f"ELSE {_since_1970(f'CAST({column} AS DOUBLE)')} END"
        )
    return text_time(zone, f"CAST({column} AS VARCHAR)", form)


def _formed(zone: str, column: str, form: str) -> str:
    read = f"TRY_STRPTIME({column}, {literal(form)})"
    directives = form.replace("%%", "")
    if "%z" in directives or "%Z" in directives:
        return f"{read} AT TIME ZONE 'UTC'"
    return _to_utc(read, zone)


def _common(zone: str, column: str) -> str:
    """Return SQL that reads a time of the Common Log Format, whose fields have fixed places."""
    plain = f"REPLACE(REPLACE({column}, '[', ''), ']', '')"
    day = _date(f"SUBSTR({plain}, 8, 4)", f"SUBSTR({plain}, 4, 3)", f"SUBSTR({plain}, 1, 2)")
    return _either(zone, f"CONCAT({day}, ' ', SUBSTR({plain}, 13))")


def _named(column: str) -> str:
    """Return SQL that writes a time of RFC 1123 as ISO 8601."""
    # The weekday, its dot (once a comma) and the space are five characters.
    plain = f"CASE WHEN SUBSTR({column}, 4, 1) = '.' THEN SUBSTR({column}, 6) ELSE {column} END"
    day, month, year, clock, zone = (f"SPLIT_PART({plain}, ' ', {n})" for n in range(1, 6))
    return f"CONCAT({_date(year, month, day)}, ' ', {clock}, {zone})"


def _compact(column: str) -> str:
    """Return SQL that writes a time of fourteen digits, perhaps with a T, as ISO 8601."""
    plain = f"REPLACE({column}, 'T', '')"
    places = ((1, 4, "-"), (5, 2, "-"), (7, 2, " "), (9, 2, ":"), (11, 2, ":"))
    parts = ", ".join(f"SUBSTR({plain}, {at}, {size}), '{sign}'" for at, size, sign in places)
    return f"CONCAT({parts}, SUBSTR({plain}, 13))"


def _date(year: str, month: str, day: str) -> str:
    number = f"CAST((STRPOS('{_MONTHS}', {month}) + 2) / 3 AS INTEGER)"
    return f"CONCAT({year}, '-', {number}, '-', {day})"


def _either(zone: str, text: str) -> str:
    """Return SQL that reads ISO 8601 with or without a zone."""
    local = _to_utc(f"TRY_CAST({text} AS TIMESTAMP)", zone)
    return f"CASE WHEN REGEXP_MATCHES({text}, '{_ZONE}$') THEN {_instant(text)} ELSE {local} END"


def _instant(text: str) -> str:
    joined = f"REPLACE(REPLACE({text}, ' +', '+'), ' -', '-')"
    # The engine knows UTC after a space only. COALESCE evaluates this for the few that need it.
    named = f"REPLACE(REPLACE(REPLACE({text}, 'GMT', 'UTC'), ' UTC', 'UTC'), 'UTC', 'Z')"
    casts = ", ".join(f"TRY_CAST({one} AS TIMESTAMPTZ)" for one in (joined, named))
    return f"COALESCE({casts}) AT TIME ZONE 'UTC'"


def _to_utc(local: str, zone: str) -> str:
    return local if zone == "UTC" else f"TO_UTC_TIMESTAMP({local}, {literal(zone)})"


def _since_1970(number: str) -> str:
    scale = (
        f"CASE WHEN {number} < 1e8 THEN NULL WHEN {number} < 1e11 THEN 1e6 "
        f"WHEN {number} < 1e14 THEN 1e3 WHEN {number} < 1e17 THEN 1e0 "
        f"WHEN {number} < 1e20 THEN 1e-3 END"
    )
    return f"MAKE_TIMESTAMP(TRY_CAST({number} * {scale} AS BIGINT))"


def _wrong_form(what: str) -> SettingsError:
    return SettingsError(
        what,
        where="events.time_format",
        hint="give strptime directives such as %d.%m.%Y %H:%M:%S",
    )


def _is_number(kind: str) -> bool:
    return kind.startswith("DECIMAL") or kind in {
        "TINYINT",
        "SMALLINT",
        "INTEGER",
        "BIGINT",
        "HUGEINT",
        "FLOAT",
        "DOUBLE",
        "UTINYINT",
        "USMALLINT",
        "UINTEGER",
        "UBIGINT",
        "UHUGEINT",
    }
