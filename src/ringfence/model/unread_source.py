"""A source of a scan that could not be read."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class UnreadSource:
    """A source that could not be read, so that the result does not cover it.

    Attributes:
        source: its name, or the pattern that names no file.
        why: why it could not be read.
        hint: what the operator can do; empty if there is nothing to do.
        line: all of it in one line, as an error that ends a command is printed.
    """

    source: str
    why: str
    hint: str
    line: str

    def to_json(self) -> dict[str, str]:
        """Return source, reason and hint, as ``--json`` prints them."""
        return {"source": self.source, "why": self.why, "hint": self.hint}
