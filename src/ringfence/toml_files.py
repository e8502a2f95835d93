"""Read a TOML file that a person wrote, whatever is in it or in its place."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any, Final

from ringfence.errors import SettingsError
from ringfence.small_files import read_small_file

LARGEST_TOML: Final = 1 << 20
"""Bytes of the largest file that is read. Settings and scenarios have a few thousand."""

_HINT: Final = "give a readable file with --config"

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
        content = read_small_file(path, LARGEST_TOML, _HINT)
        return parse_toml(content.decode("utf-8-sig"), str(path))
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
