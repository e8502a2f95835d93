"""The arguments of a scan or a check: sources of any kind, settings, and the operator's tables."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ringfence.errors import AccountsTableError, SettingsError, SourceError
from ringfence.ledger import OnChange
from ringfence.model.arrow_table import ArrowData, installed
from ringfence.settings import FormatName, Settings, check_type, load_settings

FROM_PROGRAM: Final = "given by the program"
"""The origin of settings that are passed as an object."""

SourceLike = str | Path | ArrowData
"""A path or pattern, or a table of events in memory."""


@dataclass(frozen=True)
class OperatorTables:
    """The tables that an operator gives beside the events.

    Attributes:
        catalogue: file with all items.
        accounts: file or table of the accounts.
    """

    catalogue: Path | None
    accounts: Path | ArrowData | None


def flat_sources(
    sources: Iterable[SourceLike | Iterable[SourceLike]], *, needed: bool = True
) -> list[SourceLike]:
    """Return each source, also those in lists.

    Args:
        sources: paths, patterns, tables, and lists of them.
        needed: whether no source at all is an error.

    Raises:
        SourceError: there is none, or an object is neither a path nor a table.
        MissingPackageError: a pandas frame is given, and PyArrow, which it needs, is missing.
    """
    flat = list(_each(sources))
    if needed and not flat:
        raise SourceError("no source is given", hint="name a file, folder or glob, or pass a table")
    return flat


def _each(sources: Iterable[SourceLike | Iterable[SourceLike]]) -> Iterator[SourceLike]:
    """Yield each source, also those in lists.

    Raises:
        SourceError: an object is neither a path nor a table.
        MissingPackageError: a pandas frame is given, and PyArrow, which it needs, is missing.
    """
    for source in sources:
        if type(source).__module__.startswith("pandas"):
            installed("pyarrow")
        if isinstance(source, str | Path | ArrowData):
            yield source
        elif isinstance(source, list | tuple | Iterator):
            yield from _each(source)
        else:
            raise SourceError(
                f"an object of type {type(source).__name__} cannot be read",
                hint="pass paths, or tables with __arrow_c_stream__ such as pandas or Polars "
                "frames and PyArrow tables; collect() a lazy frame first",
            )


def chosen_settings(
    settings: Settings | None, config: str | Path | None, format_name: FormatName | None
) -> tuple[Settings, str]:
    """Return the settings, and where they come from.

    Raises:
        SettingsError: ``settings`` is of another type, or both are given, or the file or
            the format cannot be used.
    """
    if settings is not None:
        check_type(settings)
    if settings is not None and config is not None:
        raise SettingsError("both settings and a config file are given", hint="give one of them")
    origin = str(config) if config else "defaults" if settings is None else FROM_PROGRAM
    settings = settings or load_settings(Path(config) if config else None)
    if format_name is not None:
        events = settings.events.model_copy(update={"format": format_name})
        settings = settings.model_copy(update={"events": events})
    return settings, origin


def operator_tables(
    catalogue: str | Path | None, accounts: str | Path | ArrowData | None
) -> OperatorTables:
    """Return the tables that were given; an empty path stands for none.

    Raises:
        AccountsTableError: ``accounts`` is neither a path nor a table.
        MissingPackageError: a pandas frame is given, and PyArrow, which it needs, is missing.
    """
    listed = Path(catalogue) if catalogue else None
    if accounts is None or isinstance(accounts, str | Path):
        return OperatorTables(listed, Path(accounts) if accounts else None)
    if type(accounts).__module__.startswith("pandas"):
        installed("pyarrow")
    if isinstance(accounts, ArrowData):
        return OperatorTables(listed, accounts)
    raise AccountsTableError(
        f"an object of type {type(accounts).__name__} cannot be read as a table of accounts",
        hint="pass a path, or a table with __arrow_c_stream__ such as a pandas or Polars frame",
    )


def lasting_ledger(ledger: str | Path | None) -> Path | None:
    """Return the ledger file, or None for a ledger in memory: unnamed, or named ``:memory:``."""
    in_memory = not ledger or str(ledger).startswith(":memory:")
    return None if in_memory else Path(ledger or "")


def chosen_on_change(*, replace: bool, add: bool) -> OnChange:
    """Return what to do with a source whose name the ledger knows with other content.

    Raises:
        SettingsError: both are asked for.
    """
    if replace and add:
        raise SettingsError(
            "both --replace and --add are given",
            hint="replace counts the new content only, add counts the old content as well",
        )
    return "replace" if replace else "add" if add else "stop"
