"""A population's ledger with an attack joined to it is the ledger of all their events."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from ringfence.engine import literal
from ringfence.lab.evaluate import Population
from ringfence.lab.evaluate.folding import BY_ACCOUNT, Folding, looked_at
from ringfence.lab.evaluate.planting import Planted, plant
from ringfence.lab.evaluate.replay import events_of, snapshot_of
from ringfence.lab.simulate.extractors import Even, Stolen, Strategy

TABLES = (*BY_ACCOUNT, "items")


def rows(folding: Folding, table: str) -> list[tuple[object, ...]]:
    """Return a table's rows in a fixed order."""
    return folding.engine.rows(f"FROM {table} ORDER BY ALL")


def whole(population: Population, planted: Planted) -> Folding:
    """Fold population and attack together, up to the attack's end."""
    attack = f"SELECT * FROM read_parquet({literal(str(planted.events))})"
    select = f"SELECT * FROM {population.relation} UNION ALL BY NAME {attack}"
    folding = Folding(select, population.settings)
    folding.advance(planted.end)
    return folding


@pytest.mark.parametrize(
    "strategy",
    [Even(accounts=2, a_day=300, days=3), Stolen(accounts=5, a_day=40, days=3)],
    ids=lambda strategy: strategy.name,
)
def test_joined_is_folded_together(linked: Population, tmp_path: Path, strategy: Strategy) -> None:
    """Slices of both, joined by account, give the very rows and p-values of one fold of all."""
    planted = plant(linked, "x", strategy, seed=1, first_day=4, days=3, scratch=tmp_path)
    with (
        whole(linked, planted) as together,
        Folding(f"SELECT * FROM {linked.relation}", linked.settings) as users,
        Folding(events_of(linked, planted), linked.settings) as attack,
    ):
        for moment in (planted.start, planted.start + 5_000, planted.end):
            users.advance(moment)
            attack.advance(moment)
        assert all(rows(users, table) for table in ("devices", "payments", "signups"))
        before = {table: rows(users, table) for table in TABLES}
        with looked_at(users, attack) as context, looked_at(together) as other:
            for table in TABLES:
                assert rows(users, table) == rows(together, table), table
            scored = [snapshot_of(one, linked.settings, 0).scored for one in (context, other)]
        assert np.array_equal(scored[0].p_values, scored[1].p_values)
        assert {table: rows(users, table) for table in TABLES} == before
        assert "portfolio" not in users.engine.tables()


def test_a_ledger_cannot_forget(hundred: Population) -> None:
    """Going back in time is a mistake of the caller."""
    with Folding(f"SELECT * FROM {hundred.relation}", hundred.settings) as folding:
        folding.advance(hundred.start + 86400)
        with pytest.raises(ValueError, match="cannot forget"):
            folding.advance(hundred.start)
