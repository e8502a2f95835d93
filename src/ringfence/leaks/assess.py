"""Assess a published copy: open the files, match, count and compare."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from ringfence.engine import Engine, open_engine
from ringfence.errors import SettingsError
from ringfence.leaks.assessment import LeakAssessment
from ringfence.leaks.coverage import MOST_DUMPS, count_cells, unlisted_records
from ringfence.leaks.dumps import DumpTable, open_dump
from ringfence.leaks.linkage import link_records
from ringfence.leaks.listed_catalogue import ListedCatalogue, open_catalogue
from ringfence.leaks.roles import parse_roles
from ringfence.leaks.staged_dumps import StagedDump, check_named, stage_dump
from ringfence.leaks.summing import summed
from ringfence.ledger.reader import open_ledger
from ringfence.progress import Progress
from ringfence.settings import Settings


def assess_leak(  # noqa: PLR0913 - one parameter per option
    dumps: str | Path | Sequence[str | Path],
    *,
    catalogue: str | Path,
    ledger: str | Path | None = None,
    columns: Sequence[str] = (),
    catalogue_columns: Sequence[str] = (),
    settings: Settings | None = None,
    progress: Progress | None = None,
) -> LeakAssessment:
    """Compare a published copy with the catalogue.

    Args:
        dumps: the files of the copy, or one file.
        catalogue: the catalogue file, one row per item.
        ledger: a ledger; says which of the items known accounts took.
        columns: columns of the dumps, as ``ROLE=COLUMN``.
        catalogue_columns: columns of the catalogue file, as ``ROLE=COLUMN``.
        settings: names of the catalogue's columns, memory limit and scratch folder.
        progress: receives the steps.

    Raises:
        SettingsError: there is no dump, there are too many, or a named column does not exist.
        SourceError: a dump is damaged or in no known format.
        CatalogueError: the catalogue file cannot be used.
        LedgerError: the ledger cannot be used.
    """
    settings, progress = settings or Settings(), progress or Progress()
    named = parse_roles(columns, "--column")
    catalogue_named = parse_roles(catalogue_columns, "--catalogue-column")
    files = [Path(one) for one in ([dumps] if isinstance(dumps, str | Path) else dumps)]
    if not files:
        raise SettingsError("no dump is named", hint="name the files of the published copy")
    with open_engine(settings.engine) as engine:
        engine.keep_order()
        progress.begin(4 + len(files), engine.progress)
        try:
            progress.step("opening the dumps")
            tables = _opened(engine, files, list(named.values()))
            check_named(tables, named)
            progress.step("reading the catalogue")
            listed = open_catalogue(engine, Path(catalogue), settings.catalogue, catalogue_named)
            staged = []
            for number, table in enumerate(tables):
                progress.step(f"reading {table.name}")
                staged.append(stage_dump(engine, table, number, listed, named))
            taken = _taken(engine, Path(ledger) if ledger else None, settings)
            progress.step("comparing")
            staged = _counted(engine, listed, staged, taken=taken)
            progress.step("summing up")
            return summed(engine, listed, staged, taken=taken)
        finally:
            progress.end()


def _opened(engine: Engine, dumps: Sequence[Path], columns: Sequence[str]) -> list[DumpTable]:
    tables = [one for n, path in enumerate(dumps) for one in open_dump(engine, path, n, columns)]
    if len(tables) > MOST_DUMPS:
        raise SettingsError(
            f"the dumps have {len(tables)} tables, and {MOST_DUMPS} can be assessed together",
            hint="join files of the same columns, or assess them in several runs",
        )
    return tables


def _counted(
    engine: Engine, catalogue: ListedCatalogue, staged: list[StagedDump], *, taken: bool
) -> list[StagedDump]:
    """Count the items, link records that no id matched, and count again if any was linked."""
    count_cells(engine, catalogue, staged, taken=taken)
    linked = [link_records(engine, catalogue, one, unlisted_records(engine, one)) for one in staged]
    if any(one.linkage for one in linked):
        count_cells(engine, catalogue, linked, taken=taken)
    return linked


def _taken(engine: Engine, ledger: Path | None, settings: Settings) -> bool:
    """Fill the table ``leak_taken`` with the items that the accounts of a ledger took."""
    if ledger is None:
        return False
    with open_ledger(ledger, settings) as reader:
        engine.arrow_table("leak_taken", reader.sql("SELECT DISTINCT item_key FROM holdings"))
    return True
