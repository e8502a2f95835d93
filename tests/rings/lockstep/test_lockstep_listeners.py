"""Months of real people laid over one month: nobody is in lockstep, and a planted ring is found."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from tests.evidence.listeners import LISTENERS
from tests.rings.timed_accesses import lockstep

from ringfence.engine import Engine, open_engine
from ringfence.lab.evaluate import open_population
from ringfence.rings.lockstep import find_lockstep
from ringfence.rings.lockstep.coincidences import WINDOWS, CoincidentDays
from ringfence.rings.lockstep.compared import compare_whole_accounts
from ringfence.rings.lockstep.null_distribution import other_accounts
from ringfence.settings import Settings

pytestmark = pytest.mark.xdist_group("lockstep among listeners")

COLUMNS = {"account": "listener", "item": "track", "group": "artist"}


@pytest.fixture(scope="module")
def months(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """Yield an engine with the holdings of all person-months, laid over the same 30 days."""
    if not LISTENERS.exists():
        pytest.skip(f"needs the listening histories, {LISTENERS.name}, in ../shared/data")
    settings = Settings.model_validate({"events": {"columns": COLUMNS}, "engine": {"threads": 1}})
    scratch = tmp_path_factory.mktemp("months")
    population = open_population(str(LISTENERS), settings, scratch, account_months=True)
    with open_engine(settings.engine) as engine:
        engine.run(
            "CREATE TABLE holdings AS SELECT hash(account) AS account_key, hash(item) AS item_key, "
            "CAST(epoch(min(ts)) AS UINTEGER) AS first, CAST(epoch(max(ts)) AS UINTEGER) AS last, "
            f"count(*) AS uses FROM {population.relation} GROUP BY account, item"
        )
        engine.run("CREATE TEMP TABLE set_apart (account_key UBIGINT, client VARCHAR)")
        compare_whole_accounts(engine)
        yield engine


@pytest.mark.slow
def test_nobody_is_in_lockstep(months: Engine) -> None:
    """No set of months acts together, not even the months of one person."""
    assert find_lockstep(months) == ()


def test_the_middle_window_is_like_the_others(months: Engine) -> None:
    """People who come near each other in time do not coincide more often than chance gives."""
    near = CoincidentDays.of(months, other_accounts(months, np.zeros(0, np.uint64), 1_000))
    assert near.near_days.sum() > 1_000
    assert near.observed.sum() < 1.3 * near.near_days.sum() / WINDOWS


def test_a_ring_among_people_is_found(months: Engine) -> None:
    """Twelve accounts that take popular tracks together for three weeks are found alone."""
    account, item, second = lockstep(np.random.default_rng(1), 12, 0)
    most = "SELECT item_key FROM holdings GROUP BY item_key ORDER BY count(*) DESC, 1 LIMIT 210"
    top = months.columns(most)["item_key"]
    begin = int(months.rows("SELECT min(first) FROM holdings")[0][0])
    first = (begin + second).astype(np.uint32)
    months.table("ring", {"account_key": account.astype(np.uint64), "item_key": top[item],
                          "first": first})  # fmt: skip
    with months.rolled_back():
        months.run("INSERT INTO holdings BY NAME SELECT *, first AS last, 1 AS uses FROM ring")
        (ring,) = find_lockstep(months)
    assert ring.keys.tolist() == list(range(12))
