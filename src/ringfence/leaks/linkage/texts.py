"""Make titles, artists and durations of two tables comparable, in SQL."""

from __future__ import annotations

from typing import Final

import numpy as np
from anyascii import anyascii

from ringfence.engine import Engine

_PLAIN: Final = "trim(regexp_replace(lower(strip_accents({0})), '[^a-z0-9]+', ' ', 'g'))"

_LATIN: Final = (
    "CASE WHEN regexp_matches({0}, '[^\\x00-\\x7F]') THEN array_to_string(list_transform("
    "string_split({0}, ''), lambda sign: coalesce(letters.latin[sign], sign)), '') ELSE {0} END"
)

_DECORATION: Final = (
    r"\s*[\(\[][^\)\]]*[\)\]]|\s+-\s+.*\b(?i:remaster|version|edit|mix|live|mono|stereo|deluxe|"
    r"edition|bonus)\w*\b.*$|\s+(?i:feat|ft|featuring)\b.*$"
)
"""Parts of a title that a re-release adds: brackets, a dash with a known word, guests."""


def store_letters(engine: Engine, relation: str) -> None:
    """Fill the table ``leak_letters`` with the letters of a table, in Latin letters.

    Each sign of another alphabet is transliterated for itself.

    Args:
        engine: gets the table, with one row: a map.
        relation: SQL that may follow FROM, with the columns ``title`` and ``artist``.
    """
    rows = engine.rows(
        "SELECT DISTINCT unnest(string_split(text, '')) AS sign FROM "  # noqa: S608 - own
        f"(SELECT concat(title, artist) AS text FROM {relation}) "
        "WHERE regexp_matches(text, '[^\\x00-\\x7F]')"
    )
    foreign = [sign for (sign,) in rows if sign and not sign.isascii()]
    engine.table(
        "leak_signs",
        {
            "sign": np.array(["", *foreign], object),
            "latin": np.array(["", *map(anyascii, foreign)], object),
        },
    )
    engine.run(
        "CREATE OR REPLACE TEMP TABLE leak_letters AS SELECT map_from_entries(list((CAST(sign AS "
        "VARCHAR), CAST(latin AS VARCHAR)))) AS latin FROM leak_signs"
    )


def comparable_sql(relation: str, key: str) -> str:
    """Return SQL of a table with texts in one form, and ``seconds``.

    The texts are ``title``, ``core`` (the title without additions), ``artist``, and ``names`` (the
    words of the artist, sorted, because lists of authors come in any order).

    Args:
        relation: SQL that may follow FROM, with ``title``, ``artist`` and ``duration`` as text.
        key: a column that is taken over.
    """
    title, artist = _LATIN.format("title"), _LATIN.format("artist")
    core = f"regexp_replace({title}, '{_DECORATION}', '', 'g')"
    return (
        f"SELECT *, {sorted_words('artist')} AS names FROM ("  # noqa: S608 - own
        f"SELECT {key}, {_PLAIN.format(title)} AS title, "
        f"coalesce(nullif({_PLAIN.format(core)}, ''), {_PLAIN.format(title)}) AS core, "
        f"nullif({_PLAIN.format(artist)}, '') AS artist, {_seconds('duration')} AS seconds "
        f"FROM {relation}, leak_letters AS letters WHERE title IS NOT NULL)"
    )


def sorted_words(column: str) -> str:
    """Return SQL of the words of a text in order of the alphabet; NULL if it is NULL."""
    return f"array_to_string(list_sort(string_split({column}, ' ')), ' ')"


def _seconds(column: str) -> str:
    """Return SQL of a duration in the column's own unit; ``3:25`` is 205."""
    parts = f"string_split({column}, ':')"
    return (
        f"CASE WHEN contains({column}, ':') THEN list_sum(list_transform({parts}, lambda part, "
        f"place: TRY_CAST(part AS DOUBLE) * power(60, len({parts}) - place))) "
        f"ELSE TRY_CAST({column} AS DOUBLE) END"
    )


def in_seconds(engine: Engine, table: str) -> None:
    """Divide the durations of a table by 1000 if they are in milliseconds.

    They are if their median is above 5,000: no track is that many seconds long.
    """
    median = engine.rows(f"SELECT median(seconds) FROM {table}")[0][0]  # noqa: S608 - own
    if median is not None and median > 5_000:
        engine.run(f"UPDATE {table} SET seconds = seconds / 1000")  # noqa: S608 - own
