"""Test which accounts stay within their grants."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pytest

from ringfence.engine import Engine
from ringfence.model.exemption import Exemption
from ringfence.population import set_granted_apart, set_robots_apart
from ringfence.population.granted import GrantedUse, like
from ringfence.testing import small_ledger, together, users
from ringfence.testing.users import account

GRANT = Exemption(
    7, "miner", datetime(2025, 6, 1, tzinfo=UTC), datetime(2025, 7, 1, tzinfo=UTC), budget=500
)
"""A grant for the month of the log."""


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    """Fold forty users, and a miner that takes 400 items, every tenth through a stream."""
    surfaces = np.array(["stream" if n % 10 == 0 else "download" for n in range(400)], object)
    miner = account("miner", np.arange(400) * 60, np.arange(400))
    miner["surface"] = surfaces
    with small_ledger(together(users(40), miner)) as context:
        yield context.engine


def judged(engine: Engine, *exemptions: Exemption) -> tuple[tuple[GrantedUse, ...], bool]:
    """Return the use under grants, and whether the miner is set apart."""
    set_robots_apart(engine)
    used = set_granted_apart(engine, exemptions)
    apart = engine.rows(
        "SELECT count(*) FROM set_apart JOIN accounts USING (account_key) WHERE account = 'miner'"
    )
    return used, bool(apart[0][0])


def test_use_within_a_grant_is_counted_and_set_apart(engine: Engine) -> None:
    """All 400 items are within the budget of 500."""
    (use,), apart = judged(engine, GRANT)
    assert (use.grant, use.account, use.items, use.budget, use.outside) == (7, "miner", 400, 500, 0)
    assert apart


def test_without_a_budget_any_number_is_permitted(engine: Engine) -> None:
    """A grant may permit any number of items."""
    (use,), apart = judged(engine, replace(GRANT, budget=None))
    assert (use.items, use.budget, apart) == (400, None, True)


@pytest.mark.parametrize(
    "changes",
    [
        {"budget": 399},
        {"until": datetime(2025, 6, 2, 1, tzinfo=UTC)},
        {"start": datetime(2025, 6, 20, tzinfo=UTC)},
        {"items": ("item-00000*",)},
        {"groups": ("none-*",)},
        {"surfaces": ("metadata",)},
    ],
    ids=["budget", "before", "after", "items", "groups", "surfaces"],
)
def test_an_account_beyond_its_grant_is_judged(engine: Engine, changes: dict[str, Any]) -> None:
    """More items than permitted, other times, items, groups or surfaces: it is like all others."""
    (use,), apart = judged(engine, replace(GRANT, **changes))
    assert not apart
    assert not use.within


def test_an_account_may_also_use_the_catalogue_like_others(engine: Engine) -> None:
    """Forty accesses through a stream are fewer than a heavy user has."""
    (use,), apart = judged(engine, replace(GRANT, surfaces=("download",)))
    assert use.outside == 40 < use.limit
    assert apart


def test_two_grants_together_cover_what_one_does_not(engine: Engine) -> None:
    """Items that any grant covers are not outside."""
    first = replace(GRANT, items=("item-00000*", "item-00001*"))
    second = replace(GRANT, grant=8, items=("item-00002*", "item-00003*"))
    used, apart = judged(engine, first, second)
    assert [use.items for use in used] == [200, 200]
    assert [use.outside for use in used] == [0, 0]
    assert apart


def test_a_grant_of_an_account_that_is_not_there_changes_nothing(engine: Engine) -> None:
    """It is listed with no use."""
    (use,), apart = judged(engine, replace(GRANT, account="nobody"))
    assert (use.items, use.outside, apart) == (0, 0, False)


@pytest.mark.parametrize(
    ("pattern", "same"),
    [("a*", "a%"), ("10%", "10~%"), ("a_b", "a~_b"), ("a~b*", "a~~b%"), ("*", "%")],
)
def test_only_the_star_is_special(pattern: str, same: str) -> None:
    """Signs that are special in SQL are plain text in a pattern."""
    assert like(pattern) == same
