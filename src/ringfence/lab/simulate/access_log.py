"""Render the events of a scenario as the access log of a web server."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import BinaryIO, Final

import numpy as np

from ringfence.engine import Engine, literal, open_engine
from ringfence.errors import OutputError, SettingsError, output_hint
from ringfence.events.formats.source_columns import path_sql
from ringfence.lab.simulate.attributes import CLIENT_NAMES, CRAWLERS, DECLARED
from ringfence.lab.simulate.scenario import ColumnName, Scenario, load_scenario
from ringfence.private_files import new_file
from ringfence.progress import Progress
from ringfence.stats.arrays import Columns
from ringfence.stats.seconds import DAY

LOG_COLUMNS: Final[tuple[ColumnName, ...]] = ("surface", "ip", "client")
"""Optional columns of a scenario that a log needs."""

_APPS: Final = (
    "android", "ios", "desktop", "web", "web", "speaker", "car", "", "", "android", "script",
    "web", "desktop", "", "", "", "", "web", "web", "web", "web", "web", "web", "web", "web",
)  # fmt: skip
"""Name of the app in the requests of each of :data:`CLIENT_NAMES`."""
_SITE: Final = "https://music.example.org/app/"


@dataclass(frozen=True)
class _Noise:
    """Lines that a log has besides one line per event.

    Attributes:
        kind: name of the line's kind.
        share: chance that an event brings such a line.
        first: seconds between the event and the line, at least; negative before the event.
        span: number of different delays.
        status: how the server answers.
    """

    kind: str
    share: float
    first: int
    span: int
    status: int


_NOISE: Final = (
    _Noise("range", 0.02, 1, 14, 206),
    _Noise("asset", 0.02, -5, 6, 200),
    _Noise("failed", 0.006, -3, 3, 503),
    _Noise("again", 0.004, 0, 2, 200),
    _Noise("missing", 0.002, -9, 9, 404),
    _Noise("moved", 0.002, 0, 1, 302),
    _Noise("handshake", 0.000_05, 0, 60, 400),
    _Noise("broken", 0.000_05, 0, 1, 200),
)
"""Further parts of a stream, style sheets and pings, server errors, double clicks, requests for
items that do not exist, redirects, TLS handshakes on the wrong port, lines cut off in the middle.
Assumed. Noise only adds lines: each event stays one line that succeeds."""
_EARLIEST: Final = min(noise.first for noise in _NOISE)
_LATEST: Final = max(noise.first + noise.span for noise in _NOISE)


def write_access_log(folder: Path, path: Path, *, progress: Progress | None = None) -> int:
    """Write the events of a scenario as an access log in the combined format, sorted by time.

    Each event is one line that succeeds. Noise adds about 5 % of lines. The login is the account's
    name; declared crawlers have none. One day is rendered at a time, so memory and disk hold one
    day. The same folder gives the same bytes with the same DuckDB.

    Args:
        folder: what :func:`~ringfence.lab.simulate.write_scenario` wrote, with
            :data:`LOG_COLUMNS` among its columns.
        path: the file to write; an existing one is replaced.
        progress: is told of every day.

    Returns:
        The number of lines.

    Raises:
        SettingsError: the folder has no scenario, its events lack a column, or they have a status.
        OutputError: the file cannot be written.
    """
    scenario = load_scenario(folder / "scenario.toml")
    if missing := [name for name in LOG_COLUMNS if name not in scenario.columns]:
        raise SettingsError(
            f"an access log needs the columns {', '.join(missing)}",
            where=str(folder / "scenario.toml"),
            hint="add them to `columns` and simulate again",
        )
    if "status" in scenario.columns:
        raise SettingsError(
            "an access log shows no failed requests, archives or pages of results",
            where=str(folder / "scenario.toml"),
            hint="read the scenario's Parquet files, which have them",
        )
    progress = progress or Progress()
    progress.begin(scenario.days, lambda: 0.0)
    try:
        with open_engine() as engine, _open_for_writing(path) as out:
            # Lines leave in the order in which they were sorted.
            engine.keep_order()
            _make_tables(engine)
            return sum(_write_days(engine, scenario, folder, out, progress))
    finally:
        progress.end()


def _make_tables(engine: Engine) -> None:
    """Make the tables ``noise`` and ``apps`` that the SQL of the lines reads."""
    ends = np.cumsum([noise.share for noise in _NOISE])
    noise: Columns = {
        "low": np.concatenate([[0.0], ends[:-1]]),
        "high": ends,
        **{name: np.array([getattr(one, name) for one in _NOISE], type_)
           for name, type_ in (("kind", object), ("first", int), ("span", int), ("status", int))},
    }  # fmt: skip
    engine.table("noise", noise)
    crawler = np.zeros(len(CLIENT_NAMES), np.bool_)
    crawler[CRAWLERS] = True
    crawler[DECLARED] = True
    apps: Columns = {
        "client": np.array(CLIENT_NAMES, object),
        "app": np.array(_APPS, object),
        "crawler": crawler,
    }
    engine.table("apps", apps)


def _write_days(
    engine: Engine, scenario: Scenario, folder: Path, out: BinaryIO, progress: Progress
) -> Iterator[int]:
    """Append one day after the other to the log and yield the number of lines of each."""
    events = path_sql(folder / "events", "part-*.parquet")
    midnight = datetime.combine(scenario.start, time(), UTC)
    rendered = engine.scratch / "day.log"
    for number in range(scenario.days):
        progress.step(f"access log, day {number + 1} of {scenario.days}")
        start = midnight + timedelta(days=number)
        select = _select_lines(events, int(start.timestamp()), scenario.seed)
        options = "FORMAT csv, HEADER false, DELIMITER '\x01', QUOTE '', ESCAPE ''"
        ((lines,),) = engine.rows(f"COPY ({select}) TO {literal(str(rendered))} ({options})")
        with rendered.open("rb") as part:
            shutil.copyfileobj(part, out)
        yield lines


def _select_lines(events: str, start: int, seed: int) -> str:
    """Return the SQL of the lines of one day.

    Args:
        events: SQL of the arguments that name the Parquet files.
        start: the day's midnight, in seconds since 1970.
        seed: of the noise.
    """
    end = start + DAY
    return f"""
WITH events AS (
    SELECT epoch(ts)::BIGINT AS moment, account, item, surface, ip, client,
        (hash(ts, account, item, {seed}) >> 1)::BIGINT AS bits, (bits >> 10) / {2.0**53} AS chance
    FROM read_parquet({events})
    WHERE ts >= make_timestamp({(start - _LATEST) * 1_000_000})
        AND ts < make_timestamp({(end - _EARLIEST) * 1_000_000})
), lines AS (
    SELECT *, 'event' AS kind, moment AS second,
        CASE WHEN chance < {_NOISE[0].share} THEN 206 ELSE 200 END AS status
    FROM events
    UNION ALL
    SELECT e.*, n.kind, moment + n.first + bits % n.span, n.status
    FROM events AS e JOIN noise AS n ON e.chance >= n.low AND e.chance < n.high
), day AS (
    SELECT lines.*, app, crawler, CASE WHEN crawler THEN '-' ELSE account END AS login,
        strftime(make_timestamp(second * 1000000), '%d/%b/%Y:%H:%M:%S +0000') AS stamp
    FROM lines JOIN apps USING (client)
    WHERE second >= {start} AND second < {end}
    ORDER BY second, bits, kind
)
SELECT CASE kind
    WHEN 'handshake' THEN concat(ip, ' - - [', stamp, '] "\\x16\\x03\\x01" 400 157 "-" "-"')
    WHEN 'broken' THEN left({_LINE}, 30 + bits % 60)
    ELSE {_LINE} END
FROM day"""  # noqa: S608 - all of it is the project's own


_ASSET: Final = """CASE WHEN crawler THEN '/robots.txt'
    WHEN app = 'web' THEN ['/app/app.css', '/app/app.js', '/favicon.ico'][1 + bits % 3]
    ELSE concat('/rest/ping?u=', login, '&c=', app) END"""
_METHOD: Final = """CASE surface WHEN 'download' THEN 'download' WHEN 'metadata' THEN 'getSong'
    WHEN 'search' THEN 'search3' ELSE 'stream' END"""
_ITEM: Final = """CASE WHEN kind = 'missing' THEN concat('tr-9', 100000000 + bits % 1000000)
    ELSE item END"""
_PATH: Final = f"""CASE WHEN kind = 'asset' THEN {_ASSET}
    WHEN crawler THEN concat('/track/', {_ITEM})
    ELSE concat('/rest/', {_METHOD}, '?id=', {_ITEM}, '&u=', login, '&c=', app) END"""
_BYTES: Final = """CASE WHEN status >= 300 THEN 0
    WHEN kind <> 'asset' AND surface IN ('stream', 'download')
        THEN 1500000 + hash(item) % 9000000
    ELSE 512 END"""
_REFERRER: Final = f"CASE WHEN app = 'web' THEN '{_SITE}' ELSE '-' END"
_LINE: Final = f"""concat(ip, ' - ', login, ' [', stamp, '] "GET ', {_PATH}, ' HTTP/1.1" ',
    status, ' ', {_BYTES}, ' "', {_REFERRER}, '" "', client, '"')"""


@contextmanager
def _open_for_writing(path: Path) -> Iterator[BinaryIO]:
    try:
        with new_file(path) as out:
            yield out
    except OSError as error:
        raise OutputError(
            f"cannot be written: {error.strerror}", where=str(path), hint=output_hint(error)
        ) from error
