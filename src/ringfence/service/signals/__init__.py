"""The service as a transmitter of OpenID Shared Signals, from which receivers poll."""

from ringfence.service.signals.endpoints import SignalEndpoints

__all__ = ["SignalEndpoints"]
