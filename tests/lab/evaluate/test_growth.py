"""When groups are looked for again: as the joint holding grows."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from ringfence.lab.evaluate.growth import GROWTH, first_visible, grown_at, joint_holding
from ringfence.lab.evaluate.planting import Planted


def planted(moment: list[int], item: list[int], account: list[int] | None = None) -> Planted:
    """An attack by as many accounts as named, by one if none is."""
    by = np.array(account or [0] * len(moment))
    names = np.array([f"{n}" for n in range(by.max() + 1)], dtype=object)
    return Planted(
        "attack", 0, 0, 1000, np.array(moment), by, np.array(item), names, frozenset(),
        cut_short=False, events=Path("none"),
    )  # fmt: skip


def eight(takes: int) -> Planted:
    """Eight accounts in turn, one new item a second."""
    every = list(range(takes))
    return planted(every, every, [n % 8 for n in every])


def test_joint_holding_counts_distinct_items_before_each_time() -> None:
    """An item that comes twice counts once, from its first take on, and not at that second."""
    attack = planted([0, 10, 20, 30], [5, 6, 5, 7])
    assert joint_holding(attack, [0, 1, 10, 11, 30, 31]).tolist() == [0, 1, 1, 2, 2, 3]


def test_searches_wait_for_growth() -> None:
    """The first is at eight times ten items, the next after a quarter more, the last at the end."""
    attack = eight(200)
    assert sorted(grown_at(attack, list(range(1, 201)))) == [80, 100, 125, 157, 197, 200]
    assert GROWTH == 100 / 80


def test_a_ring_is_visible_when_eight_hold_ten_items_each() -> None:
    """Returns do not count, nor what one of them holds beyond ten; seven are never visible."""
    assert first_visible(eight(200)) == 79
    often = planted(
        list(range(160)), [n // 2 for n in range(160)], [n // 2 % 8 for n in range(160)]
    )
    assert first_visible(often) == 158
    seven = list(range(700))
    assert first_visible(planted(seven, seven, [n % 7 for n in seven])) == 1000


def test_an_attack_that_is_never_visible_is_searched_at_the_end() -> None:
    """One account alone is no ring, whatever it takes."""
    attack = planted(list(range(200)), list(range(200)))
    assert grown_at(attack, [50, 100, 200]) == {200}
