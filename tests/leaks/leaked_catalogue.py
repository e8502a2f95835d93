"""A small catalogue with texts, and ways to publish it, for tests of leaks."""

from __future__ import annotations

import csv
import random
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

SIGNS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"


@dataclass(frozen=True)
class Item:
    """One item of the catalogue."""

    item: str
    title: str
    group_name: str
    duration: int
    popularity: int
    genre: str
    rights: str
    added: str
    isrc: str


def items(count: int, seed: int = 1) -> list[Item]:
    """Return a catalogue in an order that has nothing to do with use."""
    rng = random.Random(seed)  # noqa: S311 - reproducible
    words = ["".join(rng.choices("abcdefghiklmnoprstuw", k=rng.randint(3, 9))) for _ in range(900)]
    artists = [" ".join(rng.choices(words, k=rng.randint(1, 3))) for _ in range(count // 8 + 2)]
    made = [
        Item(
            "".join(rng.choices(SIGNS, k=16)),
            " ".join(rng.choices(words, k=rng.randint(1, 4))),
            rng.choice(artists),
            rng.randint(90_000, 420_000),
            round(1e6 / (n + 3) ** 1.2),
            rng.choice(["pop", "rock", "jazz"]),
            rng.choice(["Great Records", "Small Label"]),
            f"20{rng.randint(10, 24)}-{rng.randint(1, 12):02d}-15",
            f"USRC1{25 + n // 100_000}{n % 100_000:05d}",
        )
        for n in range(count)
    ]
    rng.shuffle(made)
    return made


def most_used(catalogue: Sequence[Item], count: int) -> list[Item]:
    """Return the most used items, most used first."""
    return sorted(catalogue, key=lambda one: -one.popularity)[:count]


def write_catalogue(catalogue: Sequence[Item], path: Path) -> Path:
    """Write the operator's own file."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        names = list(Item.__dataclass_fields__)
        writer.writerow(names)
        writer.writerows([getattr(one, name) for name in names] for one in catalogue)
    return path


def write_listing(listed: Sequence[Item], path: Path) -> Path:
    """Write a list of files with sizes, named after the items."""
    lines = (f"{one.item[:2]}/{one.item}.ogg\t{4_000_000 + one.popularity}\n" for one in listed)
    path.write_text("".join(lines), encoding="utf-8")
    return path


def write_sqlite(listed: Sequence[Item], path: Path) -> Path:
    """Write a database with metadata."""
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE tracks (track_id TEXT, name TEXT, artist TEXT)")
        rows = [(one.item, one.title, one.group_name) for one in listed]
        connection.executemany("INSERT INTO tracks VALUES (?, ?, ?)", rows)
    connection.close()
    return path


def rounded(value: object) -> object:
    """Return a document with nine digits of each number, which sums in any order share."""
    if isinstance(value, dict):
        return {key: rounded(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [rounded(one) for one in value]
    return float(f"{value:.9g}") if isinstance(value, float) else value
