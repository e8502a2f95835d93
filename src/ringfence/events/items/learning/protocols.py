"""Rules of protocols, which say themselves what is an item."""

from __future__ import annotations

from typing import Final

from ringfence.events.items.rules import Rule

_REGION: Final = r"(?:full|square|(?:pct:|pct%3A)?[0-9.]+(?:,|%2C)[0-9.]+(?:,|%2C)[0-9.,%C]+)"
_SIZE: Final = r"(?:full|max|(?:\^|%5E)?(?:!|%21)?(?:pct:|pct%3A)?[0-9.]*(?:,|%2C)?[0-9]*)"

IIIF: Final = Rule(
    rf"(?i)/(?P<item>[^/?#]+)/{_REGION}/{_SIZE}/!?[0-9.]+/"
    r"(?:default|native|color|gray|bitonal)\.[a-z0-9]+(?:[?#]|$)",
    prefix="image/",
)
"""An image of the IIIF Image API 2 or 3: ``{id}/{region}/{size}/{rotation}/{quality}.{format}``."""

PROTOCOLS: Final = (
    Rule(
        r"(?i)[?&]verb=GetRecord(?:&[^#]*)?&identifier=(?:oai(?::|%3A)[^&#:%]+(?::|%3A))?"
        r"(?P<item>[^&#]+)",
        prefix="record/",
        normalise=True,
    ),
    Rule(
        r"(?i)[?&]identifier=(?:oai(?::|%3A)[^&#:%]+(?::|%3A))?(?P<item>[^&#]+)&"
        r"(?:[^#]*&)?verb=GetRecord",
        prefix="record/",
        normalise=True,
    ),
    Rule(
        r"(?i)^[^?]*/rest/(?:stream|download)(?:\.view)?\?(?:id=|.*?&id=)(?P<item>[^&#]+)",
        surface="stream",
        prefix="track/",
    ),
    IIIF,
    Rule(r"(?i)/(?P<item>[^/?#]+)/info\.json(?:[?#]|$)", prefix="image/"),
    Rule(
        r"(?i)[/=](?:doi:|doi%3A)?(?P<item>10\.[0-9]{4,9}(?:/|%2F)[^/?&#\s]+)",
        prefix="doi/",
        normalise=True,
    ),
)
"""OAI-PMH, Subsonic, IIIF and DOIs, in the order in which they are tried."""
