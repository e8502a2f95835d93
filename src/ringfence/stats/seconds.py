"""Lengths of time in seconds, the unit of times in the ledger."""

from __future__ import annotations

from typing import Final

HOUR: Final = 3_600
"""Seconds per hour."""

DAY: Final = 86_400
"""Seconds per day."""
