"""Bring the effects of decisions to connected systems, and take them back.

Only a decision of :mod:`ringfence.cases` has an effect. This package cannot see evidence, rings or
verdicts, so nothing that a scan found is acted on without a decision.
"""

from ringfence.enforcement.delivery import Report, deliver
from ringfence.enforcement.letters import dead_lifts, deliveries, resend, settle
from ringfence.enforcement.sink import Effect, Sink, SinkError, Standing, StateSink

__all__ = [
    "Effect",
    "Report",
    "Sink",
    "SinkError",
    "Standing",
    "StateSink",
    "dead_lifts",
    "deliver",
    "deliveries",
    "resend",
    "settle",
]
