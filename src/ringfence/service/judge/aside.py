"""Put aside records that cannot be folded, so that other records are folded and none is lost.

The folder has the records, or a damaged segment, under the number of the segment. Beside each is a
text file with one line that says why. An operator can look at them, and send the records again.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

from ringfence.errors import RingfenceError
from ringfence.private_files import make_folder, new_file
from ringfence.service.judge.segments import closed_segment

_REASON: Final = ".txt"


def put_records_aside(folder: Path, number: int, stream: str, records: Path, reason: str) -> str:
    """Keep the records of one stream in a segment, and return the line that says so.

    Args:
        folder: for what is put aside.
        number: of the segment.
        stream: name of the stream.
        records: file with the records.
        reason: why they cannot be folded.

    Raises:
        OSError: they cannot be written.
    """
    make_folder(folder)
    content = records.read_bytes()
    name = _free_name(folder, f"{number:020d}", ".ndjson", content)
    with new_file(folder / f"{name}.ndjson") as file:
        file.write(content)
    return _explain(folder, name, f"segment {number}, stream {stream or 'events'}", reason)


def put_segment_aside(folder: Path, log: Path, number: int, reason: str) -> str:
    """Keep a damaged segment, whose beginning was folded, and return the line that says so.

    Raises:
        OSError: it cannot be moved.
    """
    make_folder(folder)
    segment = closed_segment(log, number)
    # The two logs of a service number their segments for themselves.
    name = segment.stem if log.name == "log" else f"{log.name}-{segment.stem}"
    line = _explain(folder, name, f"the end of segment {number}", reason)
    if segment.exists():
        segment.rename(folder / f"{name}{segment.suffix}")
    return line


def lines_aside(folder: Path, most: int = 20) -> tuple[int, list[str]]:
    """Return how often something was put aside, and the lines that say what, the newest last.

    Args:
        folder: for what is put aside.
        most: number of lines.
    """
    if not folder.is_dir():
        return 0, []
    found = sorted(path for path in folder.iterdir() if path.suffix == _REASON)
    return len(found), [path.read_text("utf-8").strip() for path in found[-most:]]


def _free_name(folder: Path, name: str, ending: str, content: bytes) -> str:
    """Return a name that no other content has, for one segment may have several bad streams."""
    place = 0
    while True:
        tried = f"{name}-{place}"
        path = folder / f"{tried}{ending}"
        if not path.exists() or path.read_bytes() == content:
            return tried
        place += 1


def _explain(folder: Path, name: str, what: str, reason: str) -> str:
    line = str(RingfenceError(f"put aside: {reason}", where=what))
    with new_file(folder / f"{name}{_REASON}") as file:
        file.write(f"{line}\n".encode())
    return line
