"""Ready-made rules for kinds of platforms, and the operator's own rules."""

from __future__ import annotations

from collections.abc import Sequence

from ringfence.events.items.rules import Preset, Rule
from ringfence.settings import ItemRule

# Publishers' own numbers (PII: S + ISSN + year and number, or B + ISBN) come first, because their
# pages also quote DOIs of other articles. A DOI ends at the next slash, even if it contains one.
# The page of a DOI and its .pdf are two items, as in the counts from which the library's reference
# distribution comes: what is observed and what is expected must have the same unit.
_ARTICLES = (
    # Journals of learned societies: a journal's letters and a number, below year and month.
    Rule(
        r"/articles(?:/|%2F)[a-z0-9]+(?:/|%2F)(?:pdf|abs|full|full_html|html|refs?|olm)(?:/|%2F)"
        r"[0-9]{4}(?:/|%2F)[0-9]{2}(?:/|%2F)(?P<item>[a-z]+[0-9][A-Za-z0-9-]*)",
        markers=("/articles",),
    ),
    Rule(
        r"(?P<item>10\.[0-9]{4,9}(?:/|%2[Ff]|%252[Ff])[^/?&#\s]+)",
        markers=("10.",),
    ),
    # Volume, issue and page, with the host where a proxy's log names it.
    Rule(
        r"(?i)(?:^|//)(?P<item>(?:[^/?#]+/)?content/[0-9]+/[0-9a-z_-]+/[0-9a-z-]+)"
        r"(?:\.[0-9]+)?(?:[./?#+]|$)",
        markers=("/content/",),
    ),
    Rule(
        r"(?P<item>[0-9]{4}-[0-9]{3}[0-9X]/[0-9A-Z]+/[0-9A-Z]+/[0-9A-Za-z]+)(?:[/?#]|$)",
        markers=("-",),
    ),
    Rule(
        r"/(?:abstract|pdf|supplemental|references|cited-by|export)/"
        r"(?P<item>[A-Z]+/v[0-9]+/i[0-9]+/[a-z]?[0-9]+)",
        markers=("/v",),
    ),
    Rule(
        r"/[a-z_]+/article(?:-pdf|-abstract)?/(?:doi/)?(?P<item>[0-9]+/[0-9A-Za-z]+/[0-9A-Za-z]+)"
        r"/[0-9]+",
        markers=("/article",),
    ),
    # Numbers of digital libraries.
    Rule(r"[?&]arnumber=0*(?P<item>[0-9]+)", markers=("arnumber=",)),
    Rule(r"/ie[lx][0-9x]*/(?:[0-9]+/)+0*(?P<item>[0-9]+)\.pdf", markers=("/ie",)),
    Rule(r"/document/0*(?P<item>[0-9]{5,})(?:[/?#]|$)", markers=("/document/",)),
    Rule(
        r"(?i)/content/article(?:html|pdf|landing)/[0-9]{4}/[a-z]{2}/(?P<item>[a-z0-9]+)",
        markers=("/article", "/Article"),
    ),
    Rule(r"(?i)/articles/(?P<item>pmc[0-9]+)", markers=("/articles/",)),
    Rule(
        r"/(?:abs|pdf|html|format|ps)/"
        r"(?P<item>(?:[a-z-]+(?:\.[A-Z]{2})?/[0-9]{7}|[0-9]{4}\.[0-9]{4,5}))(?:v[0-9]+)?"
        r"(?:\.pdf)?(?:[?#]|$)",
        markers=("/abs/", "/pdf/", "/html/", "/format/", "/ps/"),
    ),
    Rule(r"/content/(?P<item>[a-z0-9]{16})(?:[/?#]|$)", markers=("/content/",), weak=True),
    Rule(
        r"/stable/(?:(?:pdf|pdfplus|info|view)/)?(?P<item>[0-9]{4,})",
        markers=("/stable/",),
    ),
    # The name of a file below the word for a variant, such as /full/nature01234.html.
    Rule(
        r"(?i)/(?:full|abs|abstract|pdf|fulltext|full_html|html|fig_tab|references?|summary)/"
        r"(?:[^?#]*/)?(?P<item>[^/?#]*?[0-9][^/?#]*?)(?:_[a-z]+[0-9]*)?"
        r"(?:\.(?:full|abstract|html?|pdf|xml|aspx))+(?:[?#;]|$)",
        markers=(".htm", ".pdf", ".xml", ".aspx", ".HTM", ".PDF"),
        weak=True,
    ),
    Rule(
        r"(?i)/articles?/(?:(?:view|abstract|abs|full|fulltext|pdf|html|download|landing)/)?"
        r"(?P<item>[a-z]*[-.]?[0-9][a-z0-9_-]*)(?:\.(?:html?|pdf|full|abstract|aspx))*"
        r"(?:[/?#;]|$)",
        markers=("/article", "/Article", "/ARTICLE"),
        weak=True,
    ),
    Rule(r"/(?P<item>[^/?#\s]+)\.(?:pdf|epub)(?:[?#]|$)", markers=(".pdf", ".epub"), weak=True),
)
"""Articles without a publisher's own number, from the surest rule to the broadest."""

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
        *_ARTICLES,
    ),
    surface="metadata",
    downloads=(
        *(".pdf", ".epub", "/pdf/", "load_pdf", "MiamiImageURL", "%2Fpdf%2F", "/articlepdf/"),
        *("/article-pdf/", "/pdfplus/", "/stamp/stamp.jsp"),
    ),
    # Advertisements and reference boxes quote DOIs. Front and back matter is not an article.
    unwanted=(
        "/advertisement/",
        "/bfm%",
        "/bbm%",
        "ajaxRef",
        "/suggestedArt/",
        "/contents.htm",
        "/index.htm",
    ),
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
    rules=(Rule(r"^[^?]*/rest/(?:stream|download)(?:\.view)?/?\?(?:id=|.*?&id=)(?P<item>[^&#]+)"),),
    surface="stream",
    downloads=("/rest/download",),
    methods=("GET", "POST"),
    parameters=("u", "apiKey", "api_key", "username"),
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
    every_path=True,
)

PRESETS = (_SCHOLARLY, _SUBSONIC, _STREAM, _PATH)
"""All presets. The last one matches every path and is used if no other fits."""


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
        tuple(
            Rule(rule.pattern, surface=rule.surface, prefix=rule.prefix, normalise=rule.normalise)
            for rule in rules
        ),
        methods=("GET", "POST"),
        proxied=True,
        own=True,
    )
