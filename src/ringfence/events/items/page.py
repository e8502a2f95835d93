"""A page request of the sample from which item rules are chosen and learned."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final, NamedTuple
from urllib.parse import unquote

LONGEST_URL: Final = 2_000
"""Characters of a URL beyond which it is left out of the sample."""


def words_of(text: str) -> frozenset[str]:
    """Return the words of a text, for lists that are easier to read as one text."""
    return frozenset(text.split())


FILE_TYPES: Final = words_of(
    "htm html xhtml xml json jsonld rdf ttl nt n3 csv tsv txt md pdf epub mobi ps doc docx odt "
    "ppt pptx xls xlsx ods zip gz tar 7z bib ris mods marc mrc mp3 flac ogg oga opus m4a m4b "
    "aac wav aiff wma mp4 m4v webm mkv mov avi ts m3u m3u8 pls nc hdf h5 geojson kml gpx shp "
    "tif tiff jp2 jpg jpeg png gif webp avif bmp vtt srt full abstract pdf+html "
    "nccsv csvp tsvp htmltable graph das dds iso19115 fgdc"
)
"""Endings of a name that tell a variant of an item."""

_AUTHORITY: Final = re.compile(r"^[A-Za-z][A-Za-z0-9+.-]*://[^/?#]*")


class Visit(NamedTuple):
    """One successful request of a page.

    Attributes:
        url: as the source has it.
        account: login or address; empty if the source names none.
    """

    url: str
    account: str


@dataclass(frozen=True, slots=True)
class PageRequest:
    """A page request in parts.

    Attributes:
        account: login or address.
        segments: of the path, percent-decoded, lower-case; the last one without its file type.
        endings: file types of the last segment, lower-case, such as ``pdf``.
        parameters: of the query, names and decoded values, empty values left out.
    """

    account: str
    segments: tuple[str, ...]
    endings: tuple[str, ...]
    parameters: tuple[tuple[str, str], ...]

    @classmethod
    def of(cls, visit: Visit) -> PageRequest | None:
        """Return the parts of a URL; None if it is too long or no URL of a page."""
        if len(visit.url) > LONGEST_URL:
            return None
        path, _, query = _AUTHORITY.sub("", visit.url).partition("#")[0].partition("?")
        if not path.startswith("/"):
            return None
        plain = [part.partition(";")[0].lower() for part in path.split("/") if part]
        segments = [unquote(part) if "%" in part else part for part in plain]
        endings = []
        while segments and (parts := segments[-1].rpartition("."))[0]:
            if parts[2] not in FILE_TYPES:
                break
            endings.append(parts[2])
            segments[-1] = parts[0]
        pairs = (pair.partition("=") for pair in query.replace(";", "&").split("&"))
        return cls(
            visit.account,
            tuple(segments),
            tuple(reversed(endings)),
            tuple((name, unquote(value)) for name, _, value in pairs if value),
        )

    def token(self, depth: int) -> str:
        """Return the segment at a depth in lower case."""
        return self.segments[depth]
