"""Read a TOML file that a person wrote, whatever is in it or in its place."""

from __future__ import annotations

import os
import re
import select
import tomllib
from pathlib import Path
from typing import Any, Final

from ringfence.errors import SettingsError

LARGEST_TOML: Final = 1 << 20
"""Bytes of the largest file that is read. Settings and scenarios have a few thousand."""

_PATIENCE: Final = 5_000
"""Milliseconds that a pipe is given to say something."""

_LONG_KEY: Final = re.compile(
    r"""(?<![\w."'-])(?:(?:[\w-]++|"[^"\n]*+"|'[^'\n]*+')[ \t]*+\.[ \t]*+){50}"""
)
"""A key with more than 50 parts. Python's reader takes quadratic time and memory for it."""


def read_toml(path: str | Path) -> dict[str, Any]:
    """Return the content of a TOML file.

    The path may also be a pipe, such as a process substitution of a shell. A byte order mark is
    skipped.

    Raises:
        SettingsError: the file cannot be read, is too large, or is not TOML. A pipe says nothing
            for 5 seconds.
    """
    try:
        return parse_toml(_content(path).decode("utf-8-sig"), str(path))
    except UnicodeDecodeError as error:
        raise SettingsError(f"is not TOML: {error}", where=str(path)) from error


def parse_toml(text: str, where: str) -> dict[str, Any]:
    """Return the content of a TOML text.

    Raises:
        SettingsError: the text is not TOML, or a number or the nesting in it is absurd.
    """
    if _LONG_KEY.search(text):
        raise SettingsError("is not usable: a key has more than 50 parts", where=where)
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"is not TOML: {error}", where=where) from error
    except RecursionError as error:
        raise SettingsError("is not usable: it is nested too deeply", where=where) from error
    except ValueError as error:
        # The only one that is not about the form: a number of thousands of digits.
        raise SettingsError("is not usable: a number is too large", where=where) from error


def _content(path: str | Path) -> bytes:
    """Return the bytes of a file; a device or a pipe that never ends is cut off."""
    try:
        # Without O_NONBLOCK, a pipe into which nobody writes could not even be opened.
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
        try:
            content = _bytes(descriptor)
        finally:
            os.close(descriptor)
    except (OSError, ValueError) as error:
        said = getattr(error, "strerror", None) or str(error)
        raise SettingsError(
            f"cannot be read: {said}",
            where=str(path),
            hint="give a readable file with --config",
        ) from error
    if len(content) > LARGEST_TOML:
        raise SettingsError(
            f"is not usable: it has more than {LARGEST_TOML >> 20} MiB", where=str(path)
        )
    return content


def _bytes(descriptor: int) -> bytes:
    content = bytearray()
    waiting = select.poll()
    waiting.register(descriptor, select.POLLIN)
    while len(content) <= LARGEST_TOML:
        if not waiting.poll(_PATIENCE):
            raise TimeoutError(0, "nobody writes to this pipe")
        chunk = os.read(descriptor, LARGEST_TOML)
        if not chunk:
            break
        content += chunk
    return bytes(content)
