"""Speed against counts by hand."""

from __future__ import annotations

import numpy as np
import pytest
from tests.evidence.scoring import HOUR, score

from ringfence.evidence import EvidenceTest, Family
from ringfence.evidence.reference_distributions import MUSIC
from ringfence.evidence.rhythm import Rhythm
from ringfence.evidence.speed import Speed
from ringfence.evidence.volume import Volume
from ringfence.testing import account


def test_one_new_item_is_one() -> None:
    """The sentences use the singular for one item."""
    once = account("a", [0], [0])
    _, _, taken = score(Volume(), once)
    assert taken.startswith("Took 1 item it had never taken before on its busiest day")
    _, _, fast = score(Speed(), once)
    assert fast.startswith("Took 1 new item within one hour")
    slow = {"hours": 8.0, "observed": 1.0, "expected": 5.0}
    assert Speed().sentence(slow).startswith("Took at least 1 new item in each of 8 hours")


def test_speed_is_the_busiest_clock_hour() -> None:
    """The most new items within one clock hour; returns do not count."""
    busy = account("a", 5 * HOUR + np.arange(90) * 30, np.arange(90))
    again = account("a", 9 * HOUR + np.arange(110) * 30, np.arange(110) % 90)
    numbers, p, _ = score(Speed(), busy, again)
    assert (numbers["hours"], numbers["observed"]) == (1, 90)
    assert p == pytest.approx(2 * float(MUSIC["speed"].survival(np.array([90.0]))[0]))


def test_sustained_speed_is_that_of_the_eighth_hour() -> None:
    """Forty items per hour are faster than listening if they are sustained for eight hours."""
    moments = (np.arange(8)[:, None] * 2 * HOUR + np.arange(40) * 80).ravel()
    numbers, p, sentence = score(Speed(), account("a", moments, np.arange(320)))
    assert (numbers["hours"], numbers["observed"]) == (8, 40)
    assert "at least 40 new items in each of 8 hours" in sentence
    assert p == pytest.approx(2 * float(MUSIC["speed_8"].survival(np.array([40.0]))[0]))
    seven, p_of_seven, _ = score(Speed(), account("a", moments[:-40], np.arange(280)))
    assert seven["hours"] == 1
    assert p_of_seven > 100 * p


@pytest.mark.parametrize(
    ("test", "family"),
    [(Volume(), "volume"), (Speed(), "volume"), (Rhythm(), "automation")],
    ids=lambda value: getattr(value, "name", value),
)
def test_speed_belongs_to_the_family_volume(test: EvidenceTest, family: Family) -> None:
    """Volume and speed are in the family on which the gate rests."""
    assert test.family == family
