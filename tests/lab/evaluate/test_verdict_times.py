"""Test the moments of verdicts and of searches for rings."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from ringfence.errors import SettingsError
from ringfence.lab.evaluate.planting import PlantedAttack
from ringfence.lab.evaluate.verdict_times import (
    GROWTH_FACTOR,
    active_times,
    first_searchable,
    joint_holding,
    parse_interval,
    search_times,
    verdict_times,
)

HOUR, DAY = 3600, 86_400


def planted(moment: list[int], item: list[int], account: list[int] | None = None) -> PlantedAttack:
    """Return an attack by the given accounts, or by one account."""
    by = np.array(account or [0] * len(moment))
    names = np.array([f"{n}" for n in range(by.max() + 1)], dtype=object)
    return PlantedAttack(
        "attack", 0, 0, 1000, np.array(moment), by, np.array(item), names, frozenset(),
        cut_short=False, events=Path("none"),
    )  # fmt: skip


def eight(takes: int) -> PlantedAttack:
    """Return an attack of eight accounts in turn, with one new item per second."""
    every = list(range(takes))
    return planted(every, every, [n % 8 for n in every])


def test_verdict_times() -> None:
    """Verdicts are hourly for two days and then daily, or as asked; the last is at the end."""
    auto = verdict_times(0, 5 * DAY, "auto")
    assert auto[:2] == (HOUR, 2 * HOUR)
    assert auto[-4:] == (2 * DAY, 3 * DAY, 4 * DAY, 5 * DAY)
    assert len(auto) == 47 + 4
    assert verdict_times(0, DAY, "auto")[-2:] == (23 * HOUR, DAY)
    assert verdict_times(60, 160, "minute") == (120, 160)
    assert verdict_times(0, 1800, "10min") == (600, 1200, 1800)
    assert verdict_times(0, 3 * DAY, "day") == (DAY, 2 * DAY, 3 * DAY)


def test_intervals_have_names() -> None:
    """An unknown word raises one clear line."""
    assert parse_interval("10min") == "10min"
    with pytest.raises(SettingsError, match=r"there is no 'weekly' \(one of auto, minute"):
        parse_interval("weekly")


def test_moments_without_takes_are_left_out() -> None:
    """A verdict needs a take since the verdict before; the last moment always stays."""
    attack = planted([5, 25, 26], [1, 2, 3])
    assert active_times([10, 20, 30, 40, 50], attack) == (10, 30, 50)


def test_joint_holding_counts_distinct_items_before_each_time() -> None:
    """An item that is taken twice counts once, from the second after its first take."""
    attack = planted([0, 10, 20, 30], [5, 6, 5, 7])
    assert joint_holding(attack, [0, 1, 10, 11, 30, 31]).tolist() == [0, 1, 1, 2, 2, 3]


def test_searches_wait_for_growth() -> None:
    """Searches are at eight times ten items, after a quarter more each, and at the end."""
    attack = eight(200)
    assert sorted(search_times(attack, list(range(1, 201)))) == [80, 100, 125, 157, 197, 200]
    assert GROWTH_FACTOR == 100 / 80


def test_a_ring_can_be_found_when_eight_hold_ten_items() -> None:
    """Repeats and items beyond the tenth do not count; seven accounts are never searchable."""
    assert first_searchable(eight(200)) == 79
    often = planted(
        list(range(160)), [n // 2 for n in range(160)], [n // 2 % 8 for n in range(160)]
    )
    assert first_searchable(often) == 158
    seven = list(range(700))
    assert first_searchable(planted(seven, seven, [n % 7 for n in seven])) == 1000


def test_an_attack_that_cannot_be_found_is_searched_at_the_end() -> None:
    """A single account is never a ring, and is searched once."""
    attack = planted(list(range(200)), list(range(200)))
    assert search_times(attack, [50, 100, 200]) == {200}
