"""Let simulated users and extractors use the live service at accelerated time.

Events are simulated. Questions and records go to the service of the demo, on this machine only.
"""

from ringfence.lab.live.replay import AccessReplay
from ringfence.lab.live.simulated_clock import SimulatedClock
from ringfence.lab.live.tally import IncidentTally

__all__ = ["AccessReplay", "IncidentTally", "SimulatedClock"]
