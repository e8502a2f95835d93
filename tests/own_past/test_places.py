"""The operator's table of prefixes decides what is a new place to an account."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from benchmarks.changing_people import HONEST, people, thief

from ringfence.own_past.cuts import PLACE_USE
from ringfence.own_past.measure import measure_own_past
from ringfence.settings import Settings
from ringfence.stats.arrays import Columns
from ringfence.testing import account, small_ledger, together

DAY = 86_400


def settings_with(folder: Path, rows: str) -> Settings:
    """Return settings with a table of prefixes."""
    path = folder / "prefixes.csv"
    path.write_text(f"prefix,provider,country\n{rows}")
    return Settings.model_validate(
        {
            "engine": {"threads": 1},
            "places": {"prefixes": str(path)},
        }
    )


def visit(day: int, ip: str, client: str = "A") -> Columns:
    """Return one take of an account."""
    events = account("anna", [day * DAY], [day], client=client)
    return {**events, "ip": np.array([ip], dtype=object)}


@pytest.mark.parametrize(
    ("later", "client", "appeared"),
    [
        ("192.0.9.1", "B", 0),
        ("198.51.100.1", "B", 10),
        ("198.51.100.1", "A", 0),
        ("203.0.113.1", "A", 10),
        ("8.8.8.8", "A", 0),
        ("8.8.8.8", "B", 10),
    ],
    ids=[
        "another network of the same provider",
        "another provider and client",
        "another provider with the known client",
        "another country with the known client",
        "an unknown network with the known client",
        "an unknown network and client",
    ],
)
def test_what_is_a_new_place(tmp_path: Path, later: str, client: str, appeared: int) -> None:
    """A provider in a country is one place; a new country is foreign with any client."""
    settings = settings_with(
        tmp_path, "192.0.0.0/16,Home,PT\n198.51.100.0/24,Mobile,PT\n203.0.113.0/24,Far,XX\n"
    )
    events = together(visit(0, "192.0.2.1"), visit(10, later, client))
    with small_ledger(events, settings=settings) as context:
        context.engine.run(PLACE_USE)
        rows = context.engine.rows("SELECT day, appeared FROM place_use ORDER BY day")
    begin = rows[0][0]
    assert rows == [(begin, begin), (begin + 10, begin + appeared)]


def test_one_provider_everywhere_is_no_foreign_place(tmp_path: Path) -> None:
    """If all networks are of one provider, nobody is measured, thieves included."""
    settings = settings_with(tmp_path, "0.0.0.0/0,Everywhere,PT\n")
    lives = {"no change": (300, HONEST["no change"]), "stolen": (5, thief(14, 60))}
    with small_ledger(people(lives, 3), kind="general", settings=settings) as context:
        assert measure_own_past(context.engine).keys.size == 0
