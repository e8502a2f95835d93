"""Choose the item rules of a source: a preset that explains most pages, or learned rules."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from ringfence.events.items.components import Components, components_of
from ringfence.events.items.learning import learn, learned_preset
from ringfence.events.items.page import Visit
from ringfence.events.items.pictures import PICTURE_PATH, pages_of, serves_pictures
from ringfence.events.items.presets import PRESETS
from ringfence.events.items.rules import IIIF, Preset, Rule
from ringfence.events.secrets import mask_secrets

MOST: Final = 0.5
"""Share of the pages that rules have to explain."""

_NEARLY_ALL: Final = 5 / 6
"""Share of the pages that learned rules explain, or the rest are a few fixed pages."""

_VARIETY: Final = 0.2
"""Unexplained paths for each item from which they are more than the fixed pages of a site."""

_PAGES_TRIED: Final = 2_000
"""Pages on which each preset is tried: enough to know its share within a hundredth or two."""

_PROXY_SHARE: Final = 0.05
"""The same for a preset in the log of a proxy, whose pages are those of many platforms."""

_NEXT: Final = re.compile(r"(?i)(?:/|%2F)[^/?&#]+")
_CODES_BEHIND: Final = 8
"""Distinct codes behind an item from which the item is only the beginning of one."""

_MUCH: Final = 0.4

_MANY_WORDS: Final = 12
_SHOWN: Final = 80
_EXAMPLES: Final = 3
_MOST_RULES: Final = 24
"""Rules that a ledger learns over its life, at most."""


@dataclass(frozen=True)
class RuleUse:
    """The use of one rule in the sample.

    Attributes:
        rule: the rule.
        share: share of the sampled pages that it explains, in [0, 1].
        examples: up to three pairs of a URL and its item.
        components: parts of items that the rule leaves out; None if they are few, or if the rule
            was not learned.
    """

    rule: Rule
    share: float
    examples: tuple[tuple[str, str], ...]
    components: Components | None = None

    def without_examples(self) -> RuleUse:
        """Return the same use without URLs and items."""
        parts = replace(self.components, url="", item="") if self.components else None
        return replace(self, examples=(), components=parts)


@dataclass(frozen=True)
class RuleChoice:
    """The item rules of a source.

    Attributes:
        preset: the rules; ``path`` if the path is the item.
        share: share of the sampled pages that they explain, in [0, 1]; None without a sample.
        uses: what each rule does in the sample; empty without a sample.
    """

    preset: Preset
    share: float | None = None
    uses: tuple[RuleUse, ...] = ()

    def as_toml(self) -> str:
        """Return learned rules as text for the settings file, each with its use as a comment."""
        return "\n".join(
            "\n".join(
                [
                    _comment(use),
                    "[[items.rules]]",
                    *map(_entry, use.rule.as_setting().items()),
                    *_finer(use),
                ]
            )
            for use in self.uses
        )

    def without_examples(self) -> RuleChoice:
        """Return the same choice without URLs, which may contain names of accounts."""
        return replace(self, uses=tuple(use.without_examples() for use in self.uses))

    def in_words(self) -> str:
        """Return the rules and the share of the pages that they explain, for one line."""
        sampled = "" if self.share is None else f" (match {self.share:.0%} of a sample of pages)"
        return f"{self.preset.name} rules{sampled}"


def _comment(use: RuleUse) -> str:
    url, item = use.examples[0] if use.examples else ("", "")
    example = f", such as {mask_secrets(url)[:_SHOWN]} as {item[:_SHOWN]}" if use.examples else ""
    plain = "".join(char if char.isprintable() else "?" for char in example)
    return f"# {use.share:.0%} of the pages{plain}"


def _finer(use: RuleUse) -> list[str]:
    """Return the pattern that counts the parts of items, as comments."""
    if use.components is None or use.components.finer is None:
        return []
    setting = _entry(("pattern", use.components.finer.pattern))
    return ["# If each part behind the item is an item, use this pattern instead:", f"# {setting}"]


def _entry(setting: tuple[str, str | bool]) -> str:
    """Return one line of TOML, with a literal string if it can hold the value."""
    name, value = setting
    if isinstance(value, bool):
        return f"{name} = {str(value).lower()}"
    if "'" not in value and value.isprintable():
        return f"{name} = '{value}'"
    safe = (c if c.isprintable() and c not in '"\\' else f"\\U{ord(c):08x}" for c in value)
    return f'{name} = "{"".join(safe)}"'


def choose(
    visits: Sequence[Visit], remembered: Preset | None = None, *, always_learn: bool = False
) -> RuleChoice:
    """Return the rules that explain most of these pages.

    Args:
        visits: successful requests, static assets included.
        remembered: rules by which earlier sources were read. They stay as they are, so that an
            item keeps its name. Learned rules are only added behind them.
        always_learn: whether no preset may be chosen.

    Returns:
        A preset if it explains half of the pages, static assets and proxy pages aside. In the log
        of a proxy, whose URLs name several hosts, a twentieth is enough. Otherwise learned rules,
        if they explain half of the pages, and more items than they leave paths unexplained;
        otherwise ``path``.
    """
    pages = [visit.url for visit in pages_of(visits)]
    if remembered and remembered.name == "learned":
        return _used(_extended(remembered, visits, pages), visits)
    if not always_learn and (known := _known(pages, remembered)):
        return _used(known, visits)
    learned = learn(visits)
    merged = serves_pictures(visits) and _merges(learned, pages)
    if learned.rules and not merged and (always_learn or _is_enough(learned, pages)):
        return _used(learned, visits)
    if serves_pictures(visits):
        return _used(learned_preset((PICTURE_PATH,)), visits)
    return _used(PRESETS[-1], visits)


def _is_enough(learned: Preset, pages: Sequence[str]) -> bool:
    """Return whether rules explain most pages, and what they leave out are a few fixed pages.

    Otherwise the paths are the better items, because no page is lost.
    """
    ruled = [(url, learned.rule_for(url)) for url in pages]
    items = {rule.prefix + rule.item_of(url) for url, rule in ruled if rule}
    paths = {url.partition("?")[0] for url, rule in ruled if not rule}
    explained = sum(rule is not None for _, rule in ruled)
    if explained < _NEARLY_ALL * len(pages) and len(paths) > _VARIETY * len(items):
        return False
    return explained >= MOST * len(pages) and len(items) >= len(paths)


def _merges(learned: Preset, pages: Sequence[str]) -> bool:
    """Return whether rules give fewer than half as many items as there are pictures."""
    pictures = {url.partition("?")[0] for url in pages if PICTURE_PATH.finds(url)}
    found = {rule.prefix + rule.item_of(url) for url in pages if (rule := learned.rule_for(url))}
    own = {path for path in pictures if not IIIF.finds(path)}
    return len(found) < len(own) / 2


def _known(pages: Sequence[str], remembered: Preset | None) -> Preset | None:
    """Return the preset that fits these pages, the remembered one if it does."""
    few = pages[:: max(1, len(pages) // _PAGES_TRIED)]
    least = _PROXY_SHARE if _is_proxied(few) else MOST
    fits = {one: _fit(one, few) for one in PRESETS[:-1]}
    if remembered and fits.get(remembered, 0) >= _PROXY_SHARE:
        return remembered
    best = max(fits, key=lambda one: fits[one])
    return best if fits[best] >= least else None


def _extended(known: Preset, visits: Sequence[Visit], pages: Sequence[str]) -> Preset:
    """Return learned rules with more rules behind them, if they leave most pages unexplained."""
    if not pages or _share(known, pages) >= MOST:
        return known
    more = learn(visits, known.rules)
    patterns = {rule.pattern for rule in known.rules}
    new = [rule for rule in more.rules if rule.pattern not in patterns]
    return replace(known, rules=(*known.rules, *new)[:_MOST_RULES])


def _used(preset: Preset, visits: Sequence[Visit]) -> RuleChoice:
    """Return the choice of a preset, with what each rule does in the sample."""
    pages = pages_of(visits)
    found: dict[Rule, list[Visit]] = {rule: [] for rule in preset.rules}
    for page in pages:
        rule = preset.rule_for(page.url)
        if rule is not None:
            found[rule].append(page)
    uses = tuple(
        RuleUse(
            rule,
            len(some) / max(1, len(pages)),
            tuple((url, rule.prefix + rule.item_of(url)) for url in _few(some)),
            components_of(rule, some) if preset.name == "learned" else None,
        )
        for rule, some in found.items()
    )
    return RuleChoice(preset, sum(use.share for use in uses), uses)


def _few(pages: Sequence[Visit]) -> list[str]:
    return list(dict.fromkeys(page.url for page in pages))[:_EXAMPLES]


def _share(preset: Preset, urls: Sequence[str]) -> float:
    return sum(map(preset.finds, urls)) / max(1, len(urls))


def _fit(preset: Preset, urls: Sequence[str]) -> float:
    """Return the share of these URLs that show that the preset fits, in [0, 1].

    They have an item with a digit, by a rule that fits no other platforms. Words count only if
    they are many: a few words are fixed parts of paths.
    """
    strong = replace(preset, rules=tuple(rule for rule in preset.rules if not rule.weak))
    found = [rule.item_of(url) for url in urls if (rule := strong.rule_for(url))]
    if _cuts_items(strong, urls):
        return 0
    words = {item for item in found if not any(map(str.isdigit, item))}
    fitting = len(found) if len(words) > _MANY_WORDS else sum(item not in words for item in found)
    return fitting / max(1, len(urls))


def _cuts_items(preset: Preset, urls: Sequence[str]) -> bool:
    """Return whether items end too early: behind some of them many codes follow in the query."""
    whole: dict[str, set[str]] = defaultdict(set)
    for url in set(urls):
        if (rule := preset.rule_for(url)) is None:
            continue
        item = rule.item_of(url)
        before, _, rest = url.partition(item)
        # In a path, views and parts of an article follow.
        code = _NEXT.match(rest) if "?" in before else None
        whole[item].add(code[0] if code and any(map(str.isdigit, code[0])) else "")
    cut = sum(len(codes) for codes in whole.values() if len(codes) > _CODES_BEHIND)
    return cut > _MUCH * sum(map(len, whole.values()))


def _is_proxied(urls: Sequence[str]) -> bool:
    """Return whether most URLs name a host, and the hosts are several."""
    hosts = [url.split("/", 3)[2] for url in urls if "://" in url[:10]]
    return len(hosts) > len(urls) / 2 and len(set(hosts)) > 1
