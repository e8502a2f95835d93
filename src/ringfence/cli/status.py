"""Exit statuses that several commands share."""

from typing import Final

IMPLAUSIBLE: Final = 3
"""The input was read, but it is implausible, so findings would be worthless."""
