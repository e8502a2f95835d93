"""The processes of the demo's service: those of any service, one of them with another clock."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Final

from ringfence.lab.live.simulated_clock import SimulatedClock
from ringfence.service.files import ServiceFolder
from ringfence.service.supervising import ServiceProcess
from ringfence.service.supervising.entries import Note, service_processes
from ringfence.service.supervising.entries import authorize as authorize_at
from ringfence.settings import Settings

_AUTHORIZE: Final = f"{__name__}:authorize"


def clock_file(folder: ServiceFolder) -> Path:
    """Return the path of the simulated clock, which only the service of a demo has."""
    return folder.root / "simulated-clock"


def demo_processes(settings: Settings) -> tuple[ServiceProcess, ...]:
    """Return the processes of the service. The one that answers gateways has the demo's clock."""
    return tuple(
        replace(one, entry=_AUTHORIZE) if one.name == "authorize" else one
        for one in service_processes(settings)
    )


def authorize(folder: ServiceFolder, settings: Settings, note: Note) -> None:
    """Answer gateways at simulated time."""
    authorize_at(folder, settings, note, SimulatedClock(clock_file(folder)).now)
