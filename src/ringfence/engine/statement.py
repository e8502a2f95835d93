"""A named step of SQL, kept next to the code that uses its result."""

from __future__ import annotations

from dataclasses import dataclass

_REGISTRY: dict[str, Statement] = {}


@dataclass(frozen=True)
class Statement:
    """A SQL statement with a name, by which an analyst can print it.

    Every statement registers itself. Tests render all of them for other engines, and derive the
    tables that each of them reads and writes.

    Attributes:
        name: ``package.step``; unique.
        sql: DuckDB dialect, restricted to what SQLGlot can render for Spark; parameters as
            ``$name``.
    """

    name: str
    sql: str

    def __post_init__(self) -> None:
        """Register the statement; a name used twice for different text is a programming error."""
        known = _REGISTRY.setdefault(self.name, self)
        if known.sql != self.sql:
            raise ValueError(f"two statements are called {self.name}")


def registered() -> tuple[Statement, ...]:
    """Return the statements of all modules imported so far, sorted by name."""
    return tuple(_REGISTRY[name] for name in sorted(_REGISTRY))
