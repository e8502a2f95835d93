"""Rejected lines take memory by the block, and no error of the engine costs a whole source."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from benchmarks.faults.rejected import KINDS, write_log
from tests.peak_memory import LINUX_ONLY, forget_peak, peak_memory

from ringfence.engine import Statement
from ringfence.engine.duckdb import DuckDBEngine
from ringfence.engine.engine import Parameters
from ringfence.errors import EngineError, EngineFault, SourceError
from ringfence.events import Source
from ringfence.ledger import open_writable
from ringfence.settings import Settings

_GOOD = '192.0.2.1 - u{0} [01/Jun/2025:10:00:00 +0000] "GET /stream/{0} HTTP/1.1" 200 12 "-" "x"'


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_each_line_counts_beside_many_that_are_rejected(tmp_path: Path, kind: str) -> None:
    """All good lines are takes, and all others are quarantined, more than are ever listed."""
    log = write_log(tmp_path, kind, good=1_200, bad=3_000, size=30)
    ledger = open_writable(None, Settings())
    try:
        lines = ledger.fold(Source(log.path, log.path.name)).lines
    finally:
        ledger.engine.close()
    assert (lines.takes, lines.quarantined) == (1_200, 3_000)
    assert "line-not-read" not in lines.quarantine


@pytest.mark.slow
@LINUX_ONLY
def test_memory_does_not_grow_with_rejected_lines(read: Callable[..., Any]) -> None:
    """Of 60,000 rejected lines, the engine never holds more than those of a block."""
    good = "".join(_GOOD.format(number) + "\n" for number in range(100)).encode()
    read(good + b"x\n" * 3_000)
    forget_peak()
    before = peak_memory()
    out = read(good + b"x\n" * 60_000 + good)
    grown = peak_memory() - before
    assert out.counts == {"not-a-record": 60_000}
    assert len(out.takes) == 200
    assert grown < 100  # 600 if all are listed


@pytest.mark.parametrize("part", ["", "clean.log"])
def test_an_error_of_the_engine_costs_no_source(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, part: str
) -> None:
    """The tolerant path reads a file on which the engine's reader fails, whole or without lines."""
    _fail(monkeypatch, "other", ("access.log", part) if part else ("access.log",))
    log = tmp_path / "access.log"
    log.write_text("".join(_GOOD.format(number) + "\n" for number in range(50)) + "x\n")
    ledger = open_writable(None, Settings())
    try:
        folded = ledger.fold(Source(log, log.name), samples=3)
    finally:
        ledger.engine.close()
    assert (folded.lines.takes, folded.lines.quarantine) == (50, {"not-a-record": 1})


@pytest.mark.parametrize("fault", ["memory", "disk"])
def test_lack_of_memory_or_disk_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fault: EngineFault
) -> None:
    """Such an error is no fault of a line, and its own hint is shown."""
    _fail(monkeypatch, fault, ("access.log",))
    log = tmp_path / "access.log"
    log.write_text("".join(_GOOD.format(number) + "\n" for number in range(50)))
    ledger = open_writable(None, Settings())
    try:
        with pytest.raises(SourceError, match=r"it broke \(.*engine\.memory_limit"):
            ledger.fold(Source(log, log.name))
    finally:
        ledger.engine.close()


def _fail(monkeypatch: pytest.MonkeyPatch, fault: EngineFault, names: tuple[str, ...]) -> None:
    """Let each statement fail that takes the events of a file with one of these names."""
    view, run = DuckDBEngine.view, DuckDBEngine.run
    reads = [""]

    def watched(self: DuckDBEngine, name: str, select: str) -> None:
        reads[0] = select if name == "events" else reads[0]
        view(self, name, select)

    def failing(
        self: DuckDBEngine, statement: Statement | str, parameters: Parameters | None = None
    ) -> None:
        text = statement if isinstance(statement, str) else statement.sql
        if "TABLE takes" in text and any(name in reads[0] for name in names):
            if fault != "other":
                raise EngineError("it broke", fault=fault)
            # The transaction is lost, as after any error while rows are read.
            run(self, "SELECT error('it broke')")
        run(self, statement, parameters)

    monkeypatch.setattr(DuckDBEngine, "view", watched)
    monkeypatch.setattr(DuckDBEngine, "run", failing)
