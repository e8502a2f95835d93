"""Write ``quarantine.jsonl`` from the ledger: the lines that could not be read."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path

from ringfence.engine import Engine
from ringfence.ledger import lines_of, quarantined_lines
from ringfence.report.atomic import write_text


def write_quarantine(engine: Engine, sources: Mapping[int, str], path: Path) -> None:
    """Write one JSON record per line that could not be read, and a record of those not kept.

    The lines are in the ledger since their source was folded, in this scan or in an earlier one.
    A scan that is repeated after a crash therefore writes the same file.

    Args:
        engine: with the ledger's tables.
        sources: the number and the name of each source of the scan, in order.
        path: the file to write, whole or not at all.

    Raises:
        OutputError: the file cannot be written.
    """
    write_text(path, _records(engine, sources))


def _records(engine: Engine, sources: Mapping[int, str]) -> Iterator[str]:
    for number, name in sources.items():
        left = Counter(lines_of(engine, number).quarantine)
        for one in quarantined_lines(engine, number) if left else ():
            left[one.reason] -= 1
            yield _record(name, one.line, one.reason, one.text)
        for reason, more in sorted((+left).items()):
            text = f"{more} more with this reason were counted but not kept"
            yield _record(name, 0, reason, text)


def _record(file: str, line: int, reason: str, text: str) -> str:
    # ASCII only: control characters of hostile lines are escaped.
    return json.dumps({"file": file, "line": line, "reason": reason, "text": text}) + "\n"
