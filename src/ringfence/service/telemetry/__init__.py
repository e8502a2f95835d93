"""OpenTelemetry: the work of the service as traces and metrics, if the operator wants them."""

from ringfence.service.telemetry.telling import telemetry_of, tell_work
from ringfence.service.telemetry.work import WORK_COUNTS, WorkName

__all__ = ["WORK_COUNTS", "WorkName", "telemetry_of", "tell_work"]
