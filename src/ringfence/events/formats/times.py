"""SQL that reads the times of logs as UTC timestamps."""

from __future__ import annotations

from ringfence.engine import Engine, literal
from ringfence.errors import EngineError, SettingsError

_DAY = "(19|20)[0-9]{2}[-/][0-9]{1,2}[-/][0-9]{1,2}"
_CLOCK = "[T ][0-9]{1,2}:[0-9]{2}(:[0-9]{2}([.,][0-9]+)?)?"
_ZONE = " ?(Z|UTC|GMT|[+-](0[0-9]|1[0-4])(:?[0-5][0-9])?)"
_LOCAL = f"^{_DAY}({_CLOCK})?$"
_ZONED = f"^{_DAY}{_CLOCK}{_ZONE}$"


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


def text_time(zone: str, column: str = "time") -> str:
    """Return SQL that reads a text column as a UTC timestamp without zone, or NULL.

    It reads ISO 8601 and related notations (``2024-07-01T12:00:00Z``, ``2024/07/01 12:00``,
    ``2024-07-01``, with fractions and offsets) and numbers: seconds, milliseconds, microseconds or
    nanoseconds since 1970, distinguished by their size. Numbers under 1e8 (before 1973 as seconds)
    give NULL, because they may be dates such as ``20240701``.

    Args:
        zone: IANA name of the zone of times that carry none; checked by :func:`check_zone`.
        column: SQL of the text.
    """
    dotted = f"REPLACE({column}, ',', '.')"
    joined = f"REPLACE(REPLACE({dotted}, ' +', '+'), ' -', '-')"
    # A cast to TIMESTAMP ignores an offset, hence the two branches.
    return (
        f"CASE WHEN REGEXP_MATCHES({column}, '{_ZONED}') "
        f"THEN TRY_CAST({joined} AS TIMESTAMPTZ) AT TIME ZONE 'UTC' "
        f"WHEN REGEXP_MATCHES({column}, '{_LOCAL}') "
        f"THEN {_to_utc(f'TRY_CAST({dotted} AS TIMESTAMP)', zone)} "
        f"ELSE {_since_1970(f'TRY_CAST({column} AS DOUBLE)')} END"
    )


def native_time(column: str, kind: str, zone: str) -> str:
    """Return SQL that reads a column of any type as a UTC timestamp without zone.

    Args:
        column: SQL of the column.
        kind: its type as DuckDB names it.
        zone: zone of times that carry none.
    """
    if kind == "TIMESTAMP WITH TIME ZONE":
        # Same instant as AT TIME ZONE 'UTC' and an order of magnitude faster.
        return f"MAKE_TIMESTAMP(EPOCH_US({column}))"
    if kind.startswith("TIMESTAMP") or kind == "DATE":
        return _to_utc(f"CAST({column} AS TIMESTAMP)", zone)
    if _is_number(kind):
        return _since_1970(f"CAST({column} AS DOUBLE)")
    return text_time(zone, f"CAST({column} AS VARCHAR)")


def _to_utc(local: str, zone: str) -> str:
    return local if zone == "UTC" else f"TO_UTC_TIMESTAMP({local}, {literal(zone)})"


def _since_1970(number: str) -> str:
    scale = (
        f"CASE WHEN {number} < 1e8 THEN NULL WHEN {number} < 1e11 THEN 1e6 "
        f"WHEN {number} < 1e14 THEN 1e3 WHEN {number} < 1e17 THEN 1e0 "
        f"WHEN {number} < 1e20 THEN 1e-3 END"
    )
    return f"MAKE_TIMESTAMP(CAST({number} * {scale} AS BIGINT))"


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
