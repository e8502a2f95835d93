"""Exit statuses that several commands share."""

from typing import Final

IMPLAUSIBLE: Final = 3
"""The input was read, but not as its owner can mean it, so that findings would be worthless."""
