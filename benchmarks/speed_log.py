"""Measure how fast a log becomes findings, beside other tools: ``python -m benchmarks.speed_log``.

One run measures all of them on the same log: ``ringfence scan`` with all evidence and the report; a
one-line DuckDB query that parses and counts; GoAccess, which ranks; and fail2ban-regex, which
matches one expression. fail2ban-regex is measured on the first million lines, because it is slow
and its time grows with the number of lines.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from benchmarks.inputs import access_log, head
from benchmarks.measure import Cost, ringfence_command, run
from benchmarks.page import publish, table

FAIL2BAN_LINES = 1_000_000
FAIL2BAN_REGEX = r'^\S+ - <F-ID>\S+</F-ID> \[\] "GET /rest/stream\?id=\S+ HTTP/1\.[01]" 20[06] '
"""A stream, charged to the login. fail2ban cuts the time out of the line before it matches."""
FAIL2BAN_DATE = r"^[^\[]*\[({DATE})"
"""Date pattern of fail2ban's own filters for Apache. Without one it tries every pattern."""


@dataclass(frozen=True)
class Peer:
    """A tool to compare with.

    Attributes:
        name: name in the table.
        program: program that must be installed.
        command: command line for a log, given a folder to write to.
        target: smallest ratio of Ringfence's lines per CPU-second to the tool's; None if the tool
            is shown for information.
        lines: largest number of lines to measure on, or None for all.
    """

    name: str
    program: str
    command: Callable[[Path, Path], list[str]]
    target: float | None
    lines: int | None = None


PEERS = (
    Peer(
        "one-line DuckDB query (counts only)",
        sys.executable,
        lambda log, _: [sys.executable, "-m", "benchmarks.one_line_query", str(log)],
        0.35,
    ),
    Peer(
        "GoAccess (ranks only)",
        "goaccess",
        lambda log, out: [
            "goaccess", str(log), "--log-format=COMBINED", "--no-global-config", "--no-progress",
            "-o", str(out / "goaccess.json"),
        ],
        6,
    ),
    Peer(
        "fail2ban-regex (matches only)",
        "fail2ban-regex",
        lambda log, _: ["fail2ban-regex", str(log), FAIL2BAN_REGEX],
        10,
        FAIL2BAN_LINES,
    ),
    Peer(
        "fail2ban-regex, told where the date is",
        "fail2ban-regex",
        lambda log, _: ["fail2ban-regex", "-d", FAIL2BAN_DATE, str(log), FAIL2BAN_REGEX],
        None,
        FAIL2BAN_LINES,
    ),
)  # fmt: skip


@dataclass(frozen=True)
class Measurement:
    """The cost of a tool on a number of lines."""

    lines: int
    cost: Cost

    @property
    def rate(self) -> float:
        """Lines per CPU-second."""
        return self.lines / self.cost.cpu


def main() -> None:
    """Measure, print the table, and write it where asked."""
    options = _options()
    log = access_log(options.lines)
    with tempfile.TemporaryDirectory() as folder:
        ours = None if options.peers_only else _ringfence(log.path, log.lines, Path(folder))
        peers = [(peer, _peer(peer, log.path, log.lines, Path(folder))) for peer in PEERS]
    header = ("tool", "lines", "wall s", "CPU s", "lines per CPU-second", "peak MB",
              "Ringfence is", "target")  # fmt: skip
    rows = [_row("Ringfence, log to findings and report", ours, "", "")] if ours else []
    rows += [_peer_row(peer, measured, ours) for peer, measured in peers]
    publish("speed_log", table(header, rows), options.write)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lines", type=int, default=20_000_000, help="lines of the log, about")
    parser.add_argument("--peers-only", action="store_true", help="leave Ringfence out")
    parser.add_argument("--write", type=Path, metavar="FILE", help="page to put the table in")
    return parser.parse_args()


def _ringfence(log: Path, lines: int, folder: Path) -> Measurement:
    command = ringfence_command()
    if command is None:
        raise SystemExit("ringfence is not installed here (pip install -e .)")
    arguments = [command, "scan", str(log), "--out", str(folder / "out"), "--json"]
    return Measurement(lines, run(arguments, folder / "ringfence.txt"))


def _peer(peer: Peer, log: Path, lines: int, folder: Path) -> Measurement | None:
    if shutil.which(peer.program) is None:
        return None
    if peer.lines is not None and peer.lines < lines:
        log, lines = head(log, peer.lines), peer.lines
    return Measurement(lines, run(peer.command(log, folder), folder / "peer.txt"))


def _peer_row(
    peer: Peer, measured: Measurement | None, ours: Measurement | None
) -> tuple[str, ...]:
    target = f"≥ {peer.target:g} ×" if peer.target else ""
    if measured is None:
        missing = "not installed: `apt-get install goaccess fail2ban`"
        return (peer.name, missing, "", "", "", "", "", target)
    if ours is None:
        return _row(peer.name, measured, "", target)
    ratio = ours.rate / measured.rate
    verdict = " (missed)" if peer.target and ratio < peer.target else ""
    return _row(peer.name, measured, f"{ratio:.2f} ×{verdict}", target)


def _row(name: str, measured: Measurement, ratio: str, target: str) -> tuple[str, ...]:
    cost = measured.cost
    return (name, f"{measured.lines:,}", f"{cost.wall:,.1f}", f"{cost.cpu:,.1f}",
            f"{measured.rate:,.0f}", f"{cost.peak / 1e6:,.0f}", ratio, target)  # fmt: skip


if __name__ == "__main__":
    main()
