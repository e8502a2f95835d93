"""Fixed item rules of protocols that define what an item is."""

from __future__ import annotations

from typing import Final

from ringfence.events.items.rules import IIIF, Rule

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
    # In a query a DOI reaches to the next parameter, even if it contains slashes.
    Rule(
        r"(?i)[?&][^?&#=]*=(?:(?:doi:|doi%3A)|https?(?::|%3A)(?:/|%2F){2}(?:dx\.)?doi\.org(?:/|%2F))?"
        r"(?P<item>10\.[0-9]{4,9}(?:/|%2F)[^?&#\s]+)",
        prefix="doi/",
        normalise=True,
    ),
    Rule(
        r"(?i)[/=](?:doi:|doi%3A)?(?P<item>10\.[0-9]{4,9}(?:/|%2F)[^/?&#\s]+)",
        prefix="doi/",
        normalise=True,
    ),
)
"""OAI-PMH, Subsonic, IIIF and DOIs, in the order in which they are tried."""
