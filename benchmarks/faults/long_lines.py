"""Read hostile long texts: no reader may take more than linear time.

Each text is a valid text in which one piece is repeated at the start, at a separator or at the end.
The time per character must not grow with the number of pieces.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from itertools import pairwise, product
from typing import Final, NamedTuple

from benchmarks.faults.outcome import Outcome
from benchmarks.faults.readers import Reader, readers

PIECES: Final = (
    '"', "\\", '\\"', '"\\', " ", '" "', ' "', '" ', "\t", "[", "]", ' [..] "', "[]", "[ ", "{",
    "}", "{}", '{"a":', "[{", ",{", ", ", ",", ",,", ",\n", "\n", "\n{", ";", ":", "::", "0:",
    ":.", "=", "a=", ' a="', " a=b", 'a="" ', "%", "%25", "%3d", "%26", "key%3d", "key=", "key: ",
    'key":', "&", "?", "/", "//", "://", "://a:", "a:b@", "/a/", "-", "--", "- ", " - ", "'", ".",
    "1.", "..", "0", "9", "1 ", "1.1.1.1, ", "::1,", "192.0.2.1 ", "a", "a ", "A", "GET ",
    'GET / HTTP/1.1" ', '" 200 1 ', '" 200 1 "-" "', '" 200 1 "-" "x"', "a-", "a.", "_", "é",
    "\x00", "\x0b", "\r", "\r\r", "\u2028", "\\x", "\\u", "\\\\x", "|", "||", "<1>", "(", ")",
    "for=", "for=1.1.1.1;", "#", "bearer ", "http", "!", "$", "~", "+", "@",
)  # fmt: skip
"""Pieces that have a meaning for a reader of logs."""

SIZES: Final = (1 << 10, 1 << 13, 1 << 16, 1 << 20)
"""Total numbers of characters of the pieces, in ascending order."""

FACTOR: Final = 5
"""Largest allowed growth of the time per character for a longer text. Quadratic time has 8."""

_FLOOR: Final = 0.01
"""Seconds below which times are not compared. Short texts may take less."""


class Place(NamedTuple):
    """The texts before and after the pieces."""

    before: str
    after: str


def places(sample: str, most: int) -> list[Place]:
    """Return places in a text for the pieces: at the start, before signs, at the end."""
    signs = [at for at, sign in enumerate(sample) if not sign.isalnum()]
    cuts = sorted({0, *signs[:: -(-len(signs) // most) or 1], len(sample)})
    return [Place(sample[:at], after) for at in cuts for after in dict.fromkeys((sample[at:], "~"))]


def grows(reader: Reader, place: Place, piece: str, sizes: Sequence[int] = SIZES) -> bool:
    """Return whether the time per character grows with the length of the text.

    Each size is compared with the one before it, and measured again before it counts as slow.
    """
    before = _seconds(reader, place, piece, sizes[0])
    for short, long in pairwise(sizes):
        after = _seconds(reader, place, piece, long)
        allowed = FACTOR * long / short
        if after > allowed * max(before, _FLOOR):
            before = max(_seconds(reader, place, piece, short) for _ in range(3))
            after = min(_seconds(reader, place, piece, long) for _ in range(2))
            if after > allowed * max(before, _FLOOR):
                return True
        before = after
    return False


def _seconds(reader: Reader, place: Place, piece: str, size: int) -> float:
    text = place.before + piece * (size // len(piece)) + place.after
    start = time.process_time()
    reader.read(text)
    return time.process_time() - start


def slow_texts(
    most: int, sizes: Sequence[int] = SIZES, pieces: Sequence[str] = PIECES
) -> Iterator[tuple[str, bool]]:
    """Yield a sentence about each text, and whether its reader takes more than linear time.

    A crash counts as slow.

    Args:
        most: places in each sample.
        sizes: characters of the pieces.
        pieces: the pieces.
    """
    for reader in readers():
        cases = product(dict.fromkeys(reader.samples), pieces)
        for sample, piece in cases:
            for place in places(sample, most):
                what = (
                    f"{reader.name}: {place.before[-30:]!r} + {piece!r} * n + {place.after[:30]!r}"
                )
                try:
                    slow = grows(reader, place, piece, sizes)
                except Exception as error:  # noqa: BLE001 - a crash is what the suite looks for
                    what, slow = f"{what}: {type(error).__name__}: {error}"[:300], True
                yield what, slow


def long_lines(*, small: bool) -> Outcome:
    """Give every reader long texts of every kind of piece."""
    outcome, began = Outcome("hostile long texts"), time.monotonic()
    texts = slow_texts(1, SIZES[:2], PIECES[::3]) if small else slow_texts(6)
    for what, slow in texts:
        outcome.trials += 1
        outcome.wrong += [what] if slow else []
    outcome.seconds = time.monotonic() - began
    return outcome
