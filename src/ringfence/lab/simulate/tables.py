"""From arrays to Parquet: events, the truth about accounts, and the catalogue."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, time
from pathlib import Path
from typing import Final, Self

import numpy as np

from ringfence.engine import DuckDBEngine, literal
from ringfence.lab.simulate.attributes import (
    CLIENTS,
    HOMES,
    MOBILE_TIME,
    NOT_YET,
    elsewhere,
    rotated,
)
from ringfence.lab.simulate.event_columns import SURFACES
from ringfence.lab.simulate.parts import Part
from ringfence.lab.simulate.scenario import ColumnName
from ringfence.lab.simulate.users import KINDS
from ringfence.lab.simulate.world import DAY, World
from ringfence.settings import EngineSettings
from ringfence.stats.arrays import Codes, Columns, Integers

_CHUNK: Final = 4_000_000
"""Items of a catalogue that are made at once."""
_HOUR: Final = 3600
_CARRIED: Final = frozenset({"ip", "client", "device", "payment", "signed_up"})
"""Columns that depend on the account and the hour."""
_KINDS: Final = (*KINDS, "extractor")


class Tables:
    """Writes the tables of a scenario, one thread each so that bytes do not depend on luck."""

    def __init__(self, world: World) -> None:
        """Open an engine.

        Args:
            world: what is written.
        """
        self._world = world
        self._engine = DuckDBEngine(EngineSettings(threads=1))
        # Rows stay in the order of the arrays.
        self._engine.run("SET preserve_insertion_order = true")
        midnight = datetime.combine(world.scenario.start, time(), UTC)
        self._start = int(midnight.timestamp())
        self._columns = world.scenario.columns
        self._select = _select_events(self._columns)

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the engine."""
        self._engine.close()

    def write_events(self, part: Part, path: Path) -> None:
        """Write takes, in their order."""
        world, item = self._world, part.item.astype(np.int64)
        columns: Columns = {
            "moment": part.second.astype(np.int64) + self._start,
            "number": world.public[part.account],
            "item": world.item(item),
            "seconds": part.seconds,
            "surface": part.surface,
        }
        if "group" in self._columns:
            columns["in_group"] = world.group(item)
        if _CARRIED.intersection(self._columns):
            columns |= self._carried(part.account.astype(np.int64), part.second.astype(np.int64))
        self._write(self._select, columns, path)

    def _carried(self, account: Integers, second: Integers) -> Columns:
        """Return what accounts carry at the times of their takes."""
        world = self._world
        _note_newcomers(world, account, second)
        attributes = world.attributes
        seed, hour = world.scenario.seed, second // _HOUR
        away, other = elsewhere(seed, account, hour)
        home, mobile = attributes.home[account], attributes.mobile[account]
        network = np.where(away < MOBILE_TIME, mobile, home)
        rotating = np.flatnonzero(attributes.rotating[account])
        network[rotating] = rotated(seed, account[rotating], hour[rotating], HOMES)
        one, two = attributes.device[account], attributes.second[account]
        return {
            "network": network,
            "device": np.where(other < 0.5, one, two),
            "client": attributes.client[account],
            "payment": attributes.payment[account],
            "joined": attributes.signed_up[account] + self._start,
        }

    def write_truth(self, path: Path) -> None:
        """Write what each account is, ordered by its name.

        Columns: ``account``, ``role`` (user or extractor), ``kind`` (of user; extractor for
        accounts that were never anything else), ``attack``, ``ring`` (one a campaign) and
        ``first_day`` (of the attack, from 0), which are NULL for users.
        """
        world = self._world
        campaign = np.full(world.accounts, -1, np.int64)
        first_day = np.full(world.accounts, -1, np.int64)
        for number, planned in enumerate(world.campaigns):
            campaign[planned.account] = number
            first_day[planned.account] = planned.first_day
        names = [planned.attack.name for planned in world.campaigns]
        select = f"""
SELECT 'user-' || number AS account,
    CASE WHEN campaign < 0 THEN 'user' ELSE 'extractor' END AS role,
    {_one_of("kind", _KINDS)} AS kind,
    {_one_of("campaign", names)} AS attack,
    {_one_of("campaign", [f"{name}-{n}" for n, name in enumerate(names, 1)])} AS ring,
    CASE WHEN campaign >= 0 THEN first_day END AS first_day
FROM part ORDER BY account"""  # noqa: S608 - names of attacks are the project's own
        kind: Codes = world.kind
        columns: Columns = {
            "number": world.public,
            "kind": kind,
            "campaign": campaign,
            "first_day": first_day,
        }
        self._write(select, columns, path)

    def write_catalogue(self, path: Path) -> None:
        """Write all items with their groups and expected uses, piece by piece."""
        law = self._world.law
        self._engine.run(
            "CREATE OR REPLACE TEMP TABLE listed (item BIGINT, grp BIGINT, popularity DOUBLE)"
        )
        for first in range(0, law.items, _CHUNK):
            columns = law.columns(first, first + _CHUNK)
            self._engine.table("part", dict(columns))
            self._engine.run('INSERT INTO listed SELECT item, "group", popularity FROM part')
        select = (
            "SELECT 'tr-' || item AS item, 'ar-' || grp AS \"group\", popularity "
            "FROM listed ORDER BY listed.item"
        )
        self._engine.copy(select, path)

    def _write(self, select: str, columns: Columns, path: Path) -> None:
        self._engine.table("part", columns)
        self._engine.copy(select, path)


def _note_newcomers(world: World, account: Integers, second: Integers) -> None:
    """Let accounts that begin in the scenario sign up on the day before their first take."""
    account, first = np.unique(account, return_index=True)
    new = world.kind[account] == KINDS.index("newcomer")
    account, day = account[new], second[first[new]] // DAY
    unknown = world.attributes.signed_up[account] == NOT_YET
    world.attributes.set_signed_up(account[unknown], day[unknown], world.scenario.seed)


def _select_events(columns: Sequence[ColumnName]) -> str:
    """SQL of the events; every optional column is made of numbers."""
    made: dict[ColumnName, str] = {
        "group": "'ar-' || in_group",
        "seconds": "CASE WHEN seconds >= 0 THEN seconds END",
        "surface": _one_of("surface", SURFACES),
        "ip": "'10.' || (network >> 16) || '.' || (network >> 8 & 255) || '.' || (network & 255)",
        "client": _one_of("client", CLIENTS),
        "device": "'dev-' || device",
        "payment": "CASE WHEN payment >= 0 THEN 'pay-' || payment END",
        "signed_up": "make_timestamp(joined * 1000000)",
    }
    optional = "".join(f', {made[name]} AS "{name}"' for name in made if name in columns)
    return f"""
SELECT make_timestamp(moment * 1000000) AS ts, 'user-' || number AS account,
    'tr-' || item AS item{optional}
FROM part"""  # noqa: S608 - all of it is the project's own


def _one_of(code: str, texts: Sequence[str]) -> str:
    """SQL of the text that a code from 0 stands for, NULL where it is negative."""
    listed = ", ".join(map(literal, texts))
    return f"CASE WHEN {code} >= 0 THEN ([{listed}]::VARCHAR[])[{code} + 1] END"
