"""SQL that applies item rules to a column ``url``, for every engine."""

from __future__ import annotations

from collections.abc import Sequence

from ringfence.engine import literal
from ringfence.events.items.path_parameters import (
    bare_sql,
    half_bare_sql,
    is_disputed_sql,
    is_doubtful_sql,
    is_of_path_sql,
    is_read_sql,
    path_sql,
)
from ringfence.events.items.plain_url import (
    flat_sql,
    is_odd_sql,
    literal_sql,
    merged_sql,
    plain_sql,
    unmerged_sql,
)
from ringfence.events.items.rules import PROXY_PAGES, STATIC, Preset, Rule
from ringfence.events.sql_steps import SQLStep, let, with_column

_SPELLINGS = 12
_ESCAPES = (("+", " "), ("%20", " "), ("%2F", "/"), ("%2f", "/"), ("%3A", ":"), ("%3a", ":"))
"""Escapes, and their replacements in normalised items."""


def item_select(select: str, one: Preset) -> str:
    """Build the SELECT that adds ``found_in_url``, the item, and ``read_url``, where it is.

    A URL is read in the first spelling that has an item: the plain one, the one in the log, the one
    with single slashes, and those without parameters of the path. One whose path may hide another
    item comes last. Without an item, a URL is read as it is in the log.

    Args:
        select: a SELECT with the column ``url``.
        one: item rules.
    """
    select = with_column(select, item_sql(one), "written_item")
    select = with_column(select, is_odd_sql("url", "written_item"), "is_odd_url")
    # Few lines come here, and the engine prepares the lambdas only for batches with such lines.
    pair = f"CASE WHEN is_odd_url THEN {let('url', *_spelling_steps(one))} END"
    select = with_column(select, pair, "odd_url")
    item = "CASE WHEN is_odd_url THEN odd_url[2] ELSE written_item END"
    select = with_column(select, item, "found_in_url")
    return with_column(select, "CASE WHEN is_odd_url THEN odd_url[1] ELSE url END", "read_url")


def _spelling_steps(one: Preset) -> tuple[SQLStep, ...]:
    """Return the steps from a URL to the pair of the spelling that is read and the item in it."""

    def item_of(text: str) -> str:
        return let(text, lambda part: item_sql(one, part))

    def with_items(spellings: str) -> str:
        return f"list_transform({spellings}, lambda each: [each, {item_sql(one, 'each')}])"

    def with_trust(pairs: str) -> str:
        is_sure = is_read_sql("pair[1]", "pair[2]", item_of)
        return (
            f"list_transform({pairs}, lambda pair: "
            f"[pair[1], pair[2], CASE WHEN {is_sure} THEN 'sure' END])"
        )

    def with_doubt(triples: str) -> str:
        """Prepend a list of the path, if it must be a part of the name; else of NULL."""
        plain, url = f"{triples}[1]", f"{triples}[2][1]"
        of_path = is_of_path_sql(f"{plain}[1]", f"{plain}[2]", item_of)
        sure = f"COALESCE({plain}[3] = 'sure' AND {of_path}, FALSE)"
        return (
            f"list_concat([[CASE WHEN {is_disputed_sql(url)} "
            f"OR (CASE WHEN {is_doubtful_sql(url)} THEN NOT {sure} ELSE FALSE END) "
            f"THEN {path_sql(url)} END]], {triples})"
        )

    return (
        lambda url: f"[{plain_sql(url)}, {url}, {let(bare_sql(url), plain_sql)}]",
        _spellings,
        with_items,
        with_trust,
        with_doubt,
        _first_pair,
    )


def _spellings(three: str) -> str:
    """Return SQL of all spellings; NULL for those that no server of this URL may need.

    Args:
        three: SQL of the plain spelling, the URL, and the plain spelling without parameters.
    """
    plain, url, bare = (f"{three}[{n}]" for n in (1, 2, 3))
    disputed = is_disputed_sql(url)
    named = let(literal_sql(url), bare_sql, plain_sql, merged_sql)
    flat = let(flat_sql(url), bare_sql, plain_sql, merged_sql)
    unmerged = (let(one(url), unmerged_sql) for one in (bare_sql, half_bare_sql))
    rare = (literal_sql(url), flat, named, unmerged_sql(url), *unmerged)
    none = ["CAST(NULL AS VARCHAR)"] * len(rare)
    if_rare = f"CASE WHEN {disputed} OR {is_doubtful_sql(url)} THEN"
    half = f"CASE WHEN {disputed} THEN {let(half_bare_sql(url), literal_sql)} END"
    return (
        f"list_concat([{plain}, {url}, {merged_sql(plain)}, {bare_sql(plain)}, "
        f"{merged_sql(bare)}, {half}], {if_rare} [{', '.join(rare)}] ELSE [{', '.join(none)}] END)"
    )


def _first_pair(triples: str) -> str:
    """Return SQL of the pair that is read: the first that is sure, or else has an item.

    Args:
        triples: SQL of a list of the path, which is NULL if the name does not contain it, and then
            of spelling, item and trust of each spelling.
    """
    path = f"{triples}[1][1]"
    every = [f"{triples}[{n}]" for n in range(2, _SPELLINGS + 2)]
    sure = (f"WHEN {each}[3] = 'sure' THEN {each}" for each in every)
    doubted = (f"WHEN {each}[2] IS NOT NULL THEN {each}" for each in every)
    read = f"CASE {' '.join((*sure, *doubted))} ELSE {triples}[3] END"
    return let(
        f"[{read}[1], {read}[2], {path}]",
        lambda three: (
            f"CASE WHEN {three}[2] IS NOT NULL AND {three}[3] IS NOT NULL "
            f"THEN [{three}[1], CONCAT({three}[3], ' ', {three}[2])] ELSE {three} END"
        ),
    )


def item_sql(one: Preset, url: str = "url") -> str:
    """Return SQL for the item as it is written in a URL; NULL if no rule finds one.

    Args:
        one: item rules.
        url: a column, or the parameter of a lambda.
    """
    found = [_guarded(rule, _item(rule, url), url) for rule in one.rules]
    first = found[0] if len(found) == 1 else f"COALESCE({', '.join(found)})"
    if not one.unwanted:
        return first
    return f"CASE WHEN {_holds(one.unwanted, url)} THEN NULL ELSE {first} END"


def name_sql(one: Preset) -> str:
    """Return SQL over ``found``, the result of :func:`item_sql`, for the item's one name."""
    if not one.unescape:
        return "found"
    plain = (
        "REPLACE(REPLACE(REPLACE(REPLACE(found, '%25', '%'), '%2F', '/'), '%2f', '/'), '%3A', ':')"
    )
    return f"CASE WHEN starts_with(found, '10.') THEN LOWER({plain}) ELSE {plain} END"


def surface_sql(one: Preset) -> str | None:
    """Return SQL over ``url`` and ``item`` for the surface; None if the rules have none."""
    if one.surface:
        return (
            f"CASE WHEN item IS NULL THEN NULL WHEN {_holds(one.downloads)} THEN 'download' "
            f"ELSE {literal(one.surface)} END"
        )
    said = [
        (
            rule,
            _extract(rule, "surface")
            if "surface" in rule.groups
            else literal(rule.surface)
            if rule.surface
            else None,
        )
        for rule in one.rules
    ]
    return _by_rule(said)


def group_sql(one: Preset) -> str | None:
    """Return SQL over ``url`` and ``item`` for the group; None if the rules have none."""
    if one.group:
        return f"NULLIF(regexp_extract(item, {literal(one.group)}, 1), '')"
    return _by_rule(
        [(rule, _extract(rule, "group") if "group" in rule.groups else None) for rule in one.rules]
    )


def static_sql(one: Preset) -> str:
    """Return SQL over ``url`` and ``item``: whether it is a static asset and so has no item."""
    asset = f"regexp_matches(url, {literal(STATIC)})"
    if one.static:
        return asset
    tests = dict(one.assets)
    if not tests:
        return f"item IS NULL AND {asset}"
    said = [(rule, _asset_sql(*tests[rule]) if rule in tests else None) for rule in one.rules]
    alike = len({test for _, test in said}) == 1
    found = said[0][1] if alike else _by_rule(said)
    return (
        f"CASE WHEN NOT {asset} THEN FALSE WHEN item IS NULL THEN TRUE "
        f"ELSE COALESCE({found}, FALSE) END"
    )


def _asset_sql(path: str, name: str) -> str:
    test = f"regexp_matches(url, {literal(path)})"
    return f"({test} AND regexp_matches(item, {literal(name)}))" if name else test


def proxy_sql(one: Preset) -> str:
    """Return SQL over ``url`` and ``item``: whether it is a page of a library proxy itself."""
    return _holds(PROXY_PAGES) if one.proxied else f"item IS NULL AND {_holds(PROXY_PAGES)}"


def _extract(rule: Rule, name: str, url: str = "url") -> str:
    index = rule.groups[name]
    return f"NULLIF(regexp_extract({url}, {literal(rule.unnamed)}, {index}), '')"


def _item(rule: Rule, url: str) -> str:
    """Return SQL for the item of one rule, with its prefix; NULL if it finds none."""
    item = _extract(rule, "item", url)
    if rule.normalise:
        for written, meant in _ESCAPES:
            item = f"REPLACE({item}, {literal(written)}, {literal(meant)})"
        item = f"LOWER({item})"
    return f"{literal(rule.prefix)} || {item}" if rule.prefix else item


def _guarded(rule: Rule, value: str, url: str) -> str:
    return f"CASE WHEN {_holds(rule.markers, url)} THEN {value} END" if rule.markers else value


def _holds(texts: Sequence[str], url: str = "url") -> str:
    return "(" + " OR ".join(f"contains({url}, {literal(text)})" for text in texts) + ")"


def _by_rule(said: Sequence[tuple[Rule, str | None]]) -> str | None:
    """Return SQL for the value of the first rule that matches; NULL if that rule has none."""
    if not any(value for _, value in said):
        return None
    if len(said) == 1:
        return f"CASE WHEN item IS NOT NULL THEN {said[0][1]} END"
    cases = (
        f"WHEN regexp_matches(url, {literal(rule.unnamed)}) THEN {value or 'NULL'}"
        for rule, value in said
    )
    return f"CASE {' '.join(cases)} END"
