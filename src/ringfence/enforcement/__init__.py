"""Bring the effects of decisions to connected systems, and take them back.

Only a decision of :mod:`ringfence.cases` has an effect. This package cannot see evidence, rings or
verdicts, so nothing that a scan found is acted on without a decision.
"""

from ringfence.enforcement.delivery import Report, deliver
from ringfence.enforcement.harder_holds import HarderHold, harder_holds
from ringfence.enforcement.letters import deliveries, not_put_down, resend, settle, undelivered
from ringfence.enforcement.sink import Effect, Sink, SinkError, Standing, StateSink

__all__ = [
    "Effect",
    "HarderHold",
    "Report",
    "Sink",
    "SinkError",
    "Standing",
    "StateSink",
    "deliver",
    "deliveries",
    "harder_holds",
    "not_put_down",
    "resend",
    "settle",
    "undelivered",
]
