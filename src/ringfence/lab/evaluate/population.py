"""Populations: users in a file or a scenario, as one relation of events and a shelf."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from ringfence.engine import DuckDBEngine, Engine, Statement, identifier, literal
from ringfence.errors import EngineError, SourceError
from ringfence.events import Quarantine, Reading, find_sources, open_source
from ringfence.evidence.reference_distributions import Kind
from ringfence.lab.evaluate.file_shelf import FileShelf, seen_in
from ringfence.lab.evaluate.named_shelf import NamedShelf
from ringfence.lab.evaluate.scenario_population import is_scenario, made
from ringfence.pipeline.context import MUSIC_PRESETS
from ringfence.settings import EventSettings, Settings

DAY: Final = 86_400
MONTH: Final = 30 * DAY
"""An account-month: 30 days from the midnight before the account's first take."""

OPTIONAL: Final = (
    "group", "surface", "ip", "client", "seconds", "device", "payment", "signed_up",
)  # fmt: skip
"""Columns that events may have beyond ts, account and item; bytes are not evidence."""

BULK: Final = frozenset({"granted", "crawler"})
"""Kinds that take in bulk with leave: an operator gives them grants; accusing them is no error."""

EXTENT: Final = Statement(
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
    """Users over some days, as events that the ledger folds.

    Attributes:
        name: the file or scenario.
        relation: SQL that reads the events: ts, account, item and ``columns``.
        columns: which of :data:`OPTIONAL` the events have.
        start: midnight (UTC) of the first day, seconds since 1970.
        days: calendar days from the first take to the last.
        accounts: number of accounts.
        events: number of events.
        shelf: what there is to take.
        settings: how to fold and judge the events.
        kinds: what kind of user an account is, where it is known to be another than "user".
        account_months: whether an account is one month of a user.
    """

    name: str
    relation: str
    columns: tuple[str, ...]
    start: int
    days: int
    accounts: int
    events: int
    shelf: NamedShelf = field(repr=False)
    settings: Settings = field(repr=False)
    kinds: Mapping[str, str] = field(default_factory=dict, repr=False)
    account_months: bool = False

    def takes_in_bulk(self, account: str) -> bool:
        """Say whether an account takes in bulk with leave: no user, and no extractor either."""
        return self.kind(account) in BULK

    def kind(self, account: str) -> str:
        """Return what kind of user an account is."""
        name = account.rpartition("/")[0] if self.account_months else account
        return self.kinds.get(name, "user")


def open_population(
    name: str,
    settings: Settings,
    scratch: Path,
    *,
    account_months: bool = False,
    seed: int | None = None,
) -> Population:
    """Open a file of events, or make a scenario's, as a population of users.

    Args:
        name: a file (glob, folder) in any format that a scan reads, a scenario's permanent name,
            or a scenario's TOML file. A file named like a scenario is opened with ``./`` before it.
        settings: how to read the file and judge.
        scratch: an existing folder for the events; it must outlive the population.
        account_months: make every 30 days of an account an account of its own (``ann/3``), all of
            them laid over the same 30 days, hours of the day kept: a service whose users are all
            here for a month. Devices, means of payment and sign-ups stay the person's.
        seed: of a scenario, in place of its own.

    Raises:
        RingfenceError: the file or scenario cannot be used, or has no takes.
    """
    scenario = made(name, scratch, seed) if is_scenario(name) else None
    if scenario:
        settings = settings.model_copy(update={"events": EventSettings()})
    with DuckDBEngine(settings.engine) as engine:
        if scenario and not account_months:
            relation, columns, kind = *_written(engine, scenario.events), None
        else:
            target = scratch / "population.parquet"
            log = str(scenario.events) if scenario else name
            columns, kind = _normalise(engine, log, settings, target, months=account_months)
            relation = f"read_parquet({literal(str(target))})"
        engine.view("population", _padded(relation, columns))
        first, last, accounts, events = engine.rows(EXTENT)[0]
        shelf = scenario.shelf if scenario else FileShelf(seen_in(engine))
    return Population(
        name,
        relation,
        columns,
        start=first // DAY * DAY,
        days=last // DAY - first // DAY + 1,
        accounts=accounts,
        events=events,
        shelf=shelf,
        settings=_for_replay(settings, kind),
        kinds=scenario.kinds if scenario else {},
        account_months=account_months,
    )


def _written(engine: Engine, events: Path) -> tuple[str, tuple[str, ...]]:
    """Return a relation over a scenario's own files, and its columns.

    They are events already, in parts by time; hundreds of millions of them cannot be sorted anew
    on every disk.
    """
    files = f"read_parquet({literal(str(events / '*.parquet'))})"
    there = {row[0] for row in engine.rows(f"DESCRIBE FROM {files}")}
    columns = tuple(column for column in OPTIONAL if column in there)
    named = ", ".join(identifier(column) for column in ("ts", "account", "item", *columns))
    return f"(SELECT {named} FROM {files})", columns  # noqa: S608 - quoted


def _normalise(
    engine: Engine, name: str, settings: Settings, target: Path, *, months: bool
) -> tuple[tuple[str, ...], Kind | None]:
    """Write all takes to one Parquet file in the order of time; say what it holds."""
    quarantine = Quarantine(engine.scratch)
    carried: set[str] = set()
    rules: set[str] = set()
    engine.run(_EMPTY)
    for source in find_sources([name], engine.scratch):
        reading = open_source(engine, source, settings, quarantine)
        _append(engine, reading)
        carried |= reading.columns
        if reading.plan and reading.plan.rules:
            rules.add(reading.plan.rules.name)
    if not engine.rows("SELECT count(*) FROM takes")[0][0]:
        raise SourceError("has no takes", where=name, hint="a scan of it says why")
    columns = tuple(column for column in OPTIONAL if column in carried)
    _write(engine, columns, target, months=months)
    kind: Kind | None = "library" if "scholarly" in rules else None
    return columns, "music" if rules & MUSIC_PRESETS else kind


_EMPTY: Final = """
CREATE OR REPLACE TEMP TABLE takes (ts TIMESTAMP, account VARCHAR, item VARCHAR, "group" VARCHAR,
  surface VARCHAR, ip VARCHAR, client VARCHAR, seconds DOUBLE, device VARCHAR, payment VARCHAR,
  signed_up TIMESTAMP)
"""

_APPEND: Final = """
INSERT INTO takes
SELECT ts, account, item, "group", surface, ip, client, seconds, device, payment, signed_up
FROM events
WHERE outcome IS NULL
"""

_MONTHS: Final = f"""
CREATE OR REPLACE TEMP TABLE takes AS
WITH begins AS (
  SELECT account, date_trunc('day', min(ts)) AS midnight FROM takes GROUP BY account
),
aged AS (
  SELECT t.*, CAST(epoch(t.ts) - epoch(b.midnight) AS BIGINT) AS age
  FROM takes AS t
  JOIN begins AS b ON b.account = t.account
)
SELECT make_timestamp(
    (epoch_us((SELECT max(midnight) FROM begins))) + 1000000 * (age % {MONTH})) AS ts,
  account || '/' || (age // {MONTH} + 1) AS account, item, "group", surface, ip, client, seconds,
  device, payment, signed_up
FROM aged
"""  # noqa: S608 - own constants


def _append(engine: Engine, reading: Reading) -> None:
    """Add the takes of an open source, tolerantly read ones as well."""
    try:
        engine.run(_APPEND)
        if reading.recover(engine):
            engine.run(_APPEND)
    except EngineError as error:
        raise SourceError(
            f"cannot be read: {error.what}",
            where=reading.source.name,
            hint="is the file damaged?",
        ) from error


def _write(engine: Engine, columns: tuple[str, ...], target: Path, *, months: bool) -> None:
    if months:
        engine.run(_MONTHS)
    named = ", ".join(identifier(column) for column in ("ts", "account", "item", *columns))
    engine.run(
        f"COPY (SELECT {named} FROM takes ORDER BY ts, account, item) "  # noqa: S608 - quoted
        f"TO {literal(str(target))} (FORMAT parquet)"
    )
    engine.run("DROP TABLE takes")


def _padded(relation: str, columns: tuple[str, ...]) -> str:
    """Select what a shelf is made from, with an empty group where there is none."""
    group = '"group"' if "group" in columns else "CAST(NULL AS VARCHAR)"
    return f'SELECT ts, account, item, {group} AS "group" FROM {relation}'  # noqa: S608 - quoted


def _for_replay(settings: Settings, kind: Kind | None) -> Settings:
    """Read the normalised events by their usual names, with the users the source called for."""
    verdicts = settings.verdicts
    if kind and verdicts.reference_distribution == "auto":
        verdicts = verdicts.model_copy(update={"reference_distribution": kind})
    return settings.model_copy(update={"events": EventSettings(), "verdicts": verdicts})
