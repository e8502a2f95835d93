"""Find cases by the evidence of their findings, or by the names that they are about."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any, Final

from sqlalchemy import Connection, Row, select

from ringfence.cases.canonical import canonical
from ringfence.cases.schema import CASES
from ringfence.model.records import finding_from_json

_AT_ONCE: Final = 500
_COLUMNS: Final = tuple(
    CASES.c[name] for name in ("id", "kind", "subject", "state", "verdict", "changed", "finding")
)


@dataclass(frozen=True)
class CaseOfTest:
    """A case whose finding has the evidence of a test.

    Attributes:
        id: its number.
        kind: ``account`` or ``ring``.
        subject: the account or ring.
        state: of the case.
        verdict: of the finding.
        changed: microseconds since 1970.
        sentence: of the evidence.
    """

    id: int
    kind: str
    subject: str
    state: str
    verdict: str
    changed: int
    sentence: str


def cases_with_evidence(connection: Connection, test: str, limit: int) -> list[CaseOfTest]:
    """Return the cases whose last finding has the evidence of a test, changed last first.

    Reads the documents of all cases until enough are found.

    Args:
        connection: a connection of the store.
        test: name of the test.
        limit: most cases.
    """
    # Databases compare small and capital letters in different ways, so this only narrows it down.
    document = canonical({"test": test})[1:-1]
    query = (
        select(*_COLUMNS)
        .where(CASES.c.finding.contains(document, autoescape=True))
        .order_by(CASES.c.changed.desc(), CASES.c.id.desc())
    )
    with connection.execute(query) as rows:
        return list(islice(_with_evidence(rows, test), limit))


def _with_evidence(rows: Iterable[Row[Any]], test: str) -> Iterator[CaseOfTest]:
    for row in rows:
        evidence = finding_from_json(row.finding).evidence
        sentence = next((one.sentence for one in evidence if one.test == test), None)
        if sentence is not None:
            yield CaseOfTest(
                id=row.id,
                kind=row.kind,
                subject=row.subject,
                state=row.state,
                verdict=row.verdict,
                changed=row.changed,
                sentence=sentence,
            )


def cases_about(connection: Connection, subjects: Iterable[str]) -> dict[tuple[str, str], int]:
    """Return the numbers of the cases about accounts and rings, by kind and name.

    Args:
        connection: a connection of the store.
        subjects: names of accounts and rings.
    """
    names = sorted(set(subjects))
    found: dict[tuple[str, str], int] = {}
    for start in range(0, len(names), _AT_ONCE):
        listed = CASES.c.subject.in_(names[start : start + _AT_ONCE])
        query = select(CASES.c.id, CASES.c.kind, CASES.c.subject).where(listed).order_by(CASES.c.id)
        found |= {(row.kind, row.subject): row.id for row in connection.execute(query)}
    return found
