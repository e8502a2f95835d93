"""One small log that the tests of the simulator share, and its lines as a table."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest
from tests.lab.simulate.access_log.sample import LINES, Simulated

from ringfence.lab.simulate import write_access_log


@pytest.fixture(scope="session")
def simulated(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Simulated]:
    """A log of 100,000 lines."""
    path = tmp_path_factory.mktemp("simulated") / "access.log"
    truth = write_access_log(path, lines=LINES)
    with duckdb.connect() as tables:
        tables.execute(
            "CREATE TABLE truth AS SELECT unnest($1::VARCHAR[]) AS login, "
            "unnest($2::VARCHAR[]) AS part",
            [list(truth.parts), list(truth.parts.values())],
        )
        tables.execute(f"CREATE TABLE lines AS {_parsed(path)}")
        tables.execute(
            "CREATE TABLE plays AS SELECT l.*, t.part FROM lines AS l JOIN truth AS t USING (login)"
            " WHERE status = 200 AND track <> ''"
        )
        yield Simulated(path, truth, tables)


def _parsed(path: Path) -> str:
    pattern = (
        r'^(10\.\d+\.\d+\.\d+) - (\S+) \[([^ ]+) \+0000\] "GET (/\S+) HTTP/1\.1" (\d{3}) (\d+) '
        r'"([^"]+)" "([^"]+)"$'
    )
    names = "['ip', 'login', 'time', 'url', 'status', 'bytes', 'referrer', 'agent']"
    return f"""
        WITH matched AS (
            SELECT n, regexp_extract(line, '{pattern}', {names}) AS m
            FROM (SELECT line, row_number() OVER () AS n
                  FROM read_csv('{path}', delim='\x01', quote='', escape='', header=false,
                                auto_detect=false, columns={{'line': 'VARCHAR'}})))
        SELECT n, m.ip, m.login, strptime(m.time, '%d/%b/%Y:%H:%M:%S') AS ts, m.url,
            m.status::INTEGER AS status,
            regexp_extract(m.url, '^/rest/stream\\?id=tr-(\\d+)&u=' || m.login || '&c=', 1) AS track
        FROM matched"""
