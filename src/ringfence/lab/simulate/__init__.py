"""Users and extractors, seeded: logs and event tables whose truth is known.

The simulator writes records of events that never took place; it sends no requests.
"""

from ringfence.lab.simulate.access_log import LOG_COLUMNS, write_access_log
from ringfence.lab.simulate.attacks import Attack, attack_names, load_attack
from ringfence.lab.simulate.catalogue import CatalogueLaw
from ringfence.lab.simulate.scenario import AttackSection, Scenario, load_scenario, scenario_names
from ringfence.lab.simulate.truth import Truth, read_truth
from ringfence.lab.simulate.writing import ScenarioFiles, write_scenario

__all__ = [
    "LOG_COLUMNS",
    "Attack",
    "AttackSection",
    "CatalogueLaw",
    "Scenario",
    "ScenarioFiles",
    "Truth",
    "attack_names",
    "load_attack",
    "load_scenario",
    "read_truth",
    "scenario_names",
    "write_access_log",
    "write_scenario",
]
