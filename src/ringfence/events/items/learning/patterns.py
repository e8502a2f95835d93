"""Write the item rules of the places that were found: one regular expression per place."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Final

from ringfence.events.items.learning.find import Find, Step
from ringfence.events.items.learning.shapes import ANYTHING, class_of, id_like, is_global
from ringfence.events.items.learning.words import BARE_ID, DOWNLOAD, SEARCHES, STREAM, surface_of
from ringfence.events.items.page import PageRequest
from ringfence.events.items.rules import ANY_HOST, Rule

_END: Final = "(?:[/?#;]|$)"
_MOST_TAILS: Final = 12
_RARE: Final = 0.02
"""Share of a place's pages below which a surface gets no rule of its own."""


def rules_of(find: Find, prefix: str) -> list[Rule]:
    """Return the rules of one place; downloads and streams come first if they are among variants.

    Args:
        find: the place.
        prefix: text before the item, which keeps kinds apart.
    """
    if find.protocol:
        return [replace(find.protocol, prefix=prefix)]
    fixed = frozenset(step.text for step in find.steps)
    folded = is_global(set(find.values))
    if find.path_in:
        return [Rule(_path_in(find), surface=surface_of(fixed), prefix=prefix, normalise=folded)]
    if find.parameter:
        surface = surface_of(fixed)
        return [Rule(_parameter(find), surface=surface, prefix=prefix, normalise=folded)]
    base = surface_of(fixed)
    tails = Counter(surface_of(_tail(page, len(find.steps))) for page in find.pages)
    special = [s for s in ("stream", "download") if s != base and _is_worth(tails, s)]
    if base == "metadata" and tails["metadata"] <= _RARE * tails.total() and len(special) == 1:
        base, special = special[0], []
    return [
        Rule(_path(find, _variant(surface)), surface=surface, prefix=prefix, normalise=folded)
        for surface in special
    ] + [Rule(_path(find, _rest(find)), surface=base, prefix=prefix, normalise=folded)]


def search_rule(names: Iterable[str]) -> Rule:
    """Return the rule for searches: the words of the query are the item."""
    named = "|".join(sorted(re.escape(name) for name in names))
    return Rule(
        rf"(?i)[?&](?:{named})=(?P<item>[^&#]+)",
        surface="search",
        prefix="search: ",
        normalise=True,
    )


def search_names(page: PageRequest) -> list[str]:
    """Return the parameters of a page that hold words somebody searched for."""
    return [
        name.lower()
        for name, value in page.parameters
        if name.lower() in SEARCHES and not value.isdigit()
    ]


def _is_worth(tails: Counter[str], surface: str) -> bool:
    return tails[surface] > _RARE * tails.total()


def _tail(page: PageRequest, depth: int) -> frozenset[str]:
    return frozenset(page.segments[depth + 1 :]) | frozenset(page.endings)


def _variant(surface: str) -> str:
    """Return the end of a pattern that only matches one surface."""
    words = sorted(DOWNLOAD if surface == "download" else STREAM)
    named = "|".join(map(re.escape, words))
    return rf"(?:/(?:[^?#]*/)?(?:{named}){_END}|(?:/[^?#]*)?\.(?:{named})(?:[?#;]|$))"


def _rest(find: Find) -> str:
    """Return the end of a pattern: anything for codes, and for words only what was seen.

    Otherwise a rule for words would find an item in each longer path of the site.
    """
    if "[0-9]" in class_of(set(find.values)) or "[0-9a-f]" in class_of(set(find.values)):
        return _END
    depth = len(find.steps) + 1
    seen = {page.token(depth) for page in find.pages if len(page.segments) > depth}
    if any(map(id_like, seen)) or len(seen) > _MOST_TAILS:
        return _END
    named = "|".join(sorted(map(re.escape, seen)))
    longer = rf"(?:/(?:{named})(?:/[^?#]*)?)?" if seen else ""
    return f"{longer}/?(?:[?#;]|$)"


def _path(find: Find, end: str) -> str:
    steps, span = find.steps, find.span
    before = "".join(_step(step, n == find.group) for n, step in enumerate(_before(steps, span)))
    if span < 0:
        opening = f"{before}/{find.before}(?P<item>"
    else:
        opening = f"{before}/(?P<item>{_steps_inside(steps[span:], find.group - span)}/"
    return f"{ANY_HOST}{opening}{_item(find)}){_suffix(find)}{_endings(find)}{end}"


def _path_in(find: Find) -> str:
    """Return the pattern of a parameter with the whole path to an item."""
    slash = "(?:/|%2F)"
    path = slash.join(re.escape(step.text) for step in find.steps)
    item = class_of(set(find.values)).replace("&#;", "&#;%")
    return (
        rf"(?i)^[^?#]*\?(?:[^#]*[&;])?{re.escape(find.path_in)}=(?:[^&#]*{slash})?{path}{slash}"
        rf"(?P<item>{item})(?:[/?#;&%.]|$)"
    )


def _suffix(find: Find) -> str:
    return f"(?:{find.suffix})?" if find.suffix else ""


def _before(steps: Sequence[Step], span: int) -> Sequence[Step]:
    return steps if span < 0 else steps[:span]


def _steps_inside(steps: Sequence[Step], group: int) -> str:
    """Return the pattern of the steps with which an item begins, one of which may be its group."""
    parts = [re.escape(step.text) if step.text else "[^/?#]+" for step in steps]
    return "/".join(f"(?P<group>{p})" if n == group else p for n, p in enumerate(parts))


def _step(step: Step, is_group: bool) -> str:
    if step.text:
        return "/" + re.escape(step.text)
    value = "[0-9]+" if step.kind == "date" else "[^/?#]+"
    return f"/(?P<group>{value})" if is_group else f"/{value}"


def _item(find: Find) -> str:
    found = class_of(set(find.values))
    if not any("." in value for value in find.values):
        # Files of other types, such as a style sheet with a hash in its name, are never items.
        found = found.replace("&#;", "&#;.")
        return f"{found}?" if found == ANYTHING.replace("&#;", "&#;.") else found
    # Without a closed class the item is as short as what may follow it allows.
    return f"{found}?" if found == ANYTHING else found


def _endings(find: Find) -> str:
    depth = len(find.steps)
    is_open = not find.steps or not find.steps[0].text
    pages = [page for page in find.pages if is_open or len(page.segments) == depth + 1]
    seen = {ending for page in pages for ending in page.endings}
    return rf"(?:\.(?:{'|'.join(sorted(map(re.escape, seen)))})){{0,2}}" if seen else ""


def _parameter(find: Find) -> str:
    name = re.escape(find.parameter)
    values = set(find.values)
    value = "[0-9]+" if class_of(values) == "[0-9]+" else ANYTHING.replace("/", "")
    if find.parameter.lower() in BARE_ID:
        path = "".join(_step(step, is_group=False) for step in find.steps)
        return rf"{ANY_HOST}{path}/?\?(?:[^#]*[&;])?{name}=(?P<item>{value})"
    return rf"(?i)^[^?#]*\?(?:[^#]*[&;])?{name}=(?P<item>{value})"
