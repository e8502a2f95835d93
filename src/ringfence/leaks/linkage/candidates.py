"""Pairs of a record and an item that are worth a comparison."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from ringfence.engine import Engine
from ringfence.leaks.linkage.texts import sorted_words

RIGHT_TEXTS: Final = "leak_right_texts"
"""The table of the catalogue's texts in comparable form."""

LARGEST_BLOCK: Final = 300
"""Items with one blocking key; a key of more items says too little and is not used."""

_KEYS: Final = (
    "hash('ta', core, names)",
    "hash('te', names, left(core, 4))",
    "hash('tz', names, right(core, 4))",
    "hash('pp', left(names, 5), left(core, 5))",
    "hash('zz', right(names, 5), right(core, 5))",
    "hash('pz', left(names, 5), right(core, 5))",
    "hash('zp', right(names, 5), left(core, 5))",
)
"""Keys with an artist; NULL parts are hashed, so such keys are left out by a condition."""

_TIMED: Final = (
    "hash('td', core, {0})",
    "hash('pd', left(core, 5), {0})",
    "hash('zd', right(core, 5), {0})",
    "hash('ad', names, {0})",
)

_TITLED: Final = ("hash('t', core)", "hash('tp', left(core, 12))", "hash('ts', right(core, 12))")
"""Keys of the title alone."""

_BUCKET: Final = 4
"""Seconds of a bucket of durations."""

_SHORT: Final = 5
"""Letters from which one wrong letter rarely turns a title or name into another one."""

_LONG_TITLE: Final = 8
"""Letters from which a title that is nearly equal is hardly another one."""

GAMMA: Final = f"""
  CASE WHEN l.title = r.title THEN 6 WHEN l.core = r.core THEN 5
    WHEN (jaro_winkler_similarity(l.core, r.core) >= 0.94
      OR abs(length(l.core) - length(r.core)) <= 1 AND damerau_levenshtein(l.core, r.core) <= 1)
      AND regexp_replace(l.core, '[^0-9]', '', 'g') = regexp_replace(r.core, '[^0-9]', '', 'g')
      THEN CASE WHEN least(length(l.core), length(r.core)) >= {_LONG_TITLE:d} THEN 4
        WHEN least(length(l.core), length(r.core)) >= {_SHORT:d} THEN 3 ELSE 2 END
    WHEN jaro_winkler_similarity(l.core, r.core) >= 0.85 THEN 1 ELSE 0 END AS title_level,
  CASE WHEN l.artist IS NULL OR r.artist IS NULL THEN -1 WHEN l.names = r.names THEN 3
    WHEN jaro_winkler_similarity(l.artist, r.artist) >= 0.94
      OR jaro_winkler_similarity(l.names, r.names) >= 0.94 THEN 2
    WHEN abs(length(l.artist) - length(r.artist)) <= 1
      AND damerau_levenshtein(l.artist, r.artist) <= 1
      THEN CASE WHEN least(length(l.artist), length(r.artist)) >= {_SHORT:d} THEN 2 ELSE 1 END
    WHEN contains(l.artist, r.artist) OR contains(r.artist, l.artist)
      OR jaro_winkler_similarity(l.artist, r.artist) >= 0.85
      OR jaro_winkler_similarity(l.names, r.names) >= 0.85 THEN 1 ELSE 0 END AS artist_level,
  CASE WHEN l.seconds IS NULL OR r.seconds IS NULL THEN -1
    WHEN abs(l.seconds - r.seconds) <= 0.51 THEN 4
    WHEN abs(l.seconds - r.seconds) <= 1.51 THEN 3 WHEN abs(l.seconds - r.seconds) <= 3 THEN 2
    WHEN abs(l.seconds - r.seconds) <= 10 THEN 1 ELSE 0 END AS duration_level
"""
"""The comparisons; level -1 means that one side has no value.

A duration that is rounded to a second differs by half a second, and by one and a half if it is also
a second off.
"""


def store_candidates(engine: Engine, lefts: Sequence[str]) -> None:
    """Fill ``leak_right_keys`` and ``leak_right`` with what some records may have to do with.

    The keys of the records are stored, not those of the items. The items are read three times.

    Args:
        engine: with :data:`RIGHT_TEXTS` and the tables of records.
        lefts: tables of records: ``record`` and the columns of :func:`comparable_sql`.
    """
    asked = " UNION ".join(f"SELECT key FROM {_left_keys(left)}" for left in lefts)  # noqa: S608 - own
    engine.run(f"CREATE OR REPLACE TEMP TABLE leak_asked AS {asked}")
    keys = f"(SELECT item_key, unnest({_keys('0')}) AS key FROM {RIGHT_TEXTS})"  # noqa: S608 - own
    engine.run(
        f"CREATE OR REPLACE TEMP TABLE leak_blocks AS SELECT key FROM {keys} "  # noqa: S608 - own
        "WHERE key IN (SELECT key FROM leak_asked) "
        f"GROUP BY key HAVING count(*) <= {LARGEST_BLOCK:d}"
    )
    engine.run(
        f"CREATE OR REPLACE TEMP TABLE leak_right_keys AS SELECT key, item_key FROM {keys} "  # noqa: S608 - own
        "WHERE key IN (SELECT key FROM leak_blocks)"
    )
    engine.run(
        "CREATE OR REPLACE TEMP TABLE leak_right AS SELECT t.*, c.items AS same_core, "  # noqa: S608 - own names and quoted ones
        f"coalesce(a.items, 1) AS same_artist FROM {RIGHT_TEXTS} AS t "
        f"JOIN {_numbers('core')} AS c ON c.value = t.core "
        f"LEFT JOIN {_numbers('names')} AS a ON a.value = t.names "
        "WHERE t.item_key IN (SELECT item_key FROM leak_right_keys)"
    )


def _numbers(column: str) -> str:
    """Return SQL of the number of items with each value of a column, as expected elsewhere.

    A value that one item has is rarer elsewhere than once in this number of items, because most
    rare values are not in the catalogue at all. Its expected number is 2 f2 / f1, where f1 and f2
    are the numbers of values that one item and two items have (Good 1953).
    """
    counted = f"SELECT {column} AS value, count(*) AS items FROM {RIGHT_TEXTS} GROUP BY {column}"  # noqa: S608 - own
    once = "least(1e0, 2e0 * (1 + count_if(items = 2)) / (1 + count_if(items = 1)))"
    return (
        f"(SELECT value, CASE WHEN items = 1 THEN once ELSE items END AS items FROM ({counted}), "  # noqa: S608 - own
        f"(SELECT {once} AS once FROM ({counted})))"
    )


def store_pairs(engine: Engine, left: str, pairs: str) -> None:
    """Fill a table with compared pairs of records and items.

    Title and artist of a record may be swapped, so each record is compared both ways, and the
    better one counts.

    Args:
        engine: with ``leak_right`` and ``leak_right_keys``.
        left: table of the records, or SQL of one in brackets.
        pairs: table to fill.
    """
    engine.run(
        f"CREATE OR REPLACE TEMP TABLE {pairs} AS "  # noqa: S608 - own
        "WITH candidates AS (SELECT DISTINCT k.record, k.swapped, r.item_key "
        f"FROM {_left_keys(left)} AS k JOIN leak_right_keys AS r ON r.key = k.key) "
        f"SELECT c.record, c.swapped, c.item_key, r.same_core, r.same_artist, {GAMMA} "
        "FROM candidates AS c "
        f"JOIN {_ways(left)} AS l ON l.record = c.record AND l.swapped = c.swapped "
        "JOIN leak_right AS r ON r.item_key = c.item_key"
    )


def _ways(left: str) -> str:
    """Return SQL of records as they are, and with title and artist swapped."""
    return (
        f"(SELECT record, title, core, artist, names, seconds, 0 AS swapped FROM {left} UNION ALL "  # noqa: S608 - own
        f"SELECT record, artist, artist, title, {sorted_words('title')}, seconds, 1 FROM {left} "
        "WHERE artist IS NOT NULL)"
    )


def _left_keys(left: str) -> str:
    """Return SQL of the blocking keys of records, also with the neighbouring buckets of time."""
    shifted = [
        f"SELECT record, swapped, unnest({_keys(shift)}) AS key FROM {_ways(left)}"  # noqa: S608 - own names and quoted ones
        for shift in ("-1", "0", "1")
    ]
    return f"({' UNION ALL '.join(shifted)})"


def _keys(shift: str) -> str:
    """Return SQL of the list of blocking keys, with the bucket of duration shifted."""
    bucket = f"CAST(floor(seconds / {_BUCKET:d}) AS BIGINT) + {shift}"
    untimed = [f"CASE WHEN artist IS NOT NULL THEN {one} END" for one in _KEYS]
    timed = [f"CASE WHEN seconds IS NOT NULL THEN {one.format(bucket)} END" for one in _TIMED[:-1]]
    timed += [
        f"CASE WHEN seconds IS NOT NULL AND artist IS NOT NULL THEN {_TIMED[-1].format(bucket)} END"
    ]
    return f"[{', '.join([*untimed, *timed, *_TITLED])}]"
