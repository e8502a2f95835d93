"""Ringfence: who is taking the catalogue, how much they hold, and what to do about it.

>>> import ringfence
>>> result = ringfence.scan("access.log", out="result")  # doctest: +SKIP
>>> for finding in result.findings:  # doctest: +SKIP
...     print(finding.id, finding.verdict, finding.p_value)
"""

from importlib.metadata import version

from ringfence.errors import RingfenceError
from ringfence.model.evidence import Evidence
from ringfence.model.finding import Coverage, Finding
from ringfence.model.profile import Profile
from ringfence.pipeline import Progress, ScanResult, scan
from ringfence.population.robots import Robot
from ringfence.settings import Settings, load_settings

__version__ = version("ringfence")

__all__ = [
    "Coverage",
    "Evidence",
    "Finding",
    "Profile",
    "Progress",
    "RingfenceError",
    "Robot",
    "ScanResult",
    "Settings",
    "__version__",
    "load_settings",
    "scan",
]
