"""Logs of several days, in which an account begins to take everything."""

from __future__ import annotations

from pathlib import Path

FIRST = 2
"""The first day, in June 2025."""


def write_days(folder: Path, days: int = 6, greedy_from: int = 2) -> list[Path]:
    """Write one csv file per day: 40 users, and ``greedy`` with 1,000 new items per day.

    ``greedy`` takes the two halves of each two hundred ids in turns. So it follows the ids, but not
    by near steps, and its order needs no witnesses.
    """
    files = []
    for day in range(days):
        rows = [
            f"2025-06-{FIRST + day:02d}T{8 + user % 8:02d}:{5 * n:02d}:00Z,r{user},"
            f"{(3 * n + user + day) % 60}\n"
            for user in range(40)
            for n in range(9)
        ]
        if day >= greedy_from:
            rows += [
                f"2025-06-{FIRST + day:02d}T{n // 60:02d}:{n % 60:02d}:00Z,greedy,"
                f"{1_000 * day + n - n % 200 + n % 2 * 100 + n % 200 // 2}\n"
                for n in range(1_000)
            ]
        path = folder / f"day-{day}.csv"
        path.write_text("ts,account,item\n" + "".join(rows), encoding="utf-8")
        files.append(path)
    return files
