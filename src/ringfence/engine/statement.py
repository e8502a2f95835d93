"""A named step of SQL, kept beside the code it feeds and known to the portability test."""

from __future__ import annotations

from dataclasses import dataclass

_REGISTRY: dict[str, Statement] = {}


@dataclass(frozen=True)
class Statement:
    """One SQL statement with a name an analyst can ask for.

    Every statement registers itself, so that one test renders all of them for the other engines.

    Attributes:
        name: dotted, ``room.step``; unique.
        sql: DuckDB dialect, restricted to what SQLGlot carries to Spark; parameters as ``$name``.
    """

    name: str
    sql: str

    def __post_init__(self) -> None:
        """Register the statement; a name used twice for different text is a programming error."""
        known = _REGISTRY.setdefault(self.name, self)
        if known.sql != self.sql:
            raise ValueError(f"two statements are called {self.name}")


def registered() -> tuple[Statement, ...]:
    """Return every statement of the modules imported so far, by name."""
    return tuple(_REGISTRY[name] for name in sorted(_REGISTRY))
