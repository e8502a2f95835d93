"""A rule reads an item out of a URL; a set of rules is a few of them with what belongs to them.

A rule is one regular expression in the syntax RE2, Java and Python share, with a named group
``item`` and, if wanted, ``group`` and ``surface``. Names become indices before a rule reaches an
engine.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

_STYLE: Final = "css|js|mjs|map|woff2?|ttf|otf|eot|swf"
_PICTURES: Final = "png|jpe?g|gif|ico|svg|webp|avif|bmp"
STATIC: Final = (
    rf"(?i)(?:\.(?:{_STYLE}|{_PICTURES})(?:[?#;]|$)|/(?:favicon|robots\.txt|sitemap[^/]*\.xml))"
)
"""Static assets, which are never items."""

ANY_HOST: Final = "(?i)^(?:[a-z][a-z0-9+.-]*://[^/?#]*)?"
"""Beginning of the patterns that are learned from paths."""

_OPEN: Final = (f"{ANY_HOST}/(", f"{ANY_HOST}/[")
_NAMED_PICTURE: Final = re.compile(r"\b(?:png|jpe?\??g|gif|webp|avif|bmp)\b")

PROXY_PAGES = ("/login?url=", "/login?qurl=", "/login?user=", "/connect?session=")
"""Pages of a library proxy itself, which only quote the requested URL."""


@dataclass(frozen=True)
class Rule:
    """A way to read an item out of a URL.

    Attributes:
        pattern: regular expression with the named group ``item``.
        markers: plain texts of which the URL must hold one; a cheap test before the expression.
        surface: surface of what the rule matches, if its pattern does not say.
        prefix: text put before the item, so that two kinds with the same numbers stay apart.
        normalise: whether the item is made lower-case, with ``+`` and ``%20`` as spaces and
            ``%2F`` and ``%3A`` as ``/`` and ``:``.
        weak: whether it also matches pages of platforms that the preset does not know, so that a
            match does not show that the preset fits.
    """

    pattern: str
    markers: tuple[str, ...] = ()
    surface: str = ""
    prefix: str = ""
    normalise: bool = False
    weak: bool = False

    def as_setting(self) -> dict[str, str | bool]:
        """Return the rule as an entry of ``items.rules``, without what is the default."""
        entry: dict[str, str | bool] = {
            "pattern": self.pattern,
            "surface": self.surface,
            "prefix": self.prefix,
            "normalise": self.normalise,
        }
        return {name: value for name, value in entry.items() if value}

    @property
    def groups(self) -> dict[str, int]:
        """Indices of the named groups."""
        return dict(re.compile(self.pattern).groupindex)

    @property
    def unnamed(self) -> str:
        """The pattern with plain groups, which every engine takes."""
        return re.sub(r"\(\?P?<[A-Za-z_]\w*>", "(", self.pattern)

    @property
    def assets(self) -> tuple[str, str]:
        """Return which URLs are static assets although the rule finds an item in them.

        Returns:
            Two expressions, for the URL and for the item. The second one is empty if any item
            counts. That is so for rules without a fixed first segment, because they also match
            folders of assets. For other rules, the item must end like an asset. The path alone
            counts, so that a parameter such as ``?x=.js`` hides nothing.
        """
        pictures = bool(_NAMED_PICTURE.search(self.pattern))
        learned = self.pattern.startswith(ANY_HOST) and not pictures
        endings = f"{_STYLE}|{_PICTURES}" if learned else _STYLE
        path = rf"(?i)^[^?#;]*\.(?:{endings})(?:[?#;]|$)"
        return path, "" if self.pattern.startswith(_OPEN) else rf"(?i)\.(?:{endings})$"

    def finds(self, url: str) -> bool:
        """Return whether the rule finds an item in this URL."""
        return bool(self.item_of(url))

    def item_of(self, url: str) -> str:
        """Return the item as it is written in the URL; empty if there is none."""
        match = re.search(self.pattern, url) if self._marked(url) else None
        return (match["item"] or "") if match else ""

    def _marked(self, url: str) -> bool:
        return not self.markers or any(marker in url for marker in self.markers)


_REGION: Final = r"(?:full|square|(?:pct:|pct%3A)?[0-9.]+(?:,|%2C)[0-9.]+(?:,|%2C)[0-9.,%C]+)"
_SIZE: Final = r"(?:full|max|(?:\^|%5E)?(?:!|%21)?(?:pct:|pct%3A)?[0-9.]*(?:,|%2C)?[0-9]*)"

IIIF: Final = Rule(
    rf"(?i)/(?P<item>[^/?#]+)/{_REGION}/{_SIZE}/!?[0-9.]+/"
    r"(?:default|native|color|gray|bitonal)\.[a-z0-9]+(?:[?#]|$)",
    prefix="image/",
)
"""An image of the IIIF Image API 2 or 3: ``{id}/{region}/{size}/{rotation}/{quality}.{format}``."""


@dataclass(frozen=True)
class Preset:
    """Ready-made rules.

    Attributes:
        name: as in ``items.preset``.
        rules: tried in order.
        surface: surface of what matches, where :attr:`downloads` does not say otherwise.
        downloads: plain texts in the URL that make it a download.
        unwanted: plain texts in URLs that are not items although a rule matches.
        methods: request methods that take something.
        unescape: whether items are percent-decoded (twice) and DOIs lower-cased, so that one
            article has one name.
        group: expression over the item, its first group being the item's group; empty if none.
        static: whether static assets are excluded even if a rule matches.
        proxied: whether pages of a library proxy are excluded even if a rule matches.
        parameters: query parameters that hold the login or key of the account, by default.
        every_path: whether every path is an item, also that of a list.
        own: whether the operator wrote the rules.
    """

    name: str
    rules: tuple[Rule, ...]
    surface: str = ""
    downloads: tuple[str, ...] = ()
    unwanted: tuple[str, ...] = ()
    methods: tuple[str, ...] = ("GET",)
    unescape: bool = False
    group: str = ""
    static: bool = False
    proxied: bool = False
    parameters: tuple[str, ...] = ()
    every_path: bool = False
    own: bool = False

    @property
    def assets(self) -> tuple[tuple[Rule, tuple[str, str]], ...]:
        """The rules for which static assets are left out, each with its :attr:`Rule.assets`.

        Rules that the operator wrote decide for themselves, except copies of learned ones.
        """
        rules = [one for one in self.rules if not self.own or one.pattern.startswith(ANY_HOST)]
        return tuple((rule, rule.assets) for rule in rules)

    @property
    def has_searches(self) -> bool:
        """Whether the item of a rule may be what somebody searched for."""
        return any(rule.surface == "search" or "surface" in rule.groups for rule in self.rules)

    def finds(self, url: str) -> bool:
        """Return whether any rule finds an item in this URL."""
        return self.rule_for(url) is not None

    def rule_for(self, url: str) -> Rule | None:
        """Return the rule that decides which item a URL has; None if it has none."""
        if any(text in url for text in (*self.unwanted, *PROXY_PAGES)):
            return None
        return next((rule for rule in self.rules if rule.finds(url)), None)


def is_page(url: str) -> bool:
    """Return whether a URL is neither a static asset nor a page of a library proxy itself."""
    return not re.search(STATIC, url) and not any(page in url for page in PROXY_PAGES)
