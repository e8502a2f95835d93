"""A columnar source is read once if it is small, and several times if it is large."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tests.ledger.sample import SETTINGS, Click, folded_tables, tables

from ringfence.engine import Statement
from ringfence.engine.engine import Parameters
from ringfence.events import Source, reading
from ringfence.ledger import fold, open_writable

CLICKS: Final = (
    Click(1_700_000_000, "ada", "a/1", "g1", "10.1.2.3", "one", 0.1, "stream", "tv", "token a"),
    Click(1_700_000_010, "ada", "a/1", "g1", "10.1.2.3", "one", 0.7, "stream", "tv", "token a"),
    Click(1_700_000_100, "ada", "b 2", "g2", "10.1.9.9", "two", 200, "download", "phone"),
    Click(1_700_090_000, "zoë", "b 2", "g2", "2001:db8:1::1", None, None, None),
    Click(1_700_090_500, "=cmd()", "<i>", None, None, "one", 5, "stream"),
)
"""Two takes within a double click; accounts with and without address, client and device."""


@pytest.fixture
def log(tmp_path: Path) -> Source:
    """Return the clicks as a Parquet file."""
    columns = dict(zip(Click._fields, zip(*CLICKS, strict=True), strict=True))
    del columns["moment"]
    time = pa.array([1_000_000 * click.moment for click in CLICKS], pa.timestamp("us", "UTC"))
    path = tmp_path / "log.parquet"
    pq.write_table(pa.table({"ts": time} | {k: list(v) for k, v in columns.items()}), path)
    return Source(path, path.name)


def test_a_large_source_is_folded_like_a_small_one(
    log: Source, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Names that are read again give the same tables as names that were stored."""
    small = folded_tables([log])
    monkeypatch.setattr(reading, "FEW_ROWS", len(CLICKS) - 1)
    assert folded_tables([log]) == small
    rows = [len(small[name]) for name in ("accounts", "items", "holdings", "places")]
    assert rows == [3, 3, 4, 3]


@pytest.mark.parametrize(("few", "stored"), [(len(CLICKS), True), (len(CLICKS) - 1, False)])
def test_the_number_of_rows_decides(
    log: Source, monkeypatch: pytest.MonkeyPatch, few: int, stored: bool
) -> None:
    """The rows that the file declares decide whether its names are stored."""
    monkeypatch.setattr(reading, "FEW_ROWS", few)
    ledger = open_writable(None, SETTINGS)
    ran: list[object] = []
    run = ledger.engine.run

    def noted(one: Statement | str, parameters: Parameters | None = None) -> None:
        ran.append(one)
        run(one, parameters)

    monkeypatch.setattr(ledger.engine, "run", noted)
    try:
        ledger.fold(log)
        ledger.compact()
        assert len(tables(ledger)["accounts"]) == 3
    finally:
        ledger.engine.close()
    assert (fold.NAMED_TAKES in ran) is stored
    assert (fold.NAMED_AGAIN in ran) is not stored
