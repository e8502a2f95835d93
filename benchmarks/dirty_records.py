"""Make records without an id as a careless collector writes them down, and a large catalogue."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

CYRILLIC: Final = str.maketrans("abdegiklmnoprstu", "абдегиклмнопрсту")
ADDITIONS: Final = (" (2011 Remaster)", " - Remastered 2009", " [Deluxe Edition]")

WORDS: Final = 60_000
"""Different words of all titles and artists; the frequency of a word falls with its number."""

PER_ARTIST: Final = 17
"""Items per artist, as in the incident."""

CHUNK: Final = 1_000_000
"""Items that are made at a time."""


@dataclass(frozen=True)
class Record:
    """A record of a dump.

    Attributes:
        title: its title.
        artist: its artist, if it is named.
        seconds: its duration; None if it has none.
    """

    title: str
    artist: str | None
    seconds: float | None


def with_typo(text: str, rng: random.Random) -> str:
    """Return a text with one letter replaced, left out, doubled or swapped with the next one."""
    if len(text) < 2:
        return text
    place = rng.randrange(len(text) - 1)
    before, here, after = text[:place], text[place : place + 2], text[place + 2 :]
    other = rng.choice(["x" + here[1], here[1], here[0] * 2 + here[1], here[::-1]])
    return before + other + after


def dirty(one: Record, rng: random.Random) -> Record:
    """Return a record with one kind of damage; 5 % have none, and 10 % lose their artist."""
    title, artist = one.title, one.artist or ""
    damage = rng.random()
    if damage < 0.35:
        title = with_typo(title, rng)
    elif damage < 0.45:
        artist = with_typo(artist, rng)
    elif damage < 0.55:
        title, artist = artist, title
    elif damage < 0.65:
        title, artist = title.translate(CYRILLIC), artist.translate(CYRILLIC)
    elif damage < 0.75:
        title += rng.choice(ADDITIONS)
    elif damage < 0.85:
        title = title.upper().replace(" ", "  ")
    seconds = None if one.seconds is None else round(one.seconds + rng.choice([-1, 0, 0, 0, 1]))
    return Record(title, None if damage > 0.9 else artist, seconds)


def catalogue_chunks(items: int, seed: int) -> Iterator[pa.RecordBatch]:
    """Yield a catalogue: ``item``, ``title``, ``group_name`` and ``duration`` in milliseconds."""
    rng = np.random.default_rng(seed)
    words = _words()
    artists = _phrases(words, rng, max(items // PER_ARTIST, 1), 3)
    for start in range(0, items, CHUNK):
        size = min(CHUNK, items - start)
        yield pa.record_batch(
            {
                "item": pc.cast(
                    pa.array(np.arange(start, start + size) + seed * 10**10), pa.string()
                ),
                "title": _phrases(words, rng, size, 4),
                "group_name": artists.take(pa.array(_popular(rng, size, len(artists)))),
                "duration": pa.array(rng.integers(90_000, 420_000, size)),
            }
        )


def _words() -> pa.Array:
    rng = random.Random(1)  # noqa: S311 - reproducible
    letters = "aaabcdeeefghiiklmnnooprrssttuuwz"
    return pa.array(["".join(rng.choices(letters, k=rng.randint(2, 9))) for _ in range(WORDS)])


def _popular(rng: np.random.Generator, size: int, count: int) -> np.ndarray:
    """Return numbers below ``count`` of which each is drawn in proportion to 1 / (number + 1)."""
    return np.minimum((float(count) ** rng.random(size)).astype(np.int64) - 1, count - 1)


def _phrases(words: pa.Array, rng: np.random.Generator, size: int, longest: int) -> pa.Array:
    lengths = rng.integers(1, longest + 1, size)
    columns = [
        words.take(pa.array(_popular(rng, size, len(words)), mask=lengths <= place))
        for place in range(longest)
    ]
    return pc.binary_join_element_wise(*columns, " ", null_handling="skip")
