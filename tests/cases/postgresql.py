"""Start a PostgreSQL server of Debian's package for tests, on a socket in a folder of its own."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

import pytest

INSTALL: Final = "install: apt-get install postgresql"

_MEMORY: Final = Path("/dev/shm")  # noqa: S108 - the folder inside has a random name
"""A folder in memory, on Linux. Hundreds of databases are made and removed there in little time."""

_ROOM: Final = 2 << 30
"""Free bytes that the databases of one run may need."""

_OPTIONS: Final = "-c listen_addresses='' -c fsync=off -c full_page_writes=off -k {folder}"
"""The server has no network and does not wait for the disk: no test outlives a power failure."""


def _binaries() -> Path | None:
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    on_path = shutil.which("initdb")
    return found[-1].parent if found else Path(on_path).parent if on_path else None


def _room() -> Path | None:
    """Return the folder in memory if it has room; None for the usual one."""
    with suppress(OSError):
        return _MEMORY if shutil.disk_usage(_MEMORY).free > _ROOM else None
    return None


@contextmanager
def server() -> Iterator[str]:
    """Start a server, and give the address of its database ``postgres``.

    It runs as another user if this one is root, because PostgreSQL refuses to run as root.
    """
    binaries = _binaries()
    if binaries is None:
        pytest.skip(INSTALL)
    folder = Path(tempfile.mkdtemp(prefix="ringfence-pg-", dir=_room()))
    user = "postgres" if os.geteuid() == 0 else None
    if user:
        os.chown(folder, pwd.getpwnam(user).pw_uid, -1)

    def run(*command: str) -> None:
        subprocess.run(command, check=True, capture_output=True, user=user, cwd=folder)

    data = str(folder / "data")
    try:
        run(str(binaries / "initdb"), "-D", data, "-U", "ringfence", "-A", "trust")
        options = _OPTIONS.format(folder=folder)
        control = str(binaries / "pg_ctl")
        run(control, "start", "-w", "-D", data, "-o", options, "-l", str(folder / "log"))
        try:
            yield f"postgresql://ringfence@/postgres?host={folder}"
        finally:
            run(control, "stop", "-m", "immediate", "-D", data)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
