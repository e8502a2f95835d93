"""Files of folders and globs, through links that lead in circles as well."""

from __future__ import annotations

import glob
import os
import re
from collections.abc import Iterable, Iterator
from itertools import dropwhile
from pathlib import Path
from typing import Final

PATTERN_SIGNS: Final = re.compile(r"[*?]|\[[^\]]+\]")
"""Finds the signs that make a name a pattern."""

_ANY_DEPTH: Final = "**"


def files_in(folder: Path, *, follow: bool = False) -> Iterator[Path]:
    """Yield all files of a folder and of the folders in it.

    Args:
        folder: where to begin.
        follow: whether links to other folders are followed. A link that leads back to a folder
            above it never is, and no folder is visited twice through links.
    """
    for name, files in _folders(folder, follow=follow):
        yield from (Path(name) / file for file in files)


def matching_names(pattern: str) -> list[Path]:
    """Return the files and folders that a glob matches. ``**`` means folders of any depth."""
    try:
        # A name may match in several ways, and two stars may meet.
        return list(dict.fromkeys(Path(name) for name in _matching(pattern)))
    except (OSError, ValueError):
        return []


def visible_paths(folder: Path, paths: Iterable[Path]) -> Iterator[Path]:
    """Leave out the paths with hidden names below a folder."""
    return (
        path
        for path in paths
        if not any(is_hidden(part) for part in path.relative_to(folder).parts)
    )


def is_hidden(name: str) -> bool:
    """Return whether Spark and Hive would skip a file or folder of this name."""
    return name.startswith(".") or (name.startswith("_") and "=" not in name)


def _matching(pattern: str) -> Iterator[str]:
    parts = Path(pattern).parts
    if _ANY_DEPTH not in parts:
        yield from glob.iglob(pattern)  # noqa: PTH207 - Path.glob takes no absolute pattern
        return
    first = parts.index(_ANY_DEPTH)
    # Two of them in a row mean the same as one.
    rest = list(dropwhile(_ANY_DEPTH.__eq__, parts[first:]))
    for base in glob.iglob(str(Path(*parts[:first]))):  # noqa: PTH207 - as above
        for folder, files in _folders(Path(base), follow=True):
            if rest:
                yield from _matching(str(Path(glob.escape(folder), *rest)))
            else:
                yield from (str(Path(folder, file)) for file in files)


def _folders(base: Path, *, follow: bool) -> Iterator[tuple[str, list[str]]]:
    """Yield folders at any depth, each with the names of its files."""
    visited: set[str] = set()
    for name, folders, files in os.walk(base, followlinks=follow):
        real = os.path.realpath(name)
        visited.add(real)
        yield name, files
        folders[:] = [one for one in folders if not _leads_back(name, one, real, visited)]


def _leads_back(parent: str, name: str, real: str, visited: set[str]) -> bool:
    """Return whether a folder is a link to one that is above it or was visited."""
    path = Path(parent, name)
    if not path.is_symlink():
        return False
    target = os.path.realpath(path)
    return target in visited or target == real or Path(target) in Path(real).parents
