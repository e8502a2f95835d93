"""Exit statuses that several commands share."""

from typing import Final

UNREAD: Final = 2
"""A source could not be read. The result covers the others."""

IMPLAUSIBLE: Final = 3
"""The input was read, but it is implausible, so findings would be worthless."""
