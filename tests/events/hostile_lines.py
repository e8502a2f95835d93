"""Lines that repeat one fragment, and a limit of processor time that only linear work keeps."""

from __future__ import annotations

import signal
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from types import FrameType

FRAGMENTS = (
    " ", '"', ":", "0", "a", "] [", ",", "\\", '\\"', "::1", "10.0.0.1, ", '" ', ' [..] "', "-- ",
    '" 200 1 "', "1.", "{a} {", "=", 'k="v" ', "/", "|", "\t", ";", "%",
)  # fmt: skip
"""Signs that separate, open and close fields, alone and together."""

LENGTH = 16_000
"""Bytes of a line: quadratic work takes seconds, linear work less than a millisecond."""


def repeating(pieces: Sequence[str], length: int = LENGTH) -> Iterator[str]:
    """Yield lines that begin like a good one, repeat a fragment, and end in different ways."""
    for place in range(len(pieces) + 1):
        beginning, rest = "".join(pieces[:place]), "".join(pieces[place:])
        own = ("".join(pieces[max(0, place - 2) : place]), rest[:3], rest)
        for fragment in dict.fromkeys((*FRAGMENTS, *own)):
            line = beginning + fragment * (length // max(1, len(fragment)))
            yield line + "\x01"
            yield line + rest


@contextmanager
def processor_seconds(limit: float) -> Iterator[None]:
    """Fail if the work inside takes more than some seconds of processor time."""

    def stop(_number: int, _frame: FrameType | None) -> None:
        raise AssertionError(f"took more than {limit} s of processor time")

    before = signal.signal(signal.SIGPROF, stop)
    signal.setitimer(signal.ITIMER_PROF, limit)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)
