"""Open a file or a scenario as a population: its users' events, and the items it offers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from ringfence.engine import Engine, Statement, identifier, open_engine
from ringfence.events.formats.source_columns import path_sql
from ringfence.evidence.reference_distributions import Kind
from ringfence.lab.evaluate.event_file import SCENARIO_COLUMNS, copy_events
from ringfence.lab.evaluate.item_pools import (
    FileItemPool,
    NamedItemPool,
    ScenarioItemPool,
    read_catalogue,
)
from ringfence.lab.simulate.catalogue import CatalogueLaw
from ringfence.lab.simulate.scenario import load_scenario, scenario_names
from ringfence.lab.simulate.writing import write_scenario
from ringfence.settings import EventSettings, PrivacySettings, Settings
from ringfence.stats.seconds import DAY

MONTH: Final = 30 * DAY
"""Seconds of an account-month, which starts at the midnight before the account's first take."""

BULK: Final = frozenset({"granted", "crawler", "mining"})
"""Kinds of account with permitted bulk access. An operator gives them grants, so accusing them is
not an error."""

POPULATION_EXTENT: Final = Statement(
    "evaluate.extent",
    """
SELECT CAST(floor(epoch(min(ts))) AS BIGINT) AS first,
  CAST(floor(epoch(max(ts))) AS BIGINT) AS last,
  count(DISTINCT account) AS accounts, count(*) AS events
FROM population
""",
)


@dataclass(frozen=True)
class Population:
    """Users over some days, as events that a ledger folds.

    Attributes:
        name: the file or scenario.
        relation: SQL that reads the events: ts, account, item and ``columns``.
        columns: the :data:`~ringfence.lab.evaluate.event_file.SCENARIO_COLUMNS` of the events.
        start: midnight (UTC) of the first day, seconds since 1970.
        days: calendar days from the first take to the last.
        accounts: number of accounts.
        events: number of events.
        item_pool: the items that attacks can take.
        settings: how to fold and judge the events.
        kinds: kind of account by name; an account without an entry is a "user".
        account_months: whether an account is one month of a user.
    """

    name: str
    relation: str
    columns: tuple[str, ...]
    start: int
    days: int
    accounts: int
    events: int
    item_pool: NamedItemPool = field(repr=False)
    settings: Settings = field(repr=False)
    kinds: Mapping[str, str] = field(default_factory=dict, repr=False)
    account_months: bool = False

    def kind(self, account: str) -> str:
        """Return the kind of an account."""
        name = account.rpartition("/")[0] if self.account_months else account
        return self.kinds.get(name, "user")

    def has_bulk_access(self, account: str) -> bool:
        """Return whether an account has permitted bulk access: neither a user nor an extractor."""
        return self.kind(account) in BULK


def open_population(
    name: str,
    settings: Settings,
    scratch: Path,
    *,
    account_months: bool = False,
    seed: int | None = None,
) -> Population:
    """Open a file of events or a scenario as a population of users.

    Args:
        name: a file, glob or folder in any format that a scan reads; the name of a permanent
            scenario; or a scenario's TOML file. Write ``./`` before a file named like a scenario.
        settings: how to read the file and judge.
        scratch: an existing folder for the events; it must outlive the population.
        account_months: split each account into accounts of 30 days (``ann/3``), all
            within the same 30 days at their own hours. The result is a service whose users all stay
            for a month. Devices, means of payment and sign-ups stay the person's.
        seed: of a scenario, in place of its own.

    Raises:
        RingfenceError: the file or scenario cannot be used, or contains no takes.
    """
    scenario = _write_users(name, scratch, seed) if _is_scenario(name) else None
    # Attacks are known by their names, and nothing is kept.
    settings = settings.model_copy(update={"privacy": PrivacySettings()})
    if scenario:
        settings = settings.model_copy(update={"events": EventSettings()})
    kind: Kind | None = None
    with open_engine(settings.engine) as engine:
        if scenario and not account_months:
            relation, columns = _scenario_relation(engine, scenario.events)
        else:
            source, target = scenario.events if scenario else name, scratch / "population.parquet"
            copied = copy_events(engine, str(source), settings, target, months=account_months)
            relation, (columns, kind) = f"read_parquet({path_sql(target)})", copied
        engine.view("population", _with_group(relation, columns))
        first, last, accounts, events = engine.rows(POPULATION_EXTENT)[0]
        pool = scenario.item_pool if scenario else FileItemPool(read_catalogue(engine))
    return Population(
        name,
        relation,
        columns,
        start=first // DAY * DAY,
        days=last // DAY - first // DAY + 1,
        accounts=accounts,
        events=events,
        item_pool=pool,
        settings=_replay_settings(settings, kind),
        kinds=scenario.kinds if scenario else {},
        account_months=account_months,
    )


@dataclass(frozen=True)
class _ScenarioUsers:
    """A scenario's users on disk: folder of events, kind of each account, and the catalogue."""

    events: Path
    kinds: Mapping[str, str]
    item_pool: ScenarioItemPool


def _is_scenario(name: str) -> bool:
    return name in scenario_names() or name.endswith(".toml")


def _write_users(name: str, folder: Path, seed: int | None) -> _ScenarioUsers:
    """Write a scenario without its own attacks."""
    scenario = load_scenario(name).with_seed(seed)
    catalogue = scenario.catalogue.model_copy(update={"write": False})
    scenario = scenario.model_copy(update={"attack": (), "catalogue": catalogue})
    out = folder / "scenario"
    write_scenario(scenario, out)
    with open_engine() as engine:
        truth = path_sql(out / "truth.parquet")
        kinds = dict(engine.rows(f"SELECT account, kind FROM read_parquet({truth})"))  # noqa: S608 - quoted
    pool = ScenarioItemPool(CatalogueLaw.of(scenario.catalogue.items))
    return _ScenarioUsers(out / "events", kinds, pool)


def _scenario_relation(engine: Engine, events: Path) -> tuple[str, tuple[str, ...]]:
    """Return a relation over a scenario's own files, and its columns.

    The files are events in the order of time already, so nothing is copied or sorted. Not every
    disk has room to sort hundreds of millions of events.
    """
    files = f"read_parquet({path_sql(events, '*.parquet')})"
    existing = engine.describe(files)
    columns = tuple(column for column in SCENARIO_COLUMNS if column in existing)
    named = ", ".join(identifier(column) for column in ("ts", "account", "item", *columns))
    return f"(SELECT {named} FROM {files})", columns  # noqa: S608 - quoted


def _with_group(relation: str, columns: tuple[str, ...]) -> str:
    """Return a SELECT of the events with a group, empty if the population has none."""
    group = '"group"' if "group" in columns else "CAST(NULL AS VARCHAR)"
    return f'SELECT ts, account, item, {group} AS "group" FROM {relation}'  # noqa: S608 - quoted


def _replay_settings(settings: Settings, kind: Kind | None) -> Settings:
    """Return settings for the copied events: usual column names, and the source's kind of users."""
    verdicts = settings.verdicts
    if kind and verdicts.reference_distribution == "auto":
        verdicts = verdicts.model_copy(update={"reference_distribution": kind})
    return settings.model_copy(update={"events": EventSettings(), "verdicts": verdicts})
