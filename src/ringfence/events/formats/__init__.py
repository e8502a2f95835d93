"""The formats of access records, one a file, in the order they are looked for."""

from ringfence.events.formats.base import RAW_COLUMNS, Format, Opened
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
"""Strictest first: any text with a comma could be CSV."""

__all__ = ["FORMATS", "RAW_COLUMNS", "Format", "Opened"]
