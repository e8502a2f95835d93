"""Pairs of a record and an item that are worth a comparison."""

from __future__ import annotations

from typing import Final

from ringfence.engine import Engine

RIGHT_TEXTS: Final = "leak_right_texts"
"""The table of the catalogue's texts in comparable form."""

LARGEST_BLOCK: Final = 300
"""Items with one blocking key; a key of more items says too little and is not used."""

_KEYS: Final = (
    "hash('ta', core, artist)",
    "hash('te', artist, left(core, 4))",
    "hash('tz', artist, right(core, 4))",
    "hash('pp', left(artist, 5), left(core, 5))",
    "hash('zz', right(artist, 5), right(core, 5))",
    "hash('pz', left(artist, 5), right(core, 5))",
    "hash('zp', right(artist, 5), left(core, 5))",
)
"""Keys without a duration; NULL parts are hashed, so such keys are left out by a condition."""

_TIMED: Final = (
    "hash('td', core, {0})",
    "hash('pd', left(core, 5), {0})",
    "hash('zd', right(core, 5), {0})",
    "hash('ad', artist, {0})",
)

_BUCKET: Final = 4
"""Seconds of a bucket of durations."""

GAMMA: Final = """
  CASE WHEN l.title = r.title THEN 4 WHEN l.core = r.core THEN 3
    WHEN jaro_winkler_similarity(l.core, r.core) >= 0.94 THEN 2
    WHEN jaro_winkler_similarity(l.core, r.core) >= 0.85 THEN 1 ELSE 0 END AS title_level,
  CASE WHEN l.artist IS NULL OR r.artist IS NULL THEN -1 WHEN l.artist = r.artist THEN 3
    WHEN jaro_winkler_similarity(l.artist, r.artist) >= 0.94 THEN 2
    WHEN contains(l.artist, r.artist) OR contains(r.artist, l.artist)
      OR jaro_winkler_similarity(l.artist, r.artist) >= 0.85 THEN 1 ELSE 0 END AS artist_level,
  CASE WHEN l.seconds IS NULL OR r.seconds IS NULL THEN -1
    WHEN abs(l.seconds - r.seconds) <= 1.01 THEN 3 WHEN abs(l.seconds - r.seconds) <= 3 THEN 2
    WHEN abs(l.seconds - r.seconds) <= 10 THEN 1 ELSE 0 END AS duration_level
"""
"""The comparisons; level -1 means that one side has no value."""


def store_frequencies(engine: Engine) -> None:
    """Add to ``leak_right`` how many items have the same core title, and the same artist."""
    engine.run(
        "CREATE OR REPLACE TEMP TABLE leak_right AS SELECT *, count(*) OVER (PARTITION BY core) AS "  # noqa: S608 - own names and quoted ones
        "same_core, count(*) OVER (PARTITION BY artist) AS same_artist FROM " + RIGHT_TEXTS
    )
    engine.run(
        "CREATE OR REPLACE TEMP TABLE leak_right_keys AS SELECT key, list(item_key) AS items FROM ("  # noqa: S608 - own names and quoted ones
        f"SELECT item_key, unnest({_keys('0')}) AS key FROM leak_right) WHERE key IS NOT NULL "
        f"GROUP BY key HAVING count(*) <= {LARGEST_BLOCK:d}"
    )


def store_pairs(engine: Engine, left: str, pairs: str) -> None:
    """Fill a table with compared pairs of records and items.

    Title and artist of a record may be swapped, so each record is compared both ways, and the
    better one counts.

    Args:
        engine: with ``leak_right`` and ``leak_right_keys``.
        left: table of the records: ``record``, ``title``, ``core``, ``artist``, ``seconds``.
        pairs: table to fill.
    """
    engine.run(
        f"CREATE OR REPLACE TEMP TABLE leak_left_ways AS SELECT *, 0 AS swapped FROM {left} "  # noqa: S608 - own
        "UNION ALL SELECT record, artist, artist, title, seconds, 1 "
        f"FROM {left} WHERE artist IS NOT NULL"
    )
    keys = " UNION ".join(
        f"SELECT record, swapped, unnest({_keys(shift)}) AS key FROM leak_left_ways"  # noqa: S608 - own names and quoted ones
        for shift in ("-1", "0", "1")
    )
    engine.run(
        f"CREATE OR REPLACE TEMP TABLE {pairs} AS "  # noqa: S608 - own
        "WITH candidates AS (SELECT DISTINCT k.record, k.swapped, unnest(r.items) AS item_key "
        f"FROM ({keys}) AS k JOIN leak_right_keys AS r ON r.key = k.key) "
        f"SELECT c.record, c.swapped, c.item_key, r.same_core, r.same_artist, {GAMMA} "
        "FROM candidates AS c "
        "JOIN leak_left_ways AS l ON l.record = c.record AND l.swapped = c.swapped "
        "JOIN leak_right AS r ON r.item_key = c.item_key"
    )


def _keys(shift: str) -> str:
    """Return SQL of the list of blocking keys, with the bucket of duration shifted."""
    bucket = f"CAST(floor(seconds / {_BUCKET:d}) AS BIGINT) + {shift}"
    untimed = [f"CASE WHEN artist IS NOT NULL THEN {one} END" for one in _KEYS]
    timed = [f"CASE WHEN seconds IS NOT NULL THEN {one.format(bucket)} END" for one in _TIMED[:-1]]
    timed += [
        f"CASE WHEN seconds IS NOT NULL AND artist IS NOT NULL THEN {_TIMED[-1].format(bucket)} END"
    ]
    return f"[{', '.join([*untimed, *timed])}]"
