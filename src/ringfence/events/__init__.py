"""What happened: access records of any known format, read as one relation of events."""

from ringfence.events._opening import open_source
from ringfence.events._quarantine import Quarantine
from ringfence.events._reading import Assumption, Reading
from ringfence.events._source import Source, find_sources
from ringfence.events._typing import BAD, EVENT_COLUMNS

__all__ = [
    "BAD",
    "EVENT_COLUMNS",
    "Assumption",
    "Quarantine",
    "Reading",
    "Source",
    "find_sources",
    "open_source",
]
