"""Parquet: columns by name, times by type, and files that are damaged."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest
import sqlglot
from hypothesis import given
from hypothesis import strategies as st

from ringfence.engine import Engine, literal, open_engine
from ringfence.errors import FormatError
from ringfence.events.formats import RAW_COLUMNS, FastPath
from ringfence.events.formats.parquet import Parquet
from ringfence.settings import EventSettings

at = datetime.fromisoformat
LISTENERS = Path(__file__).parents[4] / "shared" / "data" / "listeners-dev.parquet"
NOON = at("2024-07-01 12:00:00")


@pytest.fixture
def engine() -> Iterator[Engine]:
    """An engine in memory."""
    with open_engine() as engine:
        yield engine


def written(engine: Engine, path: Path, select: str) -> Path:
    """Write what a SELECT gives as a Parquet file."""
    engine.run(f"COPY ({select}) TO {literal(str(path))} (FORMAT parquet)")
    return path


def opened(engine: Engine, path: Path, **changes: object) -> FastPath:
    """Open a Parquet file with these settings."""
    return Parquet().open(engine, path, EventSettings.model_validate(changes))


def times(engine: Engine, tmp_path: Path, time: str, zone: str) -> list[object]:
    """Return what a time column of this SQL comes out as."""
    path = written(engine, tmp_path / "t.parquet", f"SELECT {time} AS ts, 'a' AS user, 1 AS track")
    source = opened(engine, path, time_zone=zone)
    (described,) = engine.rows(
        f"SELECT column_type FROM (DESCRIBE {source.select}) WHERE column_name = 'time'"
    )
    assert described == ("TIMESTAMP",)
    return engine.rows(f"SELECT {source.time} FROM ({source.select})")


def test_gives_exactly_the_raw_columns(engine: Engine, tmp_path: Path) -> None:
    """The SELECT has the raw columns in their order: the time a timestamp, the others text."""
    path = written(
        engine,
        tmp_path / "events.parquet",
        "SELECT TIMESTAMP '2024-07-01 12:00:00' AS ts, 7 AS listener, '-' AS track, "
        "'x' AS artist, 1.5::DOUBLE AS seconds, '' AS ip",
    )
    source = opened(engine, path)
    names = engine.rows(f"SELECT column_name, column_type FROM (DESCRIBE {source.select})")
    kinds = [("time", "TIMESTAMP"), *((name, "VARCHAR") for name in RAW_COLUMNS[1:])]
    assert names == kinds
    assert engine.rows(
        f'SELECT time, login, item, "group", seconds, ip, url FROM ({source.select})'
    ) == [(NOON, "7", None, "x", "1.5", None, None)]
    assert source.present == {"time", "login", "item", "group", "seconds", "ip"}


@pytest.mark.parametrize(
    "time",
    [
        "TIMESTAMPTZ '2024-07-01 14:00:00+02'",
        "1719835200",
        "1719835200::DOUBLE",
        "1719835200::DECIMAL(12, 2)",
        "1719835200000::BIGINT",
        "'2024-07-01T12:00:00Z'",
        "'1719835200'",
    ],
)
@pytest.mark.parametrize("zone", ["UTC", "Europe/Berlin"])
def test_instants_mean_themselves(engine: Engine, tmp_path: Path, time: str, zone: str) -> None:
    """Types that name an instant give it, whatever zone is set and the session has."""
    engine.run("SET TimeZone = 'America/New_York'")
    assert times(engine, tmp_path, time, zone) == [(NOON,)]


@pytest.mark.parametrize(
    ("time", "local"),
    [
        ("TIMESTAMP '2024-07-01 12:00:00'", NOON),
        ("TIMESTAMP_NS '2024-07-01 12:00:00'", NOON),
        ("TIMESTAMP_MS '2024-07-01 12:00:00'", NOON),
        ("DATE '2024-07-01'", at("2024-07-01 00:00:00")),
        ("'2024-07-01 12:00:00'", NOON),
    ],
)
def test_local_times_are_taken_in_the_zone_set(
    engine: Engine, tmp_path: Path, time: str, local: datetime
) -> None:
    """Types without a zone are local times of the zone that is set."""
    assert times(engine, tmp_path, time, "UTC") == [(local,)]
    berlin = times(engine, tmp_path, time, "Europe/Berlin")
    assert berlin == engine.rows(f"SELECT TIMESTAMP '{local}' - INTERVAL 2 HOUR")


def test_what_accounts_carry_is_found_by_name(engine: Engine, tmp_path: Path) -> None:
    """Device and means of payment are text; a sign-up is a time, in the zone set if it has none."""
    path = written(
        engine,
        tmp_path / "events.parquet",
        "SELECT 1 AS ts, 'a' AS user, 2 AS track, 7 AS device_id, '-' AS payment, "
        "TIMESTAMP '2024-07-01 12:00:00' AS signed_up",
    )
    source = opened(engine, path, time_zone="Europe/Berlin")
    assert source.present == {"time", "login", "item", "device", "payment", "signed_up"}
    assert engine.rows(f"SELECT device, payment, {source.signed_up} FROM ({source.select})") == [
        ("7", None, at("2024-07-01 10:00:00"))
    ]


def test_unreadable_times_are_null(engine: Engine, tmp_path: Path) -> None:
    """Text without a time, a time of day and NULL give NULL, not an error."""
    for time in ("'soon'", "TIME '12:00:00'", "NULL::TIMESTAMP", "'nan'::DOUBLE", "TRUE"):
        assert times(engine, tmp_path, time, "UTC") == [(None,)]


def test_missing_columns_are_named(engine: Engine, tmp_path: Path) -> None:
    """The error lists the columns that are there and the setting that maps them."""
    path = written(engine, tmp_path / "e.parquet", "SELECT 1 AS ts, 2 AS who, 3 AS track")
    with pytest.raises(FormatError) as caught:
        opened(engine, path)
    assert "the columns are ts, who, track (name it with events.columns.account" in str(
        caught.value
    )
    assert opened(engine, path, columns={"account": "who"}).present == {"time", "login", "item"}


def test_columns_taken_for_nothing_are_told(engine: Engine, tmp_path: Path) -> None:
    """In the order of the file."""
    path = written(
        engine, tmp_path / "u.parquet", "SELECT 1 AS ts, 'a' AS user, 3 AS track, 4 AS z"
    )
    assert opened(engine, path).unused == ("z",)
    assert opened(engine, path, columns={"item": "z"}).unused == ("track",)


@pytest.mark.parametrize("keep", [4, 0.5, 0.99])
def test_cut_files_are_errors(engine: Engine, tmp_path: Path, keep: float) -> None:
    """A truncated file is refused in one line when it is opened."""
    path = written(
        engine,
        tmp_path / "e.parquet",
        "SELECT i AS ts, i::VARCHAR AS user, i AS track FROM range(10000) AS r(i)",
    )
    data = path.read_bytes()
    path.write_bytes(data[: int(keep * len(data)) if keep < 1 else int(keep)])
    with pytest.raises(FormatError, match="is not a Parquet file that can be read") as caught:
        opened(engine, path)
    assert "\n" not in str(caught.value)
    assert str(path) in str(caught.value)


@pytest.mark.slow
@given(st.binary())
def test_garbage_is_an_error(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    """Whatever stands between the magic bytes, it is a FormatError and nothing else."""
    path = tmp_path_factory.getbasetemp() / "garbage.parquet"
    path.write_bytes(b"PAR1" + data + b"PAR1")
    with open_engine() as engine, pytest.raises(FormatError):
        opened(engine, path)


def test_hostile_column_names_stay_names(engine: Engine, tmp_path: Path) -> None:
    """Quotes and SQL in column names neither break nor change the statement."""
    path = written(
        engine,
        tmp_path / "e.parquet",
        "SELECT 1719835200 AS ts, 'a' AS user, 't' AS \"x\"\" FROM y; --\"",
    )
    source = opened(engine, path, columns={"item": 'x" FROM y; --'})
    assert engine.rows(f"SELECT time, item FROM ({source.select})") == [(NOON, "t")]


def test_typing_renders_for_spark(engine: Engine, tmp_path: Path) -> None:
    """The typing SQL is the bare column, which every engine takes."""
    path = written(engine, tmp_path / "e.parquet", "SELECT 1 AS ts, 'a' AS user, 3 AS track")
    source = opened(engine, path)
    assert sqlglot.transpile(
        f"SELECT {source.time} AS ts FROM raw",
        read="duckdb",
        write="spark",
        unsupported_level=sqlglot.ErrorLevel.RAISE,
    ) == ["SELECT `time` AS ts FROM raw"]


def test_recognises_the_magic_bytes() -> None:
    """The first four bytes decide."""
    assert Parquet().recognises(["PAR1\x15\x04"])
    assert not Parquet().recognises(["ts,PAR1,x"])
    assert not Parquet().recognises([])


@given(st.text())
def test_parse_never_raises_and_reads_nothing(line: str) -> None:
    """There are no lines in Parquet."""
    assert Parquet().parse(line) is None


@pytest.mark.skipif(not LISTENERS.exists(), reason="the listening histories are not here")
def test_reads_real_listening_histories(engine: Engine) -> None:
    """Real histories are recognised by their columns, with every play, person and time."""
    source = opened(engine, LISTENERS)
    assert source.present == {"time", "login", "item", "group", "seconds"}
    assert engine.rows(
        f"SELECT COUNT(time), COUNT(DISTINCT login), COUNT(DISTINCT item) FROM ({source.select})"
    ) == [(1_606_074, 48, 200_422)]
