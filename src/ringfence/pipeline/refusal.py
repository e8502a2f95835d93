"""Check new sources before a scan adds them to a ledger file, and keep out implausible ones.

A source is folded once. If it were misread and added, corrected settings could not read it again.
So a sample of the new sources is checked first. If it is implausible, the scan reads them
into a ledger in memory, withholds its findings, and leaves the file as it was.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from ringfence.engine import Statement
from ringfence.errors import SourceError
from ringfence.events import AnySource, Source
from ringfence.ledger import Ledger
from ringfence.model.warning import InputWarning
from ringfence.pipeline.check import check_sources
from ringfence.pipeline.result import ScanResult
from ringfence.pipeline.unread import UnreadSources

KNOWN_SOURCES: Final = Statement("pipeline.known_sources", "SELECT name FROM sources")


def refused_warnings(sources: Sequence[AnySource], ledger: Ledger) -> tuple[InputWarning, ...]:
    """Return the warnings for which new sources must not be added to a ledger file.

    Tables in memory are not checked: they can be read only once. A source that cannot be read is
    left to the scan, which says why.

    Args:
        sources: all sources of the scan.
        ledger: the ledger that they would be added to.

    Returns:
        Warnings that make findings worthless; none for a ledger in memory.
    """
    known = {str(name) for (name,) in ledger.engine.rows(KNOWN_SOURCES)} if ledger.lasting else ()
    files = [one for one in sources if isinstance(one, Source) and one.name not in known]
    if not ledger.lasting or not files:
        return ()
    try:
        checked = check_sources(files, ledger.settings, UnreadSources(strict=False))
    except SourceError:
        return ()
    return tuple(warning for warning in checked.warnings if warning.worthless)


def refuse(result: ScanResult, warnings: tuple[InputWarning, ...], ledger: str) -> ScanResult:
    """Return the result of a scan whose sources were not added to the ledger file.

    Args:
        result: of a scan with a ledger in memory, its findings withheld.
        warnings: those of the sample.
        ledger: name of the ledger file.
    """
    note = f"Nothing was added to {ledger}: correct the settings and scan again, or use --force"
    said = {warning.kind for warning in result.warnings if warning.worthless}
    more = tuple(warning for warning in warnings if warning.kind not in said)
    return replace(result, warnings=(*more, *result.warnings), notes=(note, *result.notes))


def nothing_kept(result: ScanResult, ledger: str) -> ScanResult:
    """Return the result with a note that its ledger was in memory and is gone.

    Args:
        result: of a scan.
        ledger: what was named in place of a file.
    """
    note = f"The ledger {ledger} is in memory: nothing is kept for later scans. Name a file instead"
    return replace(result, notes=(note, *result.notes))
