"""SQL that applies item rules to the column ``url``, for every engine."""

from __future__ import annotations

from collections.abc import Sequence

from ringfence.engine import literal
from ringfence.events.items.rules import PROXY_PAGES, STATIC, Preset, Rule

_ESCAPES = (("+", " "), ("%20", " "), ("%2F", "/"), ("%2f", "/"), ("%3A", ":"), ("%3a", ":"))
"""Escapes, and their replacements in normalised items."""


def item_sql(one: Preset) -> str:
    """Return SQL over ``url`` for the item as written there; NULL if no rule finds one."""
    found = [_guarded(rule, _item(rule)) for rule in one.rules]
    first = found[0] if len(found) == 1 else f"COALESCE({', '.join(found)})"
    if not one.unwanted:
        return first
    return f"CASE WHEN {_holds(one.unwanted)} THEN NULL ELSE {first} END"


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
    """Return SQL over ``url`` and ``item``: whether it is a static asset without an item."""
    asset = f"regexp_matches(url, {literal(STATIC)})"
    return asset if one.static else f"item IS NULL AND {asset}"


def proxy_sql(one: Preset) -> str:
    """Return SQL over ``url`` and ``item``: whether it is a page of a library proxy itself."""
    return _holds(PROXY_PAGES) if one.proxied else f"item IS NULL AND {_holds(PROXY_PAGES)}"


def _extract(rule: Rule, name: str) -> str:
    index = rule.groups[name]
    return f"NULLIF(regexp_extract(url, {literal(rule.unnamed)}, {index}), '')"


def _item(rule: Rule) -> str:
    """Return SQL for the item of one rule, with its prefix; NULL if it finds none."""
    item = _extract(rule, "item")
    if rule.normalise:
        for written, meant in _ESCAPES:
            item = f"REPLACE({item}, {literal(written)}, {literal(meant)})"
        item = f"LOWER({item})"
    return f"{literal(rule.prefix)} || {item}" if rule.prefix else item


def _guarded(rule: Rule, value: str) -> str:
    return f"CASE WHEN {_holds(rule.markers)} THEN {value} END" if rule.markers else value


def _holds(texts: Sequence[str]) -> str:
    return "(" + " OR ".join(f"contains(url, {literal(text)})" for text in texts) + ")"


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
