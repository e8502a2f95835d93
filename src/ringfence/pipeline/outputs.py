"""Write the results of a scan into a folder."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Final

import numpy as np

from ringfence.engine import Engine, Statement
from ringfence.errors import EngineError, OutputError, output_hint, reason
from ringfence.pipeline.folders import prepare_folder
from ringfence.pipeline.quarantine_file import write_quarantine
from ringfence.pipeline.result import ScanResult
from ringfence.private_files import new_place
from ringfence.report import Contents, write_findings, write_html
from ringfence.settings import Settings

ACCOUNT_ROWS: Final = Statement(
    "pipeline.accounts",
    """
WITH ranked AS (
  SELECT account_key, client,
    row_number() OVER (PARTITION BY account_key ORDER BY events DESC, client) AS place
  FROM clients
)
SELECT a.account, p.items, p.uses, to_timestamp(p.first) AS first,
  to_timestamp(p.last) AS last, j.verdict, j.ring, j.p_value,
  g.display_name, g.plan, g.country, g.status, to_timestamp(s.signed_up) AS created,
  left(c.client, 500) AS client,
  j.* EXCLUDE (account_key, verdict, ring, p_value)
FROM scored_accounts AS j
JOIN accounts AS a ON a.account_key = j.account_key
JOIN portfolio AS p ON p.account_key = j.account_key
LEFT JOIN given_accounts AS g ON g.account_key = j.account_key
LEFT JOIN ranked AS c ON c.account_key = j.account_key AND c.place = 1
LEFT JOIN account_signups AS s ON s.account_key = j.account_key
ORDER BY j.p_value, p.items DESC, a.account
""",
)


RING_ROWS: Final = Statement(
    "pipeline.rings",
    """
SELECT CAST(i.id AS VARCHAR) AS ring, a.account, p.items, CAST(m.held AS BIGINT) AS shared_items,
  m.observed, m.expected, i.verdict, i.p_value
FROM ring_members AS m
JOIN ring_ids AS i ON i.ring = m.ring
JOIN accounts AS a ON a.account_key = m.account_key
JOIN portfolio AS p ON p.account_key = m.account_key
ORDER BY m.ring, p.items DESC, a.account
""",
)
"""Members of rings: items held, the searched items among them that any other account holds too,
and the collisions with the other members, observed and expected. An item counts once per pair."""


def write_outputs(
    result: ScanResult,
    engine: Engine,
    sources: Mapping[int, str],
    settings: Settings,
    folder: Path | None,
) -> ScanResult:
    """Write all files, if a folder is given, and return the result with their paths.

    Args:
        result: of the scan.
        engine: with the ledger of the scan and its tables.
        sources: the number in the ledger and the name of each source of the scan.
        settings: of the scan.
        folder: the folder; None to write nothing.

    Raises:
        OutputError: a file cannot be written, for example because the disk is full.
    """
    if folder is None:
        return result
    prepare_folder(folder)
    writers: dict[str, tuple[str, Callable[[Path], None]]] = {
        "findings": ("findings.jsonl", lambda path: write_findings(result.findings, path)),
        "accounts": ("accounts.parquet", lambda path: _write_table(engine, ACCOUNT_ROWS, path)),
        "rings": ("rings.parquet", lambda path: _write_table(engine, RING_ROWS, path)),
        "quarantine": ("quarantine.jsonl", lambda path: write_quarantine(engine, sources, path)),
        "report": ("report.html", lambda path: write_html(_contents(result, settings), path)),
    }
    files = {kind: folder / name for kind, (name, _) in writers.items()}
    for kind, (_, write) in writers.items():
        write(files[kind])
    return replace(result, files=files)


def _write_table(engine: Engine, table: Statement, path: Path) -> None:
    try:
        with new_place(path) as part:
            engine.copy(table, part)
    except (EngineError, OSError) as error:
        raise OutputError(
            f"cannot be written: {reason(error)}",
            where=str(path),
            hint=output_hint(error),
        ) from error


def _contents(result: ScanResult, settings: Settings) -> Contents:
    return Contents(
        title="Ringfence report",
        version=version("ringfence"),
        generated=datetime.now(UTC),
        period=result.period,
        findings=result.findings,
        false_accusation_rate=settings.verdicts.false_accusation_rate,
        counts=_known_counts(result.counts),
        notes=result.notes,
        warnings=result.warnings,
        withheld=result.withheld,
        quarantine=result.quarantine,
        not_takes=result.not_takes,
        assumptions=result.assumptions,
        robots=tuple((r.account, r.client, r.items, r.uses, r.verified) for r in result.robots),
        coverage_curve=result.catalogue.curve,
        catalogue_note=result.catalogue.note,
        population=_histogram(result.accounts.column("items")),
        tests_not_run=result.tests_not_run,
    )


def _histogram(items: np.ndarray) -> tuple[tuple[int, int], ...]:
    """Count accounts by items held, in buckets that end at 1, 2, 5, 10, 20, 50 and so on."""
    if not items.size:
        return ()
    ends = np.array([m * 10**e for e in range(10) for m in (1, 2, 5)])
    ends = ends[: int(np.searchsorted(ends, items.max())) + 1]
    counts = np.bincount(np.searchsorted(ends, items), minlength=ends.size)
    return tuple((int(end), int(count)) for end, count in zip(ends, counts, strict=True))


def _known_counts(counts: Mapping[str, int]) -> dict[str, int]:
    """Return the counts of a report, without those of lines if this scan has read none.

    A service folds lines before the scan, which then sees the ledger only.
    """
    names = ["uses", "accounts", "items"]
    if counts.get("lines") or counts.get("quarantined") or not counts.get("uses"):
        names = ["lines", *names, "quarantined"]
    return {name: counts.get(name, 0) for name in names}
