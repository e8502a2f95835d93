"""OpenTelemetry: traces and metrics of the work of the service. It is optional."""

from ringfence.service.telemetry.telling import telemetry_of, tell_work
from ringfence.service.telemetry.work import WORK_COUNTS, WorkName

__all__ = ["WORK_COUNTS", "WorkName", "telemetry_of", "tell_work"]
