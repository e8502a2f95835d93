"""Small logs with an extractor, honest users, and lines that cannot be read."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Final

_USERS: Final = 40
_ITEMS: Final = 400
_BAD: Final = (
    '"',
    "\ud83d".encode("utf-8", "surrogatepass").decode("latin-1"),
    "x" * 40,
    "{}",
    "\x0b",
)


def days(folder: Path, number: int = 3, lines: int = 600) -> list[Path]:
    """Write logs of consecutive days; one line in twenty cannot be read.

    Args:
        folder: where the logs go.
        number: number of days.
        lines: lines of each day.
    """
    rng = random.Random(number)  # noqa: S311 - made-up data
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for day in range(number):
        path = folder / f"day{day}.log"
        text = [_line(rng, day, second) for second in range(lines)]
        path.write_bytes("".join(text).encode("latin-1"))
        paths.append(path)
    return paths


def _line(rng: random.Random, day: int, second: int) -> str:
    if rng.random() < 1 / 20:
        return rng.choice(_BAD) + "\n"
    extractor = rng.random() < 1 / 4
    who = "taker" if extractor else f"user{rng.randrange(_USERS)}"
    item = day * 200 + second if extractor else int(_ITEMS * rng.random() ** 3)
    clock = f"{8 + second // 60 % 12:02}:{second % 60:02}:{rng.randrange(60):02}"
    return (
        f"192.0.2.{len(who)} - {who} [{9 + day:02}/Mar/2026:{clock} +0000] "
        f'"GET /record/{item} HTTP/1.1" 200 512 "-" "Reader/1.0"\n'
    )
