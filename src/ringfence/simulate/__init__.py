"""Readers and extractors, seeded: logs and event tables whose truth is known.

The simulator writes records of events that never took place; it makes no requests of anybody.
"""

from ringfence.simulate.access_log import Part, Truth, write_access_log
from ringfence.simulate.event_table import write_events

__all__ = ["Part", "Truth", "write_access_log", "write_events"]
