"""A number with its noun, as the sentences of the evidence write it."""

from __future__ import annotations


def counted(number: float, noun: str) -> str:
    """Return a number as a whole one with its noun, in the plural unless it is 1: ``1 minute``."""
    written = f"{number:,.0f}"
    return f"{written} {noun}{'' if written == '1' else 's'}"
