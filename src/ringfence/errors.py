"""The errors that Ringfence raises.

    RingfenceError            something that Ringfence refuses to do
    ├── SettingsError         ringfence.toml or an option cannot be used
    ├── SourceError           a source cannot be opened or read
    │   └── FormatError       a source is readable, but its format is unknown or a column is missing
    ├── CatalogueError        the catalogue file cannot be used
    ├── LedgerError           the ledger file cannot be used
    ├── OutputError           results cannot be written
    └── MissingPackageError   an optional package is not installed

Every error says *what* is wrong, *where*, and what to do next (a *hint*). Its text is one line.
"""

from __future__ import annotations


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
        place = f"{self.where}: " if self.where else ""
        advice = f" ({self.hint})" if self.hint else ""
        return "".join(
            c if c.isprintable() else "\N{REPLACEMENT CHARACTER}"
            for c in f"{place}{self.what}{advice}"
        )


class SettingsError(RingfenceError):
    """``ringfence.toml`` or a command line option cannot be used."""


class SourceError(RingfenceError):
    """A source cannot be opened or read."""


class FormatError(SourceError):
    """A source is readable, but its format is unknown or a column is missing."""


class CatalogueError(RingfenceError):
    """The catalogue file cannot be used."""


class LedgerError(RingfenceError):
    """The ledger file cannot be used."""


class OutputError(RingfenceError):
    """Results cannot be written."""


class MissingPackageError(RingfenceError):
    """An optional package is not installed; the hint is the command that installs it."""
