"""Learn item rules from a sample of pages."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Final

from ringfence.events.items.learning.explore import explore
from ringfence.events.items.learning.find import Find
from ringfence.events.items.learning.names import prefixes
from ringfence.events.items.learning.patterns import rules_of, search_names, search_rule
from ringfence.events.items.learning.protocols import PROTOCOLS
from ringfence.events.items.learning.references import with_references
from ringfence.events.items.learning.shapes import id_like
from ringfence.events.items.learning.siblings import joined
from ringfence.events.items.learning.suffixes import without_suffixes
from ringfence.events.items.learning.titles import numbered
from ringfence.events.items.learning.words import ID_NAME, is_noise
from ringfence.events.items.page import LONGEST_URL, PageRequest, Visit
from ringfence.events.items.pictures import pages_of
from ringfence.events.items.rules import Preset, Rule

_MOST_RULES: Final = 12
_RARE: Final = 0.005
"""Share of the pages below which a place gets no rule."""


def learn(visits: Sequence[Visit], known: Sequence[Rule] = ()) -> Preset:
    """Return the rules that read items out of these URLs; without rules if there are none.

    Args:
        visits: successful page requests, at best in runs of consecutive lines, so that the pages
            of one item that an account opens one after the other are seen together.
        known: rules that stay as they are. Only rules for other pages are learned, to be added
            behind them.

    Returns:
        A preset called ``learned`` with at most a dozen new rules. The first rule that matches
        decides. Searches come last. It fails to see items whose names are words without digits
        if there are fewer than a dozen, and two names of one item that have no part in common.
    """
    short = pages_of([visit for visit in visits if len(visit.url) <= LONGEST_URL])
    explained, rest = _ruled(short, known)
    finds, rest = _ruled(rest, PROTOCOLS)
    pages = [page for visit in rest if (page := PageRequest.of(visit))]
    searches = [page for page in pages if _is_search(page)]
    finds += _places([page for page in pages if not _is_search(page)])
    names = Counter(name for page in searches for name in search_names(page))
    rules = _rules(_worthwhile(finds, len(pages)), explained)
    if names:
        rules = [*rules[: _MOST_RULES - 1], search_rule(names)]
    return learned_preset(tuple(rules[:_MOST_RULES]))


def _places(pages: Sequence[PageRequest]) -> list[Find]:
    """Return the places with items, the variants of an item under one name."""
    places = numbered(without_suffixes(joined(explore(pages))))
    return with_references(places, pages)


def learned_preset(rules: tuple[Rule, ...]) -> Preset:
    """Return the preset of learned rules. Keys of an interface tell the account, by default."""
    return Preset("learned", rules, proxied=True, parameters=("apiKey", "api_key"))


def _ruled(visits: Sequence[Visit], rules: Sequence[Rule]) -> tuple[list[Find], list[Visit]]:
    """Return what ready-made rules find, and the pages in which they find nothing."""
    found: dict[Rule, list[tuple[PageRequest, str]]] = {rule: [] for rule in rules}
    rest = []
    for visit in visits:
        rule = next((one for one in rules if one.finds(visit.url)), None)
        page = PageRequest.of(visit) if rule else None
        if rule is None or page is None:
            rest.append(visit)
        else:
            found[rule].append((page, rule.item_of(visit.url).lower()))
    finds = [
        Find((), [page for page, _ in some], [item for _, item in some], protocol=rule)
        for rule, some in found.items()
        if some
    ]
    return finds, rest


def _is_search(page: PageRequest) -> bool:
    """Return whether a page is a search and not an item that was found by one."""
    if not search_names(page):
        return False
    if any("search" in segment for segment in page.segments):
        return True
    named = any(
        ID_NAME.search(name) and not is_noise(name) and any(map(str.isdigit, value))
        for name, value in page.parameters
    )
    return not named and not any(id_like(segment) for segment in page.segments)


def _worthwhile(finds: Sequence[Find], pages: int) -> list[Find]:
    """Return the places that are worth a rule, those with most pages first.

    Lists and owners of items are left out if there are items as well.
    """
    items = [find for find in finds if not find.is_container]
    chosen = items or finds
    enough = [find for find in chosen if len(find.pages) >= max(1, _RARE * pages)]
    return sorted(enough, key=lambda find: (find.protocol is None, -len(find.pages)))


def _rules(finds: Sequence[Find], known: Sequence[Find]) -> list[Rule]:
    rules: dict[str, Rule] = {}
    for find, prefix in zip(finds, prefixes(finds, known), strict=True):
        if find.is_picture and prefix:
            continue
        for rule in rules_of(find, prefix):
            rules.setdefault(rule.pattern, rule)
    return list(rules.values())
