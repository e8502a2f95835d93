"""Write a scenario's tables as Parquet: events, the truth about accounts, the catalogue."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, time
from pathlib import Path
from typing import Final, Self

import numpy as np

from ringfence.engine import literal, open_engine
from ringfence.lab.simulate.attributes import (
    CLIENT_NAMES,
    HOMES,
    MOBILE_TIME,
    NOT_YET,
    elsewhere,
    rotated,
)
from ringfence.lab.simulate.batches import EventBatch
from ringfence.lab.simulate.event_columns import SURFACE_NAMES
from ringfence.lab.simulate.log_columns import (
    ASSETS_SQL,
    ITEM_SQL,
    RECORDS_SQL,
    REFERRER_SQL,
    STATUS_SQL,
    bytes_sql,
)
from ringfence.lab.simulate.origins import address_sql, client_sql, origin_sql
from ringfence.lab.simulate.plan import ScenarioPlan
from ringfence.lab.simulate.scenario import ColumnName
from ringfence.lab.simulate.users import KINDS
from ringfence.private_files import new_place
from ringfence.settings import EngineSettings
from ringfence.stats.arrays import Codes, Columns, Integers
from ringfence.stats.seconds import DAY, HOUR

_CHUNK: Final = 4_000_000
"""Items of a catalogue that are made at a time."""
_ATTRIBUTES: Final = frozenset(
    {"ip", "client", "device", "payment", "signed_up", "referrer", "assets"}
)
"""Columns that depend on the account and the hour."""
_KINDS: Final = (*KINDS, "extractor")


class Tables:
    """The tables of a scenario, written with one thread so that the bytes are always the same."""

    def __init__(self, plan: ScenarioPlan) -> None:
        """Open an engine.

        Args:
            plan: the scenario.
        """
        self._plan = plan
        self._engine = open_engine(EngineSettings(threads=1))
        # Rows stay in the order of the arrays.
        self._engine.keep_order()
        midnight = datetime.combine(plan.scenario.start, time(), UTC)
        self._start = int(midnight.timestamp())
        self._columns = plan.scenario.columns
        self._select = _select_events(plan)

    def __enter__(self) -> Self:
        """Return the tables themselves."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the engine."""
        self._engine.close()

    def write_events(self, batch: EventBatch, path: Path) -> None:
        """Write events, in their order."""
        plan, item = self._plan, batch.item.astype(np.int64)
        columns: Columns = {
            "moment": batch.second.astype(np.int64) + self._start,
            "number": plan.public[batch.account],
            "item": plan.named(item, batch.response),
            "seconds": batch.seconds,
            "surface": batch.surface,
            "response": batch.response,
        }
        if "records" in self._columns:
            columns["records"] = plan.records(item, batch.response)
        if "group" in self._columns:
            columns["in_group"] = plan.grouped(item, batch.response)
        if _ATTRIBUTES.intersection(self._columns):
            columns |= self._attributes_at(
                batch.account.astype(np.int64), batch.second.astype(np.int64)
            )
        self._write(self._select, columns, path)

    def _attributes_at(self, account: Integers, second: Integers) -> Columns:
        """Return the attributes of accounts at the times of their events."""
        plan = self._plan
        _note_newcomers(plan, account, second)
        attributes = plan.attributes
        seed, hour = plan.scenario.seed, second // HOUR
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
            "traces": attributes.traces[account],
        }

    def write_truth(self, path: Path) -> None:
        """Write what each account is, sorted by name.

        Columns: ``account``; ``role`` (user or extractor); ``kind`` (of user, or extractor for an
        account that never had a user); ``attack``, ``ring`` (one per campaign) and ``first_day``
        (of the attack, from 0), which are NULL for users.
        """
        plan = self._plan
        every = np.arange(plan.accounts)
        campaign = np.full(plan.accounts, -1, np.int64)
        first_day = np.full(plan.accounts, -1, np.int64)
        for number, planned in enumerate(plan.campaigns):
            campaign[planned.account] = number
            first_day[planned.account] = planned.first_day
        names = [planned.attack.name for planned in plan.campaigns]
        select = f"""
SELECT {_account_sql(visitors=plan.scenario.users.visitors)} AS account,
    CASE WHEN campaign < 0 THEN 'user' ELSE 'extractor' END AS role,
    {_one_of("kind", _KINDS)} AS kind,
    {_one_of("campaign", names)} AS attack,
    {_one_of("campaign", [f"{name}-{n}" for n, name in enumerate(names, 1)])} AS ring,
    CASE WHEN campaign >= 0 THEN first_day END AS first_day
FROM part ORDER BY account"""  # noqa: S608 - names of attacks are the project's own
        kind: Codes = plan.kind[every]
        columns: Columns = {
            "number": plan.public[every],
            "network": plan.attributes.home[every],
            "client": plan.attributes.client[every],
            "kind": kind,
            "campaign": campaign,
            "first_day": first_day,
        }
        self._write(select, columns, path)

    def write_catalogue(self, path: Path) -> None:
        """Write all items with their groups and expected uses, piece by piece."""
        law = self._plan.law
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
        self._copy(select, path)

    def _write(self, select: str, columns: Columns, path: Path) -> None:
        self._engine.table("part", columns)
        self._copy(select, path)

    def _copy(self, select: str, path: Path) -> None:
        with new_place(path) as place:
            self._engine.copy(select, place)


def _note_newcomers(plan: ScenarioPlan, account: Integers, second: Integers) -> None:
    """Let accounts that begin in the scenario sign up on the day before their first event."""
    account, first = np.unique(account, return_index=True)
    new = plan.kind[account] == KINDS.index("newcomer")
    account, day = account[new], second[first[new]] // DAY
    unknown = plan.attributes.signed_up[account] == NOT_YET
    plan.attributes.set_signed_up(account[unknown], day[unknown], plan.scenario.seed)


def _account_sql(*, visitors: bool) -> str:
    """Return the SQL of an account's name; a visitor has the name that a scan gives it."""
    if not visitors:
        return "'user-' || number"
    origin, client = origin_sql(address_sql("network")), client_sql("client", CLIENT_NAMES)
    return f"{origin} || ' ' || left(md5({client}), 8)"


def _select_events(plan: ScenarioPlan) -> str:
    """Return the SQL of the events; every optional column is made of numbers."""
    columns, visitors = plan.scenario.columns, plan.scenario.users.visitors
    made: dict[ColumnName, str] = {
        "group": "CASE WHEN in_group >= 0 THEN 'ar-' || in_group END",
        "seconds": "CASE WHEN seconds >= 0 THEN seconds END",
        "surface": _one_of("surface", SURFACE_NAMES),
        "ip": address_sql("network"),
        "client": client_sql("client", CLIENT_NAMES),
        "device": "'dev-' || device",
        "payment": "CASE WHEN payment >= 0 THEN 'pay-' || payment END",
        "signed_up": "make_timestamp(joined * 1000000)",
        "status": STATUS_SQL,
        "bytes": bytes_sql(pages=visitors),
        "records": RECORDS_SQL,
        "referrer": REFERRER_SQL,
        "assets": ASSETS_SQL,
    }
    optional = "".join(f', {made[name]} AS "{name}"' for name in made if name in columns)
    return f"""
SELECT make_timestamp(moment * 1000000) AS ts, {_account_sql(visitors=visitors)} AS account,
    {ITEM_SQL} AS item{optional}
FROM part"""  # noqa: S608 - all of it is the project's own


def _one_of(code: str, texts: Sequence[str]) -> str:
    """Return the SQL of the text at a code's position, NULL for negative codes."""
    listed = ", ".join(map(literal, texts))
    return f"CASE WHEN {code} >= 0 THEN ([{listed}]::VARCHAR[])[{code} + 1] END"
