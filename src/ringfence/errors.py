"""The errors that Ringfence raises.

    RingfenceError            something that Ringfence refuses to do
    ├── SettingsError         ringfence.toml or an option cannot be used
    ├── SourceError           a source cannot be opened or read
    │   └── FormatError       a source is readable, but its format is unknown or a column is missing
    ├── CatalogueError        the catalogue file cannot be used
    ├── AccountsTableError    the accounts table cannot be used
    ├── LedgerError           the ledger file cannot be used
    ├── CasesError            the case store cannot be used, or a command on a case is refused
    ├── LeakError             a leak cannot be examined as it was given
    ├── TraceError            a complaint cannot be traced as it was given
    ├── EvidenceTestError     an evidence test of another package cannot be used
    ├── OutputError           results cannot be written
    ├── MissingPackageError   an optional package is not installed
    ├── UnknownColumnError    a table has no column of this name (a KeyError, too)
    └── EngineError           the database refuses a statement, or cannot be opened

Every error says *what* is wrong, *where*, and what to do next (a *hint*). Its text is one line that
a person can read to its end, whatever was named: the middle of a long part is cut out.
"""

from __future__ import annotations

import errno
from typing import Final, Literal

_LONGEST_PART: Final = 1_000
"""The most characters of each part of an error's line. Lists of columns and formats have fewer."""

_LONGEST_NAME: Final = 300
"""The most characters of the place. It holds the longest name of a file, and some folders."""


class RingfenceError(Exception):
    """Something that Ringfence refuses to do.

    Args:
        what: the problem, as a clause without a full stop.
        where: the file, setting or column with the problem; empty if there is none to name.
        hint: what the operator can do next, as a clause; empty if there is nothing to do.
    """

    def __init__(self, what: str, *, where: str = "", hint: str = "") -> None:
        self.what = what
        self.where = where
        self.hint = hint
        super().__init__(self._line())

    def _line(self) -> str:
        place = f"{_brief(self.where, _LONGEST_NAME)}: " if self.where else ""
        advice = f" ({_brief(self.hint, _LONGEST_PART)})" if self.hint else ""
        return "".join(
            c if c.isprintable() else "\N{REPLACEMENT CHARACTER}"
            for c in f"{place}{_brief(self.what, _LONGEST_PART)}{advice}"
        )


def _brief(text: str, limit: int) -> str:
    """Return both ends of a text, with an ellipsis for the middle if it is longer."""
    half = limit // 2
    return text if len(text) <= limit else f"{text[:half]}…{text[1 - half :]}"


class SettingsError(RingfenceError):
    """``ringfence.toml`` or a command line option cannot be used."""


class SourceError(RingfenceError):
    """A source cannot be opened or read."""


class FormatError(SourceError):
    """A source is readable, but its format is unknown or a column is missing."""


class CatalogueError(RingfenceError):
    """The catalogue file cannot be used."""


class AccountsTableError(RingfenceError):
    """The table of accounts cannot be used."""


class LedgerError(RingfenceError):
    """The ledger file cannot be used."""


class CasesError(RingfenceError):
    """The case store cannot be used, or refuses a command on a case."""


class LeakError(RingfenceError):
    """A published copy cannot be read, or nothing can be compared with it."""


class TraceError(RingfenceError):
    """A complaint cannot be traced as it was given."""


class EvidenceTestError(RingfenceError):
    """An evidence test that was installed or passed in cannot be used."""


class OutputError(RingfenceError):
    """Results cannot be written."""


class MissingPackageError(RingfenceError):
    """An optional package is not installed; the hint is the command that installs it."""


class UnknownColumnError(RingfenceError, KeyError):
    """A table has no column of this name."""

    # KeyError would show the text in quotes.
    __str__ = Exception.__str__


FULL: Final = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
"""The operating system's errors that say that a disk, or a share of it, is full."""

EngineFault = Literal["memory", "disk", "name", "locked", "other"]
"""Why a database refuses: no memory, no room on disk, a name that is not UTF-8, or a file that
another process has open."""

_ENGINE_HINTS: Final[dict[EngineFault, str]] = {
    "memory": "raise engine.memory_limit, or lower engine.threads",
    "disk": "set engine.temp_directory to a disk with room, or raise engine.memory_limit",
    "name": "rename the file or folder",
    "locked": "wait until the other process has finished",
    "other": "is a file damaged, or the disk full?",
}


class EngineError(RingfenceError):
    """The database refuses a statement, or cannot be opened.

    Args:
        what: the first line of the database's own message.
        fault: why, as far as it can be told.
        process: id of the process that has the file open; 0 if it is not known.
        hint: what the operator can do about it; follows from ``fault`` if it is empty.
    """

    def __init__(
        self, what: str, *, fault: EngineFault = "other", process: int = 0, hint: str = ""
    ) -> None:
        self.fault: EngineFault = fault
        self.process = process
        super().__init__(what, hint=hint or _ENGINE_HINTS[fault])


def reason(error: EngineError | OSError) -> str:
    """Return what went wrong, in one line without the file's name."""
    if isinstance(error, EngineError):
        return "no space is left on its disk" if error.fault == "disk" else error.what
    return error.strerror or str(error)


def system_failure(error: OSError) -> RingfenceError:
    """Return the error for a call of the operating system that failed, with the file if known."""
    hint = "free some space there" if error.errno in FULL else ""
    named = error.filename
    where = named.decode(errors="backslashreplace") if isinstance(named, bytes) else named
    return RingfenceError(error.strerror or str(error), where=str(where or ""), hint=hint)


def output_hint(error: EngineError | OSError) -> str:
    """Return what to do if the file of an output cannot be written."""
    if isinstance(error, EngineError) and error.fault in {"memory", "name"}:
        return error.hint
    full = isinstance(error, EngineError) or error.errno in FULL
    return f"{'free some space there, or ' if full else ''}choose another folder with --out"
