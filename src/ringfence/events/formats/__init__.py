"""The formats of access records, one per file, in the order in which they are tried."""

from ringfence.events.formats.base import RAW_COLUMNS, FastPath, Format
from ringfence.events.formats.caddy import Caddy
from ringfence.events.formats.csv import CSV
from ringfence.events.formats.logfmt import Logfmt
from ringfence.events.formats.ndjson import NDJSON
from ringfence.events.formats.parquet import Parquet
from ringfence.events.formats.text import TextLayout
from ringfence.events.formats.w3c import W3C
from ringfence.events.layouts.known import KNOWN
from ringfence.events.layouts.w3c_fields import W3C_PRODUCTS

FORMATS: tuple[type[Format], ...] = (
    Parquet,
    Caddy,
    W3C,
    NDJSON,
    Logfmt,
    TextLayout,
    CSV,
)
"""All formats, strictest first: any text with a comma could be CSV."""


def format_names() -> tuple[str, ...]:
    """Return every name that ``events.format`` accepts, ``auto`` first."""
    return (
        "auto",
        *(form.name for form in FORMATS),
        *W3C_PRODUCTS,
        *(known.name for known in KNOWN),
    )


__all__ = ["FORMATS", "RAW_COLUMNS", "W3C", "FastPath", "Format", "TextLayout", "format_names"]
