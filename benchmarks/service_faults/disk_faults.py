"""Disks that are full or read-only, below everything that the service writes."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from benchmarks.service_faults.running import RunningService
from benchmarks.service_faults.trial import Trial, faulty, look

_DISK: Final = "size=700m"
_SECONDS: Final = 15.0
_SETTINGS: Final = "scan_every = 5\nfree_disk_mb = 10\n"


def full(home: Path) -> Trial:
    """Fill the disk of the whole folder, with the temporary files of the service."""
    trial = Trial("full disk")
    disk = home / "disk"
    with _mounted(disk, "-t", "tmpfs", "-o", _DISK, "none"):
        scratch = disk / "tmp"
        scratch.mkdir()
        service = RunningService(home, _SETTINGS, {"TMPDIR": str(scratch)}, folder=disk / "live")
        with faulty(trial, service) as load:
            end = time.monotonic() + _SECONDS
            while time.monotonic() < end:
                _fill(disk / "ballast")
                time.sleep(0.2)
            look(trial, service, load)
            (disk / "ballast").unlink()
    return trial


def read_only(home: Path) -> Trial:
    """Make the disk read-only for whatever is opened from then on."""
    trial = Trial("read-only disk")
    service = RunningService(home, _SETTINGS)
    root = service.folder.root
    # A mount is made read-only before the service sees it: nobody may write through it yet.
    aside = home / "aside"
    with faulty(trial, service) as load, _mounted(aside, "--bind", str(root)):
        subprocess.run(["mount", "-o", "remount,bind,ro", str(aside)], check=True)
        with _mounted(root, "--bind", str(aside)):
            time.sleep(_SECONDS)
            look(trial, service, load)
    return trial


def _fill(ballast: Path) -> None:
    with ballast.open("ab", buffering=0) as file, suppress(OSError):
        while True:
            file.write(bytes(1 << 20))
    with ballast.open("ab", buffering=0) as file, suppress(OSError):
        while True:
            file.write(bytes(4096))


@contextmanager
def _mounted(place: Path, *options: str) -> Iterator[None]:
    """Mount something, which needs root.

    Raises:
        SystemExit: it cannot be mounted.
    """
    place.mkdir(exist_ok=True)
    if subprocess.run(["mount", *options, str(place)], check=False).returncode:
        raise SystemExit("the trials with disks need the right to mount")
    try:
        yield
    finally:
        # A process may still have a file of it open.
        subprocess.run(["umount", "--lazy", str(place)], check=True)
