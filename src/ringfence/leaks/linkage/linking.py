"""Link the records of a dump that no id matched."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from scipy.stats import binom

from ringfence.engine import Engine, identifier
from ringfence.leaks.chance import Relation
from ringfence.leaks.linkage.candidates import RIGHT_TEXTS, store_candidates, store_pairs
from ringfence.leaks.linkage.limits import UNLINKED_SHARE, has_titles, linkable
from ringfence.leaks.linkage.summary import LinkageSummary
from ringfence.leaks.linkage.texts import comparable_sql, in_seconds, store_letters
from ringfence.leaks.linkage.weights import LinkModel, estimate
from ringfence.leaks.listed_catalogue import ListedCatalogue

if TYPE_CHECKING:
    from ringfence.leaks.staged_dumps import StagedDump

FALSE_RATE: Final = 0.0005
"""Largest expected share of wrong links. The least posterior probability follows from it."""

_LEAST: Final = 0.9
_LEFT: Final = "leak_left"
_TEXTS: Final = "leak_texts"
_DECOYS: Final = "leak_decoys"
_PAIRS: Final = "leak_pairs"
_LINKS: Final = "leak_links"
_DECOY_LINKS: Final = "leak_decoy_links"
_RECORDS_AT_A_TIME: Final = 50_000
"""Records whose pairs are stored at the same time, about: a record has up to some thousand."""

_NO_ARTIST: Final = "CAST(NULL AS VARCHAR)"


def link_records(
    engine: Engine, catalogue: ListedCatalogue, dump: StagedDump, unlisted: int
) -> StagedDump:
    """Give items to the records of a dump that no id matched.

    Titles are needed on both sides, or names of files of the form ``Artist - Title``. Artist and
    duration are used where both sides have them.

    It fails where many items differ in nothing that is compared: such records stay unlinked and
    are counted as ambiguous.

    Args:
        engine: with the tables of the catalogue and of the dump.
        catalogue: the catalogue.
        dump: the dump.
        unlisted: number of its records that no id matched.

    Returns:
        The dump with a summary, and with its table replaced by one that has the links. If the dump
        has ids and at most 1 % of its records have no listed one, or if there are too many records
        or items, it is not linked, and only their number is added. Without texts on both sides,
        the dump is returned as it is.
    """
    if not has_titles(catalogue.roles, dump.roles):
        return dump
    few = unlisted <= UNLINKED_SHARE * dump.records * bool(dump.item and dump.item.matched > 0.5)
    if few or not linkable(unlisted, catalogue.items):
        return replace(dump, unlinked=unlisted)
    _store_unmatched(engine, dump)
    _store_sides(engine, catalogue, dump)
    _store_decoys(engine)
    store_candidates(engine, [_LEFT, _DECOYS])
    model = estimate(engine, _LEFT)
    _store_links(engine, model, _LEFT, _LINKS)
    threshold = _threshold(engine)
    _store_links(engine, model, _DECOYS, _DECOY_LINKS)
    decoys = _count_links(engine, _DECOY_LINKS, threshold)
    summary = _summary(engine, model, threshold, unlisted, decoys)
    _replace_keys(engine, dump)
    return replace(dump, linkage=summary)


def _store_unmatched(engine: Engine, dump: StagedDump) -> None:
    """Fill ``leak_unmatched`` with the positions of records without a listed key."""
    engine.run(
        "CREATE OR REPLACE TEMP TABLE leak_listed AS SELECT DISTINCT item_key FROM leak_catalogue "  # noqa: S608 - own names and quoted ones
        f"WHERE item_key IN (SELECT item_key FROM {dump.table})"
        if dump.item or dump.standard
        else "CREATE OR REPLACE TEMP TABLE leak_listed (item_key UBIGINT)"
    )
    engine.run(
        "CREATE OR REPLACE TEMP TABLE leak_unmatched AS SELECT position "  # noqa: S608 - own
        f"FROM {dump.table} AS d LEFT JOIN leak_listed AS l ON l.item_key = d.item_key "
        "WHERE l.item_key IS NULL"
    )


def _store_sides(engine: Engine, catalogue: ListedCatalogue, dump: StagedDump) -> None:
    columns, select = _texts(dump)
    dump.source.source.store(engine, _TEXTS, columns, select)
    engine.run(
        "CREATE OR REPLACE TEMP TABLE leak_left_raw AS SELECT t.rowid AS record, t.* "  # noqa: S608 - own names and quoted ones
        f"FROM {_TEXTS} AS t WHERE t.rowid IN (SELECT position FROM leak_unmatched)"
    )
    right = ", ".join(
        f"{role if role in catalogue.roles else _NO_ARTIST} AS {role}"
        for role in ("title", "artist", "duration")
    )
    items = f"(SELECT hash(item) AS item_key, {right} FROM {catalogue.relation})"  # noqa: S608 - own
    store_letters(
        engine,
        f"(SELECT title, artist FROM leak_left_raw UNION ALL SELECT title, artist FROM {items})",  # noqa: S608 - own
    )
    for table, relation, key in (
        (_LEFT, "leak_left_raw", "record"),
        (RIGHT_TEXTS, items, "item_key"),
    ):
        engine.run(f"CREATE OR REPLACE TEMP TABLE {table} AS {comparable_sql(relation, key)}")
        in_seconds(engine, table)


def _texts(dump: StagedDump) -> tuple[list[str], str]:
    """Return the columns with texts, and SQL of title, artist and duration."""
    roles = dump.roles
    if "title" not in roles:
        path = identifier(roles["path"].column)
        stem = (
            rf"regexp_replace(regexp_extract({path}, '([^/\\]+)$', 1), '\.[A-Za-z0-9]{{1,5}}$', '')"
        )
        stem = rf"regexp_replace({stem}, '^\d{{1,3}}[ .)_-]+', '')"
        return [roles["path"].column], (
            f"regexp_replace({stem}, '^.*? - ', '') AS title, "
            f"nullif(regexp_extract({stem}, '^(.*?) - ', 1), '') AS artist, "
            "CAST(NULL AS VARCHAR) AS duration"
        )
    columns = [roles[one].column for one in ("title", "artist", "duration") if one in roles]
    select = ", ".join(
        f"{identifier(roles[one].column) if one in roles else _NO_ARTIST} AS {one}"
        for one in ("title", "artist", "duration")
    )
    return list(dict.fromkeys(columns)), select


def _store_decoys(engine: Engine) -> None:
    """Fill ``leak_decoys`` with as many decoys as records: texts of three records put together."""
    engine.run(
        f"CREATE OR REPLACE TEMP TABLE {_DECOYS} AS WITH numbered AS (SELECT *, "  # noqa: S608 - own names and quoted ones
        "row_number() OVER (ORDER BY hash(record)) - 1 AS n, count(*) OVER () AS total "
        f"FROM {_LEFT}) "
        "SELECT a.record, a.title, a.core, b.artist, b.names, c.seconds FROM numbered AS a "
        "JOIN numbered AS b ON b.n = (a.n + 1) % a.total "
        "JOIN numbered AS c ON c.n = (a.n + 2) % a.total"
    )


def _store_links(engine: Engine, model: LinkModel, left: str, links: str) -> None:
    """Fill a table with the best item of each record. Pairs of some records exist at a time."""
    engine.run(
        f"CREATE OR REPLACE TEMP TABLE {links} (record BIGINT, item_key UBIGINT, posterior DOUBLE)"
    )
    records = int(engine.rows(f"SELECT count(*) FROM {left}")[0][0])  # noqa: S608 - own
    chunks = records // _RECORDS_AT_A_TIME + 1
    for chunk in range(chunks):
        some = f"(SELECT * FROM {left} WHERE hash(record) % {chunks:d} = {chunk:d})"  # noqa: S608 - own
        store_pairs(engine, some, _PAIRS)
        engine.run(
            f"INSERT INTO {links} WITH scored AS ("  # noqa: S608 - own
            f"SELECT record, item_key, sum({model.odds_sql()}) AS odds FROM {_PAIRS} "
            "GROUP BY ALL) SELECT record, arg_max(item_key, odds), max(odds) / (1 + sum(odds)) "
            "FROM scored GROUP BY record"
        )


def _threshold(engine: Engine) -> float:
    """Return the least posterior with which a link is accepted."""
    found = engine.rows(
        "SELECT coalesce(min(posterior), 1.0) FROM (SELECT posterior, avg(1 - posterior) OVER ("  # noqa: S608 - own
        "ORDER BY posterior DESC, record ROWS UNBOUNDED PRECEDING) AS false_rate "
        f"FROM {_LINKS}) WHERE false_rate <= {FALSE_RATE!r} AND posterior >= {_LEAST!r}"
    )
    return float(found[0][0])


def _count_links(engine: Engine, links: str, threshold: float) -> int:
    found = engine.rows(
        f"SELECT count(*) FROM {links} WHERE posterior >= $least",  # noqa: S608 - own
        {"least": threshold},
    )
    return int(found[0][0])


def _summary(
    engine: Engine, model: LinkModel, threshold: float, records: int, decoys: int
) -> LinkageSummary:
    linked, distinct, false, with_candidates = engine.rows(
        "SELECT count(*) FILTER (posterior >= $least), "
        "count(DISTINCT item_key) FILTER (posterior >= $least), "
        "coalesce(sum(1 - posterior) FILTER (posterior >= $least), 0), count(*) FROM leak_links",
        {"least": threshold},
    )[0]
    engine.run("DELETE FROM leak_links WHERE posterior < $least", {"least": threshold})
    p_value = float(binom.sf(linked - 1, linked + decoys, 0.5)) if linked else 1.0
    return LinkageSummary(
        records=records,
        linked=int(linked),
        ambiguous=int(with_candidates - linked),
        duplicates=int(linked - distinct),
        expected_false=float(false),
        false_rate=float(false) / max(linked, 1),
        decoys_linked=decoys,
        threshold=threshold,
        weights=model.weights(),
        relation=Relation(records, int(linked), decoys / max(records, 1), p_value=p_value),
    )


def _replace_keys(engine: Engine, dump: StagedDump) -> None:
    """Give the linked records their items."""
    engine.run(
        f"CREATE OR REPLACE TEMP TABLE leak_linked_{dump.number:d} AS "  # noqa: S608 - own
        "SELECT coalesce(k.item_key, d.item_key) AS item_key, d.position AS position "
        f"FROM {dump.table} AS d LEFT JOIN leak_links AS k ON k.record = d.position"
    )
