"""Sentences are true of every account, also of one that shows nothing unusual."""

from __future__ import annotations

import pytest

from ringfence.evidence import EvidenceTest, counted
from ringfence.evidence.breadth import Breadth
from ringfence.evidence.bursts import Bursts
from ringfence.evidence.client import Client
from ringfence.evidence.novelty import Novelty
from ringfence.evidence.order import Order
from ringfence.evidence.overlap import Overlap
from ringfence.evidence.pace import Pace
from ringfence.evidence.popularity import Popularity
from ringfence.evidence.provenance import Provenance
from ringfence.evidence.rhythm import Rhythm
from ringfence.evidence.speed import Speed
from ringfence.evidence.surface import Surface
from ringfence.evidence.volume import Volume
from ringfence.model.phrases import busiest

ORDER = {"observed": 0.0123, "expected": 0.06, "hours": 51.0, "by_number": 1.0}

EXAMPLES: tuple[tuple[EvidenceTest, dict[str, float], str], ...] = (
    (
        Volume(),
        {"observed": 2860, "expected": 90, "window": 1},
        (
            "Took 2,860 items it had never taken before on its busiest day. "
            "The typical user's busiest day has 90."
        ),
    ),
    (
        Volume(),
        {"observed": 12, "expected": 586, "window": 30},
        (
            "Took 12 items it had never taken before within 30 days. "
            "The typical user's busiest 30 days have 586."
        ),
    ),
    (
        Speed(),
        {"observed": 2, "expected": 22, "hours": 1},
        "Took 2 new items within one hour. The typical user's busiest hour has 22.",
    ),
    (
        Speed(),
        {"observed": 0, "expected": 5, "hours": 8},
        (
            "Took new items in fewer than 8 hours of any day. "
            "The typical user takes at least 5 new items in each of 8 hours of one day."
        ),
    ),
    (
        Speed(),
        {"observed": 15, "expected": 0, "hours": 8},
        (
            "Took at least 15 new items in each of 8 hours of one day. "
            "The typical user takes new items in fewer than 8 hours of any day."
        ),
    ),
    (
        Speed(),
        {"observed": 40, "expected": 5, "hours": 8},
        (
            "Took at least 40 new items in each of 8 hours of one day. "
            "The typical user takes at least 5 new items in each of 8 hours of one day."
        ),
    ),
    (
        Novelty(),
        {"observed": 0.6, "expected": 0.43, "uses": 1500, "returns": 900},
        (
            "Of 1,500 uses in its busiest 30 days, 900 (60.0%) returned to an item that it already "
            "held. The typical user's share is 43%."
        ),
    ),
    (
        Breadth(),
        {"observed": 0.02, "expected": 0.01, "items": 100, "groups": 1},
        (
            "Its 100 items are spread over 1 group: 1 pair of items in 50 shares a group. "
            "For the typical user it is 1 pair in 100."
        ),
    ),
    (
        Popularity(),
        {"observed": 40, "expected": 40},
        (
            "A typical item of this account is held by 40.0 accounts. "
            "A typical item of the typical account is held by 40.0."
        ),
    ),
    (
        Order(),
        {**ORDER, "p_value": 0.9},
        (
            "The correlation of its order of taking items with the numbers in the items' ids is "
            "0.01 over 51 hours, which is not rare. The typical user's is 0.06."
        ),
    ),
    (
        Order(),
        {**ORDER, "observed": 0.8, "by_number": 0.0, "p_value": 0.001},
        (
            "Its order of taking items follows the items' popularity: the correlation "
            "is 0.80 over 51 hours. The typical user's is 0.06."
        ),
    ),
    (
        Surface(),
        {"observed": 0.0, "expected": 0.1, "events": 300},
        "Of its 300 events, 0% were downloads. The typical account's share is 10%.",
    ),
    (
        Pace(),
        {"observed": 0.9, "expected": 0.82, "hours": 120, "mean": 6, "day": 0},
        (
            "Over 120 hours in use it made 6.0 uses per hour, with a variation of 90%. "
            "The typical user's variation is 82%."
        ),
    ),
    (
        Bursts(),
        {"observed": 1.0, "expected": 1.13, "uses": 60, "minutes": 60},
        (
            "Its 60 uses fall into 60 minutes, 1.0 per minute. "
            "The typical user makes 1.1 per minute in use."
        ),
    ),
    (
        Rhythm(),
        {"observed": 3, "expected": 11, "window": 1},
        "Was in use in 3 of the 24 hours of its busiest day. The typical user is in use in 11.",
    ),
    (
        Overlap(),
        {"observed": 0.0, "expected": 0.284},
        "Played 0.0 hours of content on its fullest day. The typical user's fullest day has 6.8.",
    ),
    (
        Client(),
        {"observed": 0.0, "expected": 0.0, "accounts": 1},
        (
            "None of its requests came from a client that identifies itself as a script. "
            "1 account in this scan is mostly scripted."
        ),
    ),
    (
        Provenance(),
        {"observed": 3, "expected": 4, "active_days": 12},
        (
            "Came from 3 networks on 12 days of use. Among accounts with at least 3 networks, the "
            "typical account came from 4."
        ),
    ),
)


@pytest.mark.parametrize(("test", "numbers", "sentence"), EXAMPLES)
def test_sentence(test: EvidenceTest, numbers: dict[str, float], sentence: str) -> None:
    """The whole text is as stated, for weak values too."""
    assert test.sentence(numbers) == sentence


@pytest.mark.parametrize("p_value", [0.051, 0.5, 1.0])
def test_an_order_that_is_not_rare_follows_no_list(p_value: float) -> None:
    """Only a p-value that supports extraction says that the order follows a list."""
    sentence = Order().sentence({**ORDER, "p_value": p_value})
    assert "which is not rare" in sentence
    assert " follows " not in sentence
    assert " follows " in Order().sentence({**ORDER, "p_value": 0.05})


@pytest.mark.parametrize(
    ("number", "text"), [(0, "0 items"), (0.6, "1 item"), (1, "1 item"), (1234, "1,234 items")]
)
def test_nouns_agree_with_their_number(number: float, text: str) -> None:
    """The noun is singular only for a number that rounds to 1."""
    assert counted(number, "item") == text


def test_windows_have_names() -> None:
    """A window of one day is a day."""
    assert (busiest(1.0), busiest(30.0)) == ("busiest day", "busiest 30 days")
