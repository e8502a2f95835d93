"""The error for a ledger file that cannot be opened."""

from __future__ import annotations

from pathlib import Path

from ringfence.errors import EngineError, LedgerError, reason


def cannot_open(path: Path, error: EngineError | OSError) -> LedgerError:
    """Return the error that says why a ledger file cannot be opened, and what to do."""
    if isinstance(error, EngineError) and error.fault == "locked":
        holder = f"process {error.process}" if error.process else "this process or another one"
        return LedgerError(
            f"is in use by {holder}",
            where=str(path),
            hint="wait until that scan or session has ended, or name another ledger",
        )
    return LedgerError(
        f"cannot be opened: {reason(error)}",
        where=str(path),
        hint="check that it is a Ringfence ledger, and that you may write to it",
    )
