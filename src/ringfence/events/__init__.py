"""Access records of any known format, read as one relation of events."""

from ringfence.events.content import plain_beginning
from ringfence.events.event_sql import BAD, EVENT_COLUMNS, MISSING_ITEM, REFUSED_ITEM
from ringfence.events.finding import find_sources
from ringfence.events.line_reading import LineReading, read_lines
from ringfence.events.listings import LARGE_PAGE, LIST_PAGE
from ringfence.events.opening import open_source
from ringfence.events.quarantine import LINES_KEPT, BadLine, Quarantine
from ringfence.events.reading import Assumption, Reading
from ringfence.events.recognition import check_format, looks_like_records
from ringfence.events.sample_events import sample_events
from ringfence.events.sampled_requests import SampledRequest, sample_requests
from ringfence.events.secrets import mask_secrets, may_name_account
from ringfence.events.sources import (
    AnySource,
    ArrowSource,
    OnError,
    Source,
    errors_named,
    stop_at_error,
)
from ringfence.events.url_items import items_of_url

__all__ = [
    "BAD",
    "EVENT_COLUMNS",
    "LARGE_PAGE",
    "LINES_KEPT",
    "LIST_PAGE",
    "MISSING_ITEM",
    "REFUSED_ITEM",
    "AnySource",
    "ArrowSource",
    "Assumption",
    "BadLine",
    "LineReading",
    "OnError",
    "Quarantine",
    "Reading",
    "SampledRequest",
    "Source",
    "check_format",
    "errors_named",
    "find_sources",
    "items_of_url",
    "looks_like_records",
    "mask_secrets",
    "may_name_account",
    "open_source",
    "plain_beginning",
    "read_lines",
    "sample_events",
    "sample_requests",
    "stop_at_error",
]
