"""Link the records of a dump that no id matched."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from scipy.stats import binom

from ringfence.engine import Engine, identifier
from ringfence.leaks.chance import Relation
from ringfence.leaks.linkage.candidates import RIGHT_TEXTS, store_frequencies, store_pairs
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
_DECOY_LINKS: Final = "leak_decoy_links"
_IGNORED: Final = 0.01
"""Share of the records of a dump with ids that may stay without an item: linking the whole
catalogue for them would cost more than it says."""

_NO_ARTIST: Final = "CAST(NULL AS VARCHAR)"


def link_records(engine: Engine, catalogue: ListedCatalogue, dump: StagedDump) -> StagedDump:
    """Give items to the records of a dump that no id matched.

    Titles are needed on both sides, or names of files of the form ``Artist - Title``. Artist and
    duration are used where both sides have them.

    It fails where many items differ in nothing that is compared: such records stay unlinked and
    are counted as ambiguous.

    Args:
        engine: with the tables of the catalogue and of the dump.
        catalogue: the catalogue.
        dump: the dump.

    Returns:
        The dump with a summary, and with its table replaced by one that has the links. If the dump
        has ids and at most 1 % of its records have no listed one, it is not linked, and only their
        number is added. Without texts on both sides, the dump is returned as it is.
    """
    if "title" not in catalogue.roles or not ({"title", "path"} & dump.roles.keys()):
        return dump
    unmatched = _store_unmatched(engine, dump)
    if unmatched <= _IGNORED * dump.records * bool(dump.item and dump.item.matched > 0.5):
        return replace(dump, unlinked=unmatched)
    _store_sides(engine, catalogue, dump)
    store_frequencies(engine)
    store_pairs(engine, _LEFT, "leak_pairs")
    model = estimate(engine, _LEFT, "leak_pairs")
    threshold = _store_links(engine, model, "leak_pairs", "leak_links")
    decoys = _linked_decoys(engine, model, threshold)
    summary = _summary(engine, model, threshold, unmatched, decoys)
    _replace_keys(engine, dump)
    return replace(dump, linkage=summary)


def _store_unmatched(engine: Engine, dump: StagedDump) -> int:
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
    return int(engine.rows("SELECT count(*) FROM leak_unmatched")[0][0])


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


def _store_links(engine: Engine, model: LinkModel, pairs: str, links: str) -> float:
    """Fill a table with the best item of each record, and return the least accepted posterior."""
    engine.run(
        f"CREATE OR REPLACE TEMP TABLE {links} AS WITH scored AS ("  # noqa: S608 - own
        f"SELECT record, item_key, sum({model.odds_sql()}) AS odds FROM {pairs} GROUP BY ALL) "
        "SELECT record, arg_max(item_key, odds) AS item_key, "
        "max(odds) / (1 + sum(odds)) AS posterior FROM scored GROUP BY record"
    )
    found = engine.rows(
        "SELECT coalesce(min(posterior), 1.0) FROM (SELECT posterior, avg(1 - posterior) OVER ("  # noqa: S608 - own
        "ORDER BY posterior DESC, record ROWS UNBOUNDED PRECEDING) AS false_rate "
        f"FROM {links}) WHERE false_rate <= {FALSE_RATE!r} AND posterior >= {_LEAST!r}"
    )
    return float(found[0][0])


def _linked_decoys(engine: Engine, model: LinkModel, threshold: float) -> int:
    """Return how many decoys are linked: texts of three records put together as one."""
    engine.run(
        "CREATE OR REPLACE TEMP TABLE leak_decoys AS WITH numbered AS (SELECT *, "  # noqa: S608 - own names and quoted ones
        "row_number() OVER (ORDER BY hash(record)) - 1 AS n, count(*) OVER () AS total "
        f"FROM {_LEFT}) SELECT a.record, a.title, a.core, b.artist, c.seconds FROM numbered AS a "
        "JOIN numbered AS b ON b.n = (a.n + 1) % a.total "
        "JOIN numbered AS c ON c.n = (a.n + 2) % a.total"
    )
    store_pairs(engine, "leak_decoys", "leak_decoy_pairs")
    _store_links(engine, model, "leak_decoy_pairs", _DECOY_LINKS)
    found = engine.rows(
        f"SELECT count(*) FROM {_DECOY_LINKS} WHERE posterior >= $least",  # noqa: S608 - own
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
