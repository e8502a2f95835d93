"""Run the live demo: the service, and simulated users and extractors that use it."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ringfence.cases import open_store
from ringfence.lab.live.demo_folder import make_demo_folder
from ringfence.lab.live.own_service import LOOPBACK, OwnService
from ringfence.lab.live.processes import clock_file, demo_processes
from ringfence.lab.live.replay import AccessReplay
from ringfence.lab.live.show import LiveShow, ShowPace
from ringfence.lab.live.simulated_clock import SimulatedClock
from ringfence.lab.live.tally import IncidentTally
from ringfence.lab.simulate.plan import ScenarioPlan
from ringfence.lab.simulate.scenario import Scenario
from ringfence.service.files import ServiceFolder, bring_to_form, read_status
from ringfence.service.supervising import Supervisor, check_port
from ringfence.settings import load_settings
from ringfence.stats.seconds import DAY

_SCAN_EVERY: Final = 1.0
_PER_DAY: Final = 1_000


@dataclass(frozen=True)
class DemoOptions:
    """The options of the live demo.

    Attributes:
        root: folder of the service.
        seconds: in which the scenario is played.
        port: for events; the next one answers gateways.
    """

    root: Path
    seconds: float = 60.0
    port: int = 8470


def run_live_demo(
    scenario: Scenario, options: DemoOptions, say: Callable[[str], None]
) -> IncidentTally:
    """Start the service, play a scenario, stop the service, and return what happened.

    The simulated days end with the last midnight, so no event lies in the future. It ends by
    itself, or at SIGTERM or SIGINT. Call it in the main thread.

    Args:
        scenario: with one attack.
        options: of the demo.
        say: prints a line.

    Raises:
        RingfenceError: the folder or a port cannot be used, or the service cannot run.
    """
    for port, setting in ((options.port, "--port"), (options.port + 1, "--port")):
        check_port(LOOPBACK, port, setting)
    folder, config, token = make_demo_folder(options.root, options.port, _SCAN_EVERY)
    plan = ScenarioPlan(scenario)
    start = (int(time.time()) // DAY - scenario.days) * DAY
    clock = SimulatedClock(clock_file(folder), start)
    service = OwnService(options.port, options.port + 1, token, lambda: show.is_over)
    replay = AccessReplay(plan, service.ask, start)
    pace = ShowPace(scenario.days, options.seconds, lambda: _last_scan(folder))
    show = LiveShow(replay, service, clock, pace, say)
    supervisor = Supervisor(folder, demo_processes(load_settings(config)), config, say)
    try:
        supervisor.run(lambda: _begin(folder, scenario, options, show, say), lambda: show.is_over)
    finally:
        show.end()
    _conclude(replay, folder, scenario.attack[0].start_day, show.moment, say)
    return replay.tally


def _begin(
    folder: ServiceFolder,
    scenario: Scenario,
    options: DemoOptions,
    show: LiveShow,
    say: Callable[[str], None],
) -> None:
    bring_to_form(folder)
    open_store(folder.cases).close()
    say(f"events go to   http://{LOOPBACK}:{options.port}/api/v1/events")
    say(f"gateways ask   http://{LOOPBACK}:{options.port + 1}/api/v1/authorize")
    say(f"files are in   {folder.root}")
    say(_announced(scenario))
    show.start()


def _last_scan(folder: ServiceFolder) -> float:
    """Return when the last scan that has ended began, in seconds since 1970; 0 if none has."""
    scan = (read_status(folder, "judge") or {}).get("last_scan")
    return float(scan["began"]) if scan else 0.0


def _announced(scenario: Scenario) -> str:
    attack = scenario.attack[0]
    extractors = attack.load().strategy.accounts
    return (
        f"{scenario.users.accounts:,} simulated users, and from day {attack.start_day} on "
        f"{extractors} extractors, in {scenario.days} days"
    )


def _conclude(
    replay: AccessReplay,
    folder: ServiceFolder,
    first_day: int,
    day: float,
    say: Callable[[str], None],
) -> None:
    tally = replay.tally
    got = f"{len(tally.taken):,} items, {tally.share:.2%} of the catalogue"
    active = max(0.0, day - first_day)
    if tally.extractors and tally.is_over:
        last = (max(tally.stopped.values()) - replay.start) / DAY - first_day
        say(f"All {tally.extractors} extractors were stopped within {last:.1f} simulated days.")
        say(f"They got {got}.")
    else:
        say(f"{len(tally.stopped)} of {tally.extractors} extractors were stopped by the end.")
        say(f"They got {got}.")
    unprotected = round(tally.extractors * active * _PER_DAY)
    say(f"Without protection they would have about {unprotected:,} after {active:.1f} days.")
    say(f"Users who were refused something: {len(tally.denied)}.")
    say(f"Cases: ringfence case list --cases {folder.cases}")
    say(f"Report of the last scan: {folder.report / 'report.html'}")
