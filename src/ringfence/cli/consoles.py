"""The consoles of the command: plain text, as wide as the terminal within reason."""

from __future__ import annotations

from typing import Final

from rich.console import Console

_USUAL_WIDTH: Final = 80
_WIDTHS: Final = range(20, 2_000)
"""Widths in columns that are believed. Others come from an odd variable ``COLUMNS``."""


def output_console() -> Console:
    """Return the console on standard output."""
    return _sound(Console(highlight=False))


def progress_console() -> Console:
    """Return the console on standard error, where progress is shown."""
    return _sound(Console(stderr=True, highlight=False))


def _sound(console: Console) -> Console:
    if console.width not in _WIDTHS:
        console.width = _USUAL_WIDTH
    return console
