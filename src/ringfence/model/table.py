"""The declaration of a table: its name, its package, and its columns with their types."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Column:
    """A column of a table.

    Attributes:
        name: its name. ``p_*`` stands for any number of columns with that beginning.
        type: its DuckDB type, as DESCRIBE shows it.
        meaning: one line.
    """

    name: str
    type: str
    meaning: str

    @property
    def is_open(self) -> bool:
        """Return whether the entry stands for any number of columns."""
        return self.name.endswith("*")


@dataclass(frozen=True)
class Table:
    """A table that crosses from one package to another.

    Attributes:
        name: its name in the engine.
        package: the package that creates it.
        rows: what one row stands for.
        columns: its columns in order.
        lasting: whether it is kept in a ledger file; otherwise it lasts for one scan.
    """

    name: str
    package: str
    rows: str
    columns: tuple[Column, ...]
    lasting: bool = False

    @property
    def sql(self) -> str:
        """The column list of a CREATE TABLE statement."""
        return ", ".join(f'"{column.name}" {column.type}' for column in self.columns)

    def type_of(self, column: str) -> str | None:
        """Return the declared type of a column; None if there is none of this name."""
        exact = {one.name: one.type for one in self.columns if not one.is_open}
        if column in exact:
            return exact[column]
        begins = (one for one in self.columns if one.is_open and column.startswith(one.name[:-1]))
        return next((one.type for one in begins), None)

    def differences(self, described: dict[str, str]) -> list[str]:
        """Compare the declaration with a table, and return one line per difference.

        Args:
            described: column name to type, as :meth:`ringfence.engine.Engine.describe` returns it.
        """
        needed = {column.name for column in self.columns if not column.is_open}
        return [
            f"{self.name}.{name}: declared {self.type_of(name)}, found {described.get(name)}"
            for name in sorted(needed | described.keys())
            if self.type_of(name) != described.get(name)
        ]
