"""Phrases that sentences about accounts share, in evidence and in reports."""

from __future__ import annotations


def counted(number: float, noun: str, space: str = " ") -> str:
    """Return a rounded number with its noun, in the plural unless it is 1: ``1 minute``.

    Args:
        number: the number.
        noun: the noun in the singular.
        space: the text between them, such as a no-break space.
    """
    written = f"{number:,.0f}"
    return f"{written}{space}{noun}{'' if written == '1' else 's'}"


def busiest(days: float) -> str:
    """Return the name of a window of days: ``busiest day`` or ``busiest 30 days``."""
    return "busiest day" if days == 1 else f"busiest {days:.0f} days"
