"""The formats of access records, one per file, in the order in which they are tried."""

from ringfence.events.formats.base import RAW_COLUMNS, FastPath, Format
from ringfence.events.formats.caddy import Caddy
from ringfence.events.formats.cloudfront import CloudFront
from ringfence.events.formats.combined import Combined
from ringfence.events.formats.csv import CSV
from ringfence.events.formats.ezproxy import EZproxy
from ringfence.events.formats.ndjson import NDJSON
from ringfence.events.formats.parquet import Parquet

FORMATS: tuple[type[Format], ...] = (
    Parquet,
    Caddy,
    CloudFront,
    NDJSON,
    EZproxy,
    Combined,
    CSV,
)
"""All formats, strictest first: any text with a comma could be CSV."""

__all__ = ["FORMATS", "RAW_COLUMNS", "FastPath", "Format"]
