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
        {"budget": 50},
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


@pytest.mark.parametrize("second", [300, 1_000, None])
def test_a_second_grant_has_room_for_what_the_first_has_not(
    engine: Engine, second: int | None
) -> None:
    """Of 400 items that both cover, each is charged once: 100 to the first, 300 to the second."""
    used, apart = judged(engine, replace(GRANT, budget=100), replace(GRANT, grant=8, budget=second))
    assert [(use.items, use.beyond, use.within) for use in used] == [(400, 0, True)] * 2
    assert apart


@pytest.mark.parametrize(
    ("budgets", "beyond", "within"), [((100, 299), 1, True), ((50, 100), 250, False)]
)
def test_two_budgets_that_are_too_small_together_are_passed(
    engine: Engine, budgets: tuple[int, int], beyond: int, within: bool
) -> None:
    """Beyond all budgets, the account may take as many items as a heavy user holds."""
    first, second = (
        replace(GRANT, grant=7 + place, budget=budget) for place, budget in enumerate(budgets)
    )
    used, apart = judged(engine, first, second)
    assert [(use.beyond, use.within) for use in used] == [(beyond, within)] * 2
    assert (used[0].beyond <= used[0].limit) is within
    assert apart is within


@pytest.mark.parametrize("surface", ["metadata", "pages of no log"])
def test_a_grant_of_a_surface_has_no_room_for_items_of_another(
    engine: Engine, surface: str
) -> None:
    """The miner has downloaded its items. Permission to read metadata does not permit that."""
    other = replace(GRANT, grant=8, budget=20_000, surfaces=(surface,))
    used, apart = judged(engine, replace(GRANT, budget=10), other)
    assert [(use.items, use.outside, use.beyond) for use in used] == [(400, 0, 390), (0, 0, 390)]
    assert not apart


def test_grants_of_two_surfaces_have_room_for_the_accesses_on_each(engine: Engine) -> None:
    """Of 400 items, 360 were downloaded and 40 streamed: together the grants permit all."""
    download = replace(GRANT, surfaces=("download",), budget=None)
    stream = replace(GRANT, grant=8, surfaces=("stream",), budget=None)
    used, apart = judged(engine, download, stream)
    assert [(use.items, use.outside, use.beyond) for use in used] == [(360, 0, 0), (40, 0, 0)]
    assert apart


def test_renewed_grants_share_the_accesses_on_their_surface() -> None:
    """Of 800 items in two halves of the month, 400 were only downloaded: no grant permits them."""
    times = np.concatenate([np.arange(400), 20_000 + np.arange(400)]) * 60
    miner = account("miner", times, np.arange(800))
    miner["surface"] = np.array(["metadata", "download"] * 400, object)
    middle = datetime(2025, 6, 10, tzinfo=UTC)
    first = replace(GRANT, budget=None, surfaces=("metadata",), until=middle)
    second = replace(first, grant=8, start=middle, until=GRANT.until)
    with small_ledger(together(users(40), miner)) as context:
        used, apart = judged(context.engine, first, second)
    assert [(use.items, use.outside, use.within) for use in used] == [(400, 400, False)] * 2
    assert not apart


def test_a_budget_has_room_only_for_items_of_its_grant(engine: Engine) -> None:
    """The grant with a large budget covers 100 items, so 250 of the other 300 have no room."""
    first = replace(GRANT, budget=50)
    second = replace(GRANT, grant=8, budget=1_000, items=("item-00000*",))
    (use, other), apart = judged(engine, first, second)
    assert (use.beyond, other.beyond, apart) == (250, 250, False)


def test_playing_the_same_items_again_is_not_bulk_access() -> None:
    """The grant is for downloads, and 900 streams of three of these items are no more items."""
    items = np.concatenate([np.arange(400), np.arange(900) % 3])
    times = np.concatenate([np.arange(400) * 60, 30_000 + np.arange(900) * 600])
    miner = account("miner", times, items)
    miner["surface"] = np.array(["download"] * 400 + ["stream"] * 900, object)
    with small_ledger(together(users(40), miner)) as context:
        (use,), apart = judged(context.engine, replace(GRANT, surfaces=("download",)))
    assert (use.outside, use.within, apart) == (0, True, True)


def test_streaming_other_items_is_not_covered_by_a_grant_of_downloads() -> None:
    """Of 1,300 items, downloads account for 400, so 900 were taken by streams."""
    miner = account("miner", np.arange(1_300) * 600, np.arange(1_300))
    miner["surface"] = np.array(["download"] * 400 + ["stream"] * 900, object)
    with small_ledger(together(users(40), miner)) as context:
        (use,), apart = judged(context.engine, replace(GRANT, surfaces=("download",), budget=None))
    assert (use.outside, use.within, apart) == (900, False, False)


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
