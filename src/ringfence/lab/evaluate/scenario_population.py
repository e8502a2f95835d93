"""Scenarios as populations: written without their attacks, with the catalogue's law as shelf."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from ringfence.engine import DuckDBEngine, literal
from ringfence.lab.evaluate.named_shelf import NamedShelf
from ringfence.lab.simulate.catalogue import CatalogueLaw
from ringfence.lab.simulate.scenario import load_scenario, scenario_names
from ringfence.lab.simulate.writing import write_scenario
from ringfence.stats.arrays import Floats, Integers, Names

_KINDS: Final = "SELECT account, kind FROM read_parquet({path})"


@dataclass(frozen=True)
class Made:
    """A scenario's users, written.

    Attributes:
        events: folder with the events.
        kinds: what kind of user each account is.
        shelf: what there is to take.
    """

    events: Path
    kinds: Mapping[str, str]
    shelf: NamedShelf


def is_scenario(name: str) -> bool:
    """Say whether a name is a scenario's: a permanent one, or a TOML file."""
    return name in scenario_names() or name.endswith(".toml")


def made(name: str, folder: Path, seed: int | None) -> Made:
    """Write a scenario's users, without the attacks it may have.

    Raises:
        RingfenceError: there is no such scenario, or it cannot be written.
    """
    scenario = load_scenario(name).with_seed(seed)
    catalogue = scenario.catalogue.model_copy(update={"write": False})
    scenario = scenario.model_copy(update={"attack": (), "catalogue": catalogue})
    out = folder / "scenario"
    write_scenario(scenario, out)
    with DuckDBEngine() as engine:
        kinds = dict(engine.rows(_KINDS.format(path=literal(str(out / "truth.parquet")))))
    return Made(out / "events", kinds, LawShelf(CatalogueLaw.of(scenario.catalogue.items)))


class LawShelf(NamedShelf):
    """A simulated catalogue, its items and groups called as in the scenario's files."""

    def __init__(self, law: CatalogueLaw) -> None:
        self._law = law
        self.items = law.items
        self.groups = law.groups

    def top(self, count: int) -> Integers:
        """Return the most used items, the most used first."""
        return self._law.top(count)

    def used(self, chance: Floats) -> Integers:
        """Draw an item a number, as likely as it is used."""
        return self._law.used(chance)

    def anywhere(self, chance: Floats) -> Integers:
        """Draw an item a number, all equally likely."""
        return self._law.anywhere(chance)

    def group_of(self, item: Integers) -> Integers:
        """Return the group of each item."""
        return self._law.group_of(item)

    def within(self, group: Integers, chance: Floats) -> Integers:
        """Draw an item of each group, as likely as it is used within the group."""
        return self._law.within(group, chance)

    def whole(self, group: int) -> Integers:
        """Return all items of a group, the most used first."""
        return self._law.whole(group)

    def taste(self, seed: int, size: int) -> Integers:
        """Return the groups that one user likes, the most liked first."""
        return self._law.taste(seed, size)

    def item_names(self, items: Integers) -> Names:
        """Return names as in the scenario's events."""
        return _named("tr-", items, self._law.public)

    def group_names(self, groups: Integers) -> Names:
        """Return names as in the scenario's events."""
        return _named("ar-", groups, self._law.public_group)


def _named(prefix: str, numbers: Integers, public: Callable[[Integers], Integers]) -> Names:
    distinct, places = np.unique(numbers, return_inverse=True)
    return np.array([f"{prefix}{n}" for n in public(distinct)], dtype=object)[places]
