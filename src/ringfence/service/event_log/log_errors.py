"""The errors of the append log."""

from __future__ import annotations

from ringfence.errors import RingfenceError


class LogError(RingfenceError):
    """The append log cannot be written. Nothing of the last call is acknowledged."""


class LogFullError(LogError):
    """The disk of the append log is full. Nothing of the last call is acknowledged."""


class LogDamagedError(RingfenceError):
    """A closed segment has a frame whose length or check sum is wrong."""
