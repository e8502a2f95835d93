"""The errors Ringfence raises, drawn once.

    RingfenceError            anything Ringfence refuses to do
    ├── SettingsError         ringfence.toml or an option cannot be used
    ├── SourceError           a source cannot be opened or read at all
    │   └── FormatError       a source is readable, but in no known format or with columns missing
    ├── CatalogueError        the catalogue file cannot be used
    ├── LedgerError           the ledger file cannot be used
    └── OutputError           results cannot be written

Every error says *what* happened, *where*, and gives a *hint*; its text is one line.
"""

from __future__ import annotations


class RingfenceError(Exception):
    """Something Ringfence refuses to do.

    Args:
        what: what is wrong, as a clause without a full stop.
        where: the file, setting or column it is about; empty if there is no place to point at.
        hint: what the user can do about it, as a clause; empty if there is nothing to do.
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
    """A source cannot be opened or read at all."""


class FormatError(SourceError):
    """A source is readable, but in no known format, or columns are missing."""


class CatalogueError(RingfenceError):
    """The catalogue file cannot be used."""


class LedgerError(RingfenceError):
    """The ledger file cannot be used."""


class OutputError(RingfenceError):
    """Results cannot be written."""
