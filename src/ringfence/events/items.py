"""Rules that read the item out of a URL, as data and as SQL.

A rule is one regular expression in the syntax RE2, Java and Python share, with a named group
``item`` and, if wanted, ``group`` and ``surface``. Names become indices before a rule reaches an
engine. A preset is a few rules with what belongs to them; :func:`choose` picks the one that most
of a sample matches.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from ringfence.engine import literal
from ringfence.settings import ItemRule

STATIC = (
    r"(?i)(?:\.(?:css|js|mjs|map|png|jpe?g|gif|ico|svg|webp|avif|bmp|woff2?|ttf|otf|eot|swf)"
    r"(?:[?#;]|$)|/(?:favicon|robots\.txt|sitemap[^/]*\.xml))"
)
"""Static assets, which are never items."""

PROXY_PAGES = ("/login?url=", "/login?qurl=", "/login?user=", "/connect?session=")
"""Pages of a library proxy itself, which only quote the requested URL."""


@dataclass(frozen=True)
class Rule:
    """A way to read an item out of a URL.

    Attributes:
        pattern: regular expression with the named group ``item``.
        markers: plain texts of which the URL must hold one; a cheap test before the expression.
        surface: surface of what the rule matches, if its pattern does not say.
    """

    pattern: str
    markers: tuple[str, ...] = ()
    surface: str = ""

    @property
    def groups(self) -> dict[str, int]:
        """Indices of the named groups."""
        return dict(re.compile(self.pattern).groupindex)

    @property
    def unnamed(self) -> str:
        """The pattern with plain groups, which every engine takes."""
        return re.sub(r"\(\?P?<[A-Za-z_]\w*>", "(", self.pattern)

    def finds(self, url: str) -> bool:
        """Return whether the rule finds an item in this URL."""
        match = re.search(self.pattern, url) if self._marked(url) else None
        return match is not None and bool(match["item"])

    def _marked(self, url: str) -> bool:
        return not self.markers or any(marker in url for marker in self.markers)


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

    def finds(self, url: str) -> bool:
        """Return whether any rule finds an item in this URL."""
        return not any(text in url for text in (*self.unwanted, *PROXY_PAGES)) and any(
            rule.finds(url) for rule in self.rules
        )


# Publishers' own numbers (PII: S + ISSN + year and number, or B + ISBN) come first, because their
# pages also quote DOIs of other articles. A DOI ends at the next slash, even if it contains one.
# The page of a DOI and its .pdf are two items, as in the counts from which the library's reference
# distribution comes: what is observed and what is expected must have the same unit.
_SCHOLARLY = Preset(
    name="scholarly",
    rules=(
        Rule(
            r"(?:(?:article|abs|retrieve|fulltext|science)/pii/|[?&]_pii=|1-s2\.0-)"
            r"(?P<item>S[0-9X]{16}|B[0-9X]{20}|[0-9X]{16})(?:[/?&#]|-main\.pdf|$)",
            markers=("/pii/", "_pii=", "-main.pdf"),
        ),
        Rule(r"[?&]ID_ARTICLE=(?P<item>[A-Z0-9]+_[A-Z0-9_]+)", markers=("ID_ARTICLE=",)),
        Rule(r"/(?P<item>[a-z0-9-]+-(?:page|p)-[0-9]+)\.html?(?:[?#]|$)", markers=(".htm",)),
        Rule(
            r"/articles(?:/|%2F)[a-z0-9]+(?:/|%2F)(?:pdf|abs|full_html|ref|olm)(?:/|%2F)[0-9]{4}"
            r"(?:/|%2F)[0-9]{2}(?:/|%2F)(?P<item>[a-z]+[0-9][A-Za-z0-9-]*)",
            markers=("/articles",),
        ),
        Rule(
            r"(?P<item>10\.[0-9]{4,9}(?:/|%2[Ff]|%252[Ff])[^/?&#\s]+)",
            markers=("10.",),
        ),
        Rule(r"/content/(?P<item>[a-z0-9]{16})(?:[/?#]|$)", markers=("/content/",)),
        Rule(r"/stable/(?:pdf/)?(?P<item>[0-9]{4,})", markers=("/stable/",)),
        Rule(r"/(?P<item>[^/?#\s]+)\.(?:pdf|epub)(?:[?#]|$)", markers=(".pdf", ".epub")),
    ),
    surface="metadata",
    downloads=(".pdf", ".epub", "/pdf/", "load_pdf", "MiamiImageURL", "%2Fpdf%2F"),
    # Advertisements and reference boxes quote DOIs. Front and back matter is not an article.
    unwanted=("/advertisement/", "/bfm%", "/bbm%", "ajaxRef", "/suggestedArt/"),
    unescape=True,
    proxied=True,
    group=(
        r"^(S[0-9]{7}[0-9X]|B[0-9]{13}|[0-9]{7}[0-9X]|10\.[0-9]+/97[89][-0-9Xx]{10,14}"
        r"|10\.[0-9]+/[a-z]*[0-9]{5}|10\.[0-9]+/[a-z]+|[A-Za-z]+)"
    ),
)

_SUBSONIC = Preset(
    name="subsonic",
    # Anchored and with one way to match, so that RE2 needs a third of the time.
    rules=(Rule(r"^[^?]*/rest/(?:stream|download)(?:\.view)?\?(?:id=|.*?&id=)(?P<item>[^&#]+)"),),
    surface="stream",
    downloads=("/rest/download",),
    methods=("GET", "POST"),
    parameters=("u", "apiKey"),
)

_STREAM = Preset(
    name="stream",
    rules=(
        Rule(
            r"^[^?]*?/(?:streams?|tracks?|songs?|audio|downloads?|play|listen)"
            r"/(?P<item>[^/?#]+)"
        ),
    ),
    surface="stream",
    downloads=("/download",),
)

_PATH = Preset(
    name="path",
    rules=(Rule(r"^(?:[a-z]+://[^/?#]*)?(?P<item>/[^?#]*)"),),
    static=True,
    proxied=True,
)

PRESETS = (_SCHOLARLY, _SUBSONIC, _STREAM, _PATH)
"""All presets. The last one matches every path and is used if no other fits."""

_LEAST_SHARE = 0.05
"""A preset that matches a smaller share of the sample than this matches by chance."""


def preset(name: str) -> Preset:
    """Return the preset of this name.

    Raises:
        KeyError: there is none.
    """
    return {one.name: one for one in PRESETS}[name]


def own(rules: Sequence[ItemRule]) -> Preset:
    """Make a preset of the operator's own rules."""
    return Preset(
        "own",
        tuple(Rule(rule.pattern, surface=rule.surface) for rule in rules),
        methods=("GET", "POST"),
        proxied=True,
    )


def choose(urls: Sequence[str]) -> tuple[Preset, float]:
    """Return the preset that finds an item in most of these URLs.

    Args:
        urls: URLs of successful requests, static assets included.

    Returns:
        The preset and the share of the URLs, static assets and proxy pages aside, in which it
        finds an item, in [0, 1]. At least 5 %, otherwise the path is the item.
    """
    pages = [
        url
        for url in urls
        if not re.search(STATIC, url) and not any(page in url for page in PROXY_PAGES)
    ]
    shares = {one.name: sum(map(one.finds, pages)) / max(1, len(pages)) for one in PRESETS}
    special = max(PRESETS[:-1], key=lambda one: shares[one.name])
    best = special if shares[special.name] >= _LEAST_SHARE else _PATH
    return best, shares[best.name]


def item_sql(one: Preset) -> str:
    """Return SQL over ``url`` for the item as written there; NULL if no rule finds one."""
    found = [_guarded(rule, _extract(rule, "item")) for rule in one.rules]
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
