"""Keep the records that a fold could not read, where an operator looks for them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Final

from ringfence.engine import Engine
from ringfence.ledger import FoldResult, quarantined_lines
from ringfence.service.files import ServiceFolder
from ringfence.service.files.bounded_lines import append_bounded

_MOST_KEPT: Final = 100
"""Records of one source of a fold that are kept with their text. The ledger has more of them."""


def keep_unread(folder: ServiceFolder, engine: Engine, results: Sequence[FoldResult]) -> None:
    """Append the records that could not be read to ``quarantine/judge.jsonl``.

    The columns are those of a scan's ``quarantine.jsonl``. The texts come from the ledger, which
    has hidden the secrets in them, or left them out for the sake of pseudonyms. A crash may write
    them twice.

    Args:
        folder: of the service.
        engine: of the ledger.
        results: of the sources that were folded.

    Raises:
        OSError: the disk is full.
    """
    rows = [row for one in results if one.lines.quarantined for row in _rows(engine, one)]
    if rows:
        append_bounded(folder.quarantine / "judge.jsonl", rows)


def _rows(engine: Engine, result: FoldResult) -> Iterator[dict[str, object]]:
    """Yield the first unreadable records of a source, and how many more there are by reason."""
    left, name = dict(result.lines.quarantine), result.source.name
    for one in islice(quarantined_lines(engine, result.number, _MOST_KEPT), _MOST_KEPT):
        left[one.reason] = left.get(one.reason, 0) - 1
        yield {"file": name, "line": one.line, "reason": one.reason, "text": one.text}
    for reason, more in left.items():
        if more > 0:
            said = f"{more} more with this reason were counted but not kept"
            yield {"file": name, "line": 0, "reason": reason, "text": said}
