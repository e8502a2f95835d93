"""The fate of the lines of each source: counts by reason, and the lines that are unreadable."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from ringfence.engine import Engine, Statement
from ringfence.events import BAD, BadLine, Quarantine

ADD_COUNT: Final = Statement(
    "ledger.add_line_count",
    "INSERT INTO line_counts VALUES ($source, $reason, $lines, $quarantined)",
)
ADD_LINES: Final = Statement(
    "ledger.add_quarantined_lines",
    """
INSERT INTO quarantined_lines
SELECT CAST($source AS UINTEGER), unnest($numbers), unnest($lines), unnest($reasons), unnest($texts)
""",
)
REMOVE_LINES: Final = (
    Statement("ledger.remove_line_counts", "DELETE FROM line_counts WHERE source = $id"),
    Statement(
        "ledger.remove_quarantined_lines", "DELETE FROM quarantined_lines WHERE source = $id"
    ),
)
TAKES_OF: Final = Statement("ledger.takes_of", "SELECT takes FROM sources WHERE id = $source")
COUNTS_OF: Final = Statement(
    "ledger.line_counts_of",
    """
SELECT reason, lines, quarantined FROM line_counts WHERE source = $source ORDER BY reason
""",
)
LINES_OF: Final = Statement(
    "ledger.quarantined_lines_of",
    """
SELECT number, line, reason, text
FROM quarantined_lines
WHERE source = $source AND (line > $line OR line = $line AND number > $number)
ORDER BY line, number
LIMIT CAST($most AS BIGINT)
""",
)

_AT_ONCE: Final = 5_000


@dataclass(frozen=True)
class SourceLines:
    """The fate of the lines of a source.

    Attributes:
        takes: number of takes.
        not_takes: lines that were read and are not takes, by reason.
        quarantine: lines that could not be read, by reason.
    """

    takes: int = 0
    not_takes: Mapping[str, int] = field(default_factory=dict)
    quarantine: Mapping[str, int] = field(default_factory=dict)

    @property
    def quarantined(self) -> int:
        """Number of lines that could not be read."""
        return sum(self.quarantine.values())

    @property
    def total(self) -> int:
        """Number of lines, read or not; empty lines do not count."""
        return self.takes + sum(self.not_takes.values()) + self.quarantined


def add_lines(
    engine: Engine, source: int, outcomes: Mapping[str | None, int], quarantine: Quarantine
) -> None:
    """Record what became of the lines of a source, in the transaction that folds it.

    Args:
        engine: with the ledger's tables.
        source: number of the source.
        outcomes: events by outcome; the key None counts the takes. Bad outcomes are left out,
            because their lines are in the quarantine.
        quarantine: the lines that could not be read.
    """
    for outcome, number in outcomes.items():
        if outcome is not None and outcome not in BAD:
            _count(engine, source, outcome, number, quarantined=False)
    for reason, number in quarantine.counts.items():
        _count(engine, source, reason, number, quarantined=True)
    number = 0
    for batch in quarantine.batches():
        numbers = range(number, number := number + len(batch))
        engine.run(
            ADD_LINES,
            {
                "source": source,
                "numbers": list(numbers),
                "lines": [one.line for one in batch],
                "reasons": [one.reason for one in batch],
                "texts": [_storable(one.text) for one in batch],
            },
        )


def lines_of(engine: Engine, source: int) -> SourceLines:
    """Return what became of the lines of a source that the ledger holds."""
    rows = engine.rows(COUNTS_OF, {"source": source})
    return SourceLines(
        takes=engine.rows(TAKES_OF, {"source": source})[0][0],
        not_takes={reason: lines for reason, lines, quarantined in rows if not quarantined},
        quarantine={reason: lines for reason, lines, quarantined in rows if quarantined},
    )


def quarantined_lines(engine: Engine, source: int, most: int = _AT_ONCE) -> Iterator[BadLine]:
    """Yield the lines of a source that could not be read and were kept, by line number.

    Args:
        engine: with the ledger's tables.
        source: number of the source.
        most: number of lines that are in memory at a time.
    """
    line, number = -1, -1
    values = {"source": source, "most": most}
    while rows := engine.rows(LINES_OF, {**values, "line": line, "number": number}):
        yield from (BadLine(*row) for _, *row in rows)
        number, line = rows[-1][:2]


def _count(engine: Engine, source: int, reason: str, lines: int, *, quarantined: bool) -> None:
    values = {"source": source, "reason": reason, "lines": lines, "quarantined": quarantined}
    engine.run(ADD_COUNT, values)


def _storable(text: str) -> str:
    """Replace lone surrogates, which JSON allows and the engine does not."""
    return text.encode("utf-8", "backslashreplace").decode("utf-8")
