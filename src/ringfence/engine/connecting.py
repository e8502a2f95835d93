"""Connect to DuckDB so that names are files, nothing is fetched, and one folder is spilled to."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from tempfile import gettempdir
from typing import Final
from weakref import WeakValueDictionary

import duckdb

from ringfence.engine.database_errors import translated
from ringfence.errors import EngineError
from ringfence.own_folders import SCRATCH_PREFIX, OwnFolder
from ringfence.settings import EngineSettings

# Spark has this function built in and DuckDB does not. The pair of AT TIME ZONE that it stands for
# means the opposite in Spark, so the shared SQL calls the function by name.
TO_UTC: Final = (
    "CREATE OR REPLACE TEMP MACRO to_utc_timestamp(local_time, zone) AS "
    "local_time AT TIME ZONE zone AT TIME ZONE 'UTC'"
)
"""The function that every session has."""

_NO_FILES: Final = "SET enable_external_access = false"
"""Prevents SQL of a read-only session from reading or writing files. It is set after connecting,
because in the configuration it would forbid setting the folder for temporary data."""

_SPILLS: Final[WeakValueDictionary[str, OwnFolder]] = WeakValueDictionary()
"""The folders where read-only sessions of this process spill, by parent folder."""


def shared_spill(parent: str) -> OwnFolder:
    """Return the folder where read-only sessions spill.

    Within a process, sessions on one file share DuckDB's instance, and so its settings. With a
    folder for each session, the second one could not be opened.
    """
    folder = _SPILLS.get(parent)
    if folder is None:
        folder = _SPILLS[parent] = OwnFolder(SCRATCH_PREFIX, parent=Path(parent or gettempdir()))
    return folder


def configuration(settings: EngineSettings, spill: Path) -> dict[str, str]:
    """Return the configuration of a session that spills to a folder."""
    config = {
        "temp_directory": str(spill),
        "memory_limit": settings.memory_limit.replace(" ", ""),
        "preserve_insertion_order": "false",
        # Nothing is fetched at run time: what is not built in is not used.
        "autoinstall_known_extensions": "false",
        # A name in a statement is a table's, never a variable's of the calling program.
        "python_enable_replacements": "false",
    }
    return config | ({"threads": str(settings.threads)} if settings.threads else {})


def connect(
    database: Path | None, config: dict[str, str], *, read_only: bool
) -> duckdb.DuckDBPyConnection:
    """Open a database file, or a database in memory.

    Raises:
        EngineError: the file cannot be opened, or DuckDB does not accept its name.
    """
    name = file_name(database) if database else ":memory:"
    if not name.isascii() and name != name.encode(errors="replace").decode():
        raise EngineError("its name is not UTF-8, which the database requires", fault="name")
    if "?" in name:
        raise EngineError(
            "its path has a question mark, which the database does not allow", fault="name"
        )
    with translated():
        connection = duckdb.connect(name, read_only=read_only, config=dict(config))
        # progress() asks for the progress; standard output is the caller's.
        # In a notebook without ipywidgets DuckDB refuses, and the progress is unknown.
        with suppress(duckdb.InvalidInputException):
            connection.execute("SET enable_progress_bar = true")
            connection.execute("SET enable_progress_bar_print = false")
        # Results do not depend on the time zone of the machine.
        connection.execute("SET TimeZone = 'UTC'")
        connection.execute(TO_UTC)
        if read_only:
            connection.execute(_NO_FILES)
    return connection


def file_name(path: Path) -> str:
    """Return a name that DuckDB always reads as this file.

    DuckDB reads the start of a relative name such as ``md:x``, ``file:x`` or ``s3:x`` as the name
    of an extension or a network protocol. An absolute name never starts like this.
    """
    return str(path.absolute())
