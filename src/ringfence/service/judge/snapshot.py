"""The copy of the ledger that a scan reads, so that folds go on meanwhile.

A scan writes nothing into a ledger but the rings that it found. These are brought back afterwards,
also by the next judge if this one is killed: the copy stays until then.
"""

from __future__ import annotations

from ringfence.engine import ENGINE_ENDINGS
from ringfence.ledger import Ledger, open_writable
from ringfence.ledger.stored_rings import move_rings
from ringfence.service.files import ServiceFolder
from ringfence.service.questions.ledger_copy import beside, copy_ledger
from ringfence.settings import Settings


def take_snapshot(folder: ServiceFolder) -> None:
    """Copy the ledger, which nobody changes meanwhile, with the changes in its log.

    Raises:
        OSError: there is no room for it.
    """
    remove_snapshot(folder)
    copy_ledger(folder.ledger, folder.scan_ledger)


def bring_rings_back(folder: ServiceFolder, ledger: Ledger, settings: Settings) -> bool:
    """Take over the rings that a scan has found, remove its copy, and return if there was one.

    Args:
        folder: of the service.
        ledger: of the service, open.
        settings: of the scan.

    Raises:
        LedgerError: the copy is in use, or cannot be read.
    """
    if not folder.scan_ledger.exists():
        return False
    copy = open_writable(folder.scan_ledger, settings)
    try:
        move_rings(copy.engine, ledger.engine)
    finally:
        copy.engine.close()
    remove_snapshot(folder)
    return True


def remove_snapshot(folder: ServiceFolder) -> None:
    """Remove the copy, first the file that makes it one."""
    for path in (folder.scan_ledger, *(beside(folder.scan_ledger, one) for one in ENGINE_ENDINGS)):
        path.unlink(missing_ok=True)
