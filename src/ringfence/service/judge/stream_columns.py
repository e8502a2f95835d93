"""Read each part of a stream of records by the columns that the stream has had before.

A record lacks the names of what its client does not know. If nobody in a part of a stream sends a
referrer, the part would be read as a log that cannot tell referrers. In a file of the whole
stream, the same records are known to have none. A program that is alone at night would so leave no
pages without traces of a browser.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Final

from ringfence.errors import FormatError
from ringfence.events.formats.ndjson import json_keys, json_objects
from ringfence.events.formats.source_columns import usual_columns
from ringfence.events.formats.spread_lines import spread_lines
from ringfence.events.sources import ReadingGuide
from ringfence.private_files import new_file
from ringfence.reading_settings import EventSettings

LASTING: Final = frozenset({"referrer", "assets"})
"""Columns that a record may lack although its stream tells them. A record without a status is not
among them: it counts as a use wherever nobody sends a status, and is better counted than lost."""


def guide_part(folder: Path, stream: str, part: Path, events: EventSettings) -> ReadingGuide | None:
    """Return how to read a part of a stream; None if it has every column that the stream had.

    The columns of the part are remembered for later parts. Streams whose items are read from URLs
    are left as they are: their assets are always known.

    Args:
        folder: remembers the columns of each stream.
        stream: name of the stream.
        part: file with its records, beside which a file with the guide's first lines is written.
        events: how records are read.

    Raises:
        OSError: a file cannot be read or written.
    """
    try:
        found = usual_columns(json_keys(json_objects(part)))
    except FormatError:
        return None
    if "item" not in found or not stream.isalnum():
        return None
    place = folder / f"columns-{stream}.json"
    known = _known(place)
    here = LASTING & found.keys()
    if here - known:
        _remember(place, known | here)
    missing = sorted(known - here)
    if not missing:
        return None
    beginning = part.with_name(f"{part.name}.beginning")
    lines = [json.dumps(dict.fromkeys(missing, "")), *spread_lines(part)]
    beginning.write_text("\n".join(lines) + "\n", encoding="utf-8", errors="surrogateescape")
    return ReadingGuide(events, beginning)


def _known(place: Path) -> frozenset[str]:
    """Return the columns that a stream has had; a damaged file says nothing."""
    try:
        told = json.loads(place.read_bytes())
    except (FileNotFoundError, ValueError):
        return frozenset()
    listed = told if isinstance(told, list) else []
    return LASTING & {one for one in listed if isinstance(one, str)}


def _remember(place: Path, columns: frozenset[str]) -> None:
    with new_file(place) as file:
        file.write(json.dumps(sorted(columns)).encode() + b"\n")
