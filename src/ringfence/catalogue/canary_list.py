"""The secret list of canary items: one JSON object per line, in a private file."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ringfence.errors import OutputError, SettingsError, reason
from ringfence.private_files import new_file, read_private

MOST_CANARIES: Final = 100_000
"""Canaries of a list. Hundreds are enough for a catalogue of any size."""

_LARGEST_LIST: Final = 100_000_000
_HINT: Final = "make a list with: ringfence canary make"


@dataclass(frozen=True)
class CanaryItem:
    """An entry of the catalogue that no user can reach.

    Attributes:
        item: its id.
        row: all columns of its row in the catalogue, by name.
        created: the day on which it was made, ISO 8601.
    """

    item: str
    row: Mapping[str, object]
    created: str


def read_canaries(path: str | Path) -> tuple[CanaryItem, ...]:
    """Return the canaries of a list.

    Raises:
        SettingsError: the file cannot be read, other users may read it, or it is not such a list.
    """
    path = Path(path)
    try:
        lines = read_private(path, _LARGEST_LIST).decode().splitlines()
        found = tuple(_canary(json.loads(line)) for line in lines if line.strip())
    except OSError as error:
        raise SettingsError(
            f"the list of canaries cannot be read: {reason(error)}", where=str(path), hint=_HINT
        ) from error
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise SettingsError("is not a list of canaries", where=str(path), hint=_HINT) from error
    if not 0 < len(found) <= MOST_CANARIES:
        raise SettingsError(
            f"has {len(found):,} canaries, not 1 to {MOST_CANARIES:,}", where=str(path), hint=_HINT
        )
    return found


def write_canaries(path: Path, canaries: Sequence[CanaryItem]) -> None:
    """Write a list that only its owner can read, replacing the file.

    Raises:
        OutputError: it cannot be written. An earlier list stays.
    """
    lines = [
        json.dumps({"item": one.item, "created": one.created, "row": dict(one.row)})
        for one in canaries
    ]
    try:
        with new_file(path) as file:
            file.write(("\n".join(lines) + "\n").encode())
    except OSError as error:
        raise OutputError(f"cannot be written: {reason(error)}", where=str(path)) from error


def _canary(record: dict[str, object]) -> CanaryItem:
    item, row, created = record["item"], record["row"], record["created"]
    if not (isinstance(item, str) and item and isinstance(row, dict) and isinstance(created, str)):
        raise TypeError("not a canary")
    return CanaryItem(item, row, created)
