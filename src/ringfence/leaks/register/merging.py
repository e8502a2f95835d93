"""Write deltas, and merge them into the partitions of a register."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final

from ringfence.engine import Engine, literal
from ringfence.leaks.register.folder import (
    DeltaKind,
    PartitionFacts,
    RegisterFolder,
    depth_for,
    part_sql,
    partitions_at,
    sync_files,
)
from ringfence.leaks.register.states import FACTS_OF_LINKS, MERGED_EVENTS, MERGED_LINKS
from ringfence.leaks.register.url_sql import host_sql
from ringfence.own_folders import OwnFolder
from ringfence.private_files import PARTIAL, make_folder, new_place, owner_only, sync_folder

_PARQUET: Final = "FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 1"

_ROW_GROUP: Final = 32_768
"""Links per row group. A reader of one range of hosts skips the other groups of a partition."""

_NO_LINKS: Final = (
    "SELECT CAST(NULL AS VARCHAR) AS host, CAST(NULL AS VARCHAR) AS url, "
    "CAST(NULL AS TIMESTAMP) AS found, CAST(NULL AS VARCHAR) AS source LIMIT 0"
)
_NO_EVENTS: Final = (
    "SELECT CAST(NULL AS VARCHAR) AS url, CAST(NULL AS VARCHAR) AS event, "
    "CAST(NULL AS TIMESTAMP) AS moment, CAST(NULL AS VARCHAR) AS recipient, "
    "CAST(NULL AS VARCHAR) AS source LIMIT 0"
)


def write_delta(
    engine: Engine, folder: RegisterFolder, kind: DeltaKind, query: str, rows: int
) -> list[Path]:
    """Add rows to the register, to be merged later. All of them count, or none does.

    If the partitions would become too large, all rows move to more and smaller ones first.

    Args:
        engine: runs the query.
        folder: of the register.
        kind: found or events.
        query: SELECT with the columns of the kind.
        rows: number of rows, at most.

    Returns:
        Files that the register does not need any more.

    Raises:
        EngineError: the query fails, or the disk is full.
        OSError: the files cannot be written.
    """
    manifest = folder.manifest
    depth = max(depth_for(folder.rows + rows), manifest.depth)
    old = _deepen(engine, folder, depth) if depth > manifest.depth else []
    manifest.deltas += _scatter(engine, folder, kind, query)
    manifest.waiting += rows
    folder.write_manifest()
    return old


def _deepen(engine: Engine, folder: RegisterFolder, depth: int) -> list[Path]:
    """Move all rows into a delta of more partitions, and return the files that this replaces."""
    manifest, old = folder.manifest, folder.files()
    links, events = _all_rows(folder, partitions_at(manifest.depth))
    before, waiting = manifest.depth, folder.rows
    manifest.depth = depth
    try:
        found = f"SELECT url, found, source FROM ({links})"  # noqa: S608 - quoted
        deltas = _scatter(engine, folder, "found", found)
        deltas += _scatter(engine, folder, "events", events)
    except BaseException:
        manifest.depth = before
        raise
    manifest.deltas, manifest.partitions, manifest.waiting = deltas, {}, waiting
    folder.write_manifest()
    return old


def _scatter(engine: Engine, folder: RegisterFolder, kind: DeltaKind, query: str) -> list[int]:
    """Write rows by partition to a new delta, and return its number, or nothing for no rows."""
    number = folder.manifest.last + 1
    with OwnFolder(".delta.", PARTIAL, folder.root) as own, owner_only():
        target = own.path / kind
        part = part_sql(folder.manifest.depth)
        engine.run(
            f"COPY (SELECT {part} AS part, * FROM ({query})) TO {literal(str(target.absolute()))} "  # noqa: S608 - quoted
            f"({_PARQUET}, PARTITION_BY (part))"
        )
        if not target.exists():
            return []
        folder.manifest.last = number
        make_folder(folder.delta(number))
        target.rename(folder.delta(number) / kind)
    sync_files(folder.delta(number))
    sync_folder(folder.delta(number).parent)
    return [number]


def merge(engine: Engine, folder: RegisterFolder, part: str) -> list[Path]:
    """Merge the deltas of a partition into its files. Return the files that this replaces.

    Raises:
        EngineError: a file is damaged, or the disk is full.
        OSError: the files cannot be written.
    """
    number = folder.manifest.last
    load_rows(engine, folder, part)
    engine.run(MERGED_EVENTS)
    engine.run(FACTS_OF_LINKS)
    make_folder(folder.links(part).parent)
    links = folder.links(part, number)
    _copy(engine, MERGED_LINKS.sql, links)
    states = dict(
        engine.rows(f"SELECT state, count(*) FROM {parquet([links])} GROUP BY state ORDER BY state")  # noqa: S608 - quoted
    )
    events = engine.rows("SELECT count(*) FROM link_events")[0][0]
    if events:
        _copy(engine, "SELECT * FROM link_events ORDER BY url, moment", folder.events(part, number))
    old = [folder.links(part), folder.events(part)]
    old += folder.pending(part, "found") + folder.pending(part, "events")
    folder.manifest.partitions[part] = PartitionFacts(
        merged=number, links=sum(states.values()), events=events, states=states
    )
    folder.write_manifest()
    kept = {links, folder.events(part)}
    return [path for path in old if path not in kept]


def load_rows(engine: Engine, folder: RegisterFolder, part: str, where: str = "TRUE") -> None:
    """Make the views ``link_rows`` and ``event_rows`` of a partition, merged or not.

    Args:
        engine: gets the views.
        folder: of the register.
        part: the partition.
        where: SQL of a condition on ``url``.
    """
    links, events = _all_rows(folder, [part])
    engine.view("link_rows", f"SELECT * FROM ({links}) WHERE {where}")  # noqa: S608 - quoted
    engine.view("event_rows", f"SELECT * FROM ({events}) WHERE {where}")  # noqa: S608 - quoted


def _all_rows(folder: RegisterFolder, names: Sequence[str]) -> tuple[str, str]:
    """Return SELECT of the links and of the facts of partitions, merged or not."""
    facts = {part: folder.facts(part) for part in names}
    links = [folder.links(part) for part in names if facts[part].links]
    events = [folder.events(part) for part in names if facts[part].events]
    events += [path for part in names for path in folder.pending(part, "events")]
    found = [path for part in names for path in folder.pending(part, "found")]
    from_links = [_NO_LINKS, *(_links_of(one, "host") for one in [links] if one)]
    from_links += [_links_of(one, host_sql("url")) for one in [found] if one]
    from_events = [_NO_EVENTS, *(_events_of(one) for one in [events] if one)]
    return _union(from_links), _union(from_events)


def parquet(paths: Sequence[Path]) -> str:
    """Return SQL that may follow FROM, with the rows of Parquet files."""
    names = literal([str(path.absolute()) for path in paths])
    return f"read_parquet({names}, hive_partitioning = false)"


def remove(paths: Iterable[Path]) -> None:
    """Remove files that the manifest no longer names, and folders that are then empty."""
    for path in paths:
        path.unlink(missing_ok=True)
        with suppress(OSError):
            path.parent.rmdir()


def _union(selects: Iterable[str]) -> str:
    return " UNION ALL ".join(f"({one})" for one in selects)


def _links_of(paths: Sequence[Path], host: str) -> str:
    return f"SELECT {host} AS host, url, found, source FROM {parquet(paths)}"  # noqa: S608 - quoted


def _events_of(paths: Sequence[Path]) -> str:
    return f"SELECT url, event, moment, recipient, source FROM {parquet(paths)}"  # noqa: S608 - quoted


def _copy(engine: Engine, query: str, path: Path) -> None:
    with new_place(path) as place, owner_only():
        engine.run(
            f"COPY ({query}) TO {literal(str(place.absolute()))} "
            f"({_PARQUET}, ROW_GROUP_SIZE {_ROW_GROUP:d})"
        )
