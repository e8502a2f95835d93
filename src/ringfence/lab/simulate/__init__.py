"""Users and extractors, seeded: logs and event tables whose truth is known.

The simulator writes records of events that never took place; it makes no requests of anybody.
"""

from ringfence.lab.simulate.access_log import Part, Truth, write_access_log
from ringfence.lab.simulate.attacks import Attack, attack_names, load_attack
from ringfence.lab.simulate.catalogue import CatalogueLaw
from ringfence.lab.simulate.event_table import write_events
from ringfence.lab.simulate.scenario import Scenario, load_scenario, scenario_names
from ringfence.lab.simulate.writing import ScenarioFiles, write_scenario

__all__ = [
    "Attack",
    "CatalogueLaw",
    "Part",
    "Scenario",
    "ScenarioFiles",
    "Truth",
    "attack_names",
    "load_attack",
    "load_scenario",
    "scenario_names",
    "write_access_log",
    "write_events",
    "write_scenario",
]
