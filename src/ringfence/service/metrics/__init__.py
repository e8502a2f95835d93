"""Metrics of all processes for Prometheus, from the status that each of them writes."""

from ringfence.service.metrics.collecting import StatusCollector

__all__ = ["StatusCollector"]
