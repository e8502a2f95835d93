"""Serve decisions to bouncers of CrowdSec, in the format of CrowdSec's own API."""

from ringfence.service.bouncers.endpoints import BouncerEndpoints

__all__ = ["BouncerEndpoints"]
