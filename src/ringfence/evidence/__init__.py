"""Reading or extracting? One test a file, and the calibration they share."""

from ringfence.evidence._record import Evidence

__all__ = ["Evidence"]
