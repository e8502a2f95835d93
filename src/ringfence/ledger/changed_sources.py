"""Find the sources whose name or beginning a ledger knows with other content, before it folds any.

A file may have other content for three reasons, which need different answers:

- It has *grown*: the content that was folded is its beginning.
- It was *corrected*: most of what was folded is in it again.
- Its name was *reused*: a log rotation renamed the old file.

A ledger cannot know what its operator wants, so a scan stops unless it was told to replace or to
add. One case needs no answer: if the old content is among the sources too, under another name, a
rotation has renamed it, and the new content is new.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final, Literal

from ringfence.engine import Engine
from ringfence.errors import SourceError
from ringfence.events import AnySource, OnError, Source, errors_named, stop_at_error
from ringfence.ledger.folded_sources import FoldedSource, folded_sources, source_paths

OnChange = Literal["stop", "replace", "add"]
"""The choice for a source whose name is known with other content."""

_MOSTLY: Final = 0.5
"""The smallest share of the old rows in a file that counts as corrected."""


@dataclass(frozen=True)
class PlannedFold:
    """A source to fold.

    Attributes:
        source: the source, whose content is identified.
        before: the source with other content that the ledger knows by this name, or that the
            content begins with; None if there is none.
        grown: whether the content begins with the content of ``before``.
        replaces: whether the source takes the place of ``before``.
        forgets_rings: whether the rings that earlier scans found are forgotten with it. They stay
            if the source has only grown and is added.
    """

    source: Source
    before: FoldedSource | None = None
    grown: bool = False
    replaces: bool = False
    forgets_rings: bool = False


def plan_folds(
    engine: Engine,
    sources: Sequence[AnySource],
    on_change: OnChange,
    shared: Callable[[Source, FoldedSource], float],
    on_error: OnError = stop_at_error,
) -> list[PlannedFold]:
    """Identify all sources, and decide what is done with those that have changed.

    Args:
        engine: with the ledger's tables.
        sources: in the order in which they will be folded.
        on_change: what to do with a source whose name is known with other content.
        shared: returns the part of a recent source's holdings that a file has as well.
        on_error: called with the error about a source that cannot be read. The source is left out
            if it returns.

    Raises:
        SourceError: a source has changed, and ``on_change`` does not say what to do, or it cannot
            be done.
    """
    folded = folded_sources(engine)
    files = _identified(engine, sources, folded, on_error)
    if not folded:
        return [PlannedFold(file) for file in files]
    planned = _Names(engine, folded).compared(files)
    if on_change == "stop":
        planned = _unchanged(planned, shared, on_error)
    return [_decided(one, on_change) for one in planned]


def _unchanged(
    planned: Sequence[PlannedFold],
    shared: Callable[[Source, FoldedSource], float],
    on_error: OnError,
) -> list[PlannedFold]:
    """Return the sources, without changed ones that cannot be read.

    Raises:
        SourceError: a source has changed.
    """
    changed = [(one, one.before) for one in planned if one.before]
    for number, (one, before) in enumerate(changed):
        try:
            stop = _stop(one, before, len(changed) - number - 1, shared)
        except SourceError as error:
            on_error(error)
        else:
            raise stop
    return [one for one in planned if not one.before]


def _identified(
    engine: Engine,
    sources: Sequence[AnySource],
    folded: Sequence[FoldedSource],
    on_error: OnError,
) -> list[Source]:
    """Return all sources as files, with their content identified if the ledger has any."""
    lengths = {one.content.size for one in folded if one.lines}
    files = []
    for source in sources:
        try:
            file = source.as_file(engine)
            if folded:
                with errors_named(file, engine):
                    file = replace(file, content=file.identify(lengths))
            files.append(file)
        except SourceError as error:
            on_error(error)
    return files


class _Names:
    """The names and contents of sources that a ledger knows.

    Args:
        engine: with the ledger's tables.
        folded: the sources of the ledger.
    """

    def __init__(self, engine: Engine, folded: Sequence[FoldedSource]) -> None:
        self._paths = source_paths(engine)
        self._by_id = {one.id: one for one in folded}
        self._by_content = {one.content.fingerprint: one for one in folded}
        # Without records there is nothing to count twice.
        self._grows = sorted(
            (one for one in folded if one.lines), key=lambda one: -one.content.size
        )

    def compared(self, files: Sequence[Source]) -> list[PlannedFold]:
        """Return each file with the source that it replaces or adds to, if there is one."""
        contents = (file.identify().fingerprint for file in files)
        # A source that is here again, under whatever name, is replaced by nothing; and each source
        # is replaced once.
        taken = {self._by_content[one].id for one in contents if one in self._by_content}
        planned = []
        for file in files:
            one = self._compared(file, taken)
            if one.before:
                taken.add(one.before.id)
            planned.append(one)
        return planned

    def _compared(self, file: Source, taken: set[int]) -> PlannedFold:
        content = file.identify()
        if content.fingerprint in self._by_content or not file.named:
            return PlannedFold(file)
        for one in self._grows:
            if one.id not in taken and content.begins_with(one.content):
                return PlannedFold(file, one, grown=True)
        names = (file.lasting_name, file.name)
        numbers = (self._paths[name] for name in names if name in self._paths)
        known = (self._by_id[number] for number in numbers if number not in taken)
        return PlannedFold(file, next((one for one in known if one.lines), None))


def _decided(one: PlannedFold, on_change: OnChange) -> PlannedFold:
    """Decide whether a source replaces the one before.

    A source that has grown contains the one before, so adding what is new is replacing it.

    Raises:
        SourceError: the one before can no longer be replaced.
    """
    if one.before is None or (on_change == "add" and not one.grown):
        return one
    if not one.before.recent:
        raise SourceError(
            f"cannot replace what was folded as {one.before.name}: it is no longer among the "
            "recent sources, so its rows are merged with older ones",
            where=one.source.name,
            hint=_TOO_OLD_GROWN if one.grown else _TOO_OLD,
        )
    return replace(one, replaces=True, forgets_rings=on_change == "replace")


_TOO_OLD: Final = (
    "start a new ledger file and scan all logs again; ledger.recent_sources says how many sources "
    "can be replaced"
)
_TOO_OLD_GROWN: Final = f"scan a file with the new lines only, or {_TOO_OLD}"


def _stop(
    one: PlannedFold,
    before: FoldedSource,
    others: int,
    shared: Callable[[Source, FoldedSource], float],
) -> SourceError:
    """Return the error about a source that has changed, and the number of the others."""
    seen, hint = _case(one.source, before, shared, grown=one.grown)
    more = f"; {others:,} more of these sources changed as well" if others else ""
    return SourceError(f"{seen}{more}; nothing was folded", where=one.source.name, hint=hint)


def _case(
    file: Source,
    before: FoldedSource,
    shared: Callable[[Source, FoldedSource], float],
    *,
    grown: bool,
) -> tuple[str, str]:
    """Return what seems to have happened to a file, and what the operator can do."""
    if grown:
        known = "" if before.name == file.name else f" as {before.name}"
        seen = f"has grown: its first {before.lines:,} records were folded before{known}"
        if before.recent:
            return seen, "--replace or --add reads the file again and counts each record once"
        return seen, _TOO_OLD_GROWN
    seen = f"was folded before with other content, of {before.lines:,} records"
    if not before.recent:
        return seen, (
            "--add counts the new content beside the old; --replace is no longer possible, because "
            "the old rows are merged: for that, start a new ledger file"
        )
    part = shared(file, before)
    again = f"{100 * part:.0f} % of what was folded is in it again"
    if part >= _MOSTLY:
        return (
            f"{seen}; it looks corrected, because {again}",
            "--replace counts the new content only; --add counts both, so shared uses count twice",
        )
    if part:
        return (
            f"{seen}; {again}",
            "--replace counts the new content only; --add counts both, so that part counts twice",
        )
    return (
        f"{seen}; its name looks reused, as by log rotation, because none of that is in it",
        "--add counts both; --replace counts the new content only and removes the old",
    )
