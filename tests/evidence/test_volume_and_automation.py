"""Volume, speed, rhythm, pace and overlap: what they count, by hand."""

from __future__ import annotations

import numpy as np
import pytest

from ringfence.evidence import EvidenceTest, Family
from ringfence.evidence.bursts import OFFSET, Bursts
from ringfence.evidence.overlap import Overlap
from ringfence.evidence.pace import SHOPS_SHARE, Pace
from ringfence.evidence.reference_distributions import MUSIC
from ringfence.evidence.rhythm import Rhythm
from ringfence.evidence.speed import Speed
from ringfence.evidence.volume import Volume
from ringfence.stats.arrays import Columns
from ringfence.stats.calibration import simes
from ringfence.testing import account, small_ledger, together

DAY, HOUR = 86_400, 3_600


def score(test: EvidenceTest, *events: Columns) -> tuple[dict[str, float], float, str]:
    """Return numbers, p-value and sentence on the only account there is."""
    with small_ledger(together(*events)) as context:
        scores = test.score(context)
        assert scores.keys.size == 1
        return scores.at(0), float(scores.p_values[0]), test.sentence(scores.at(0))


def daily(days: int, items: int, *, start: int = 0, first: int = 0) -> Columns:
    """Take so many new items a day, ten seconds apart."""
    moments = np.arange(days)[:, None] * DAY + np.arange(items) * 10
    return account("a", start * DAY + moments.ravel(), first + np.arange(days * items))


def test_volume_of_one_day() -> None:
    """In a log of a day, the envelope's own survival is the p-value."""
    numbers, p, sentence = score(Volume(), daily(1, 400))
    assert numbers["observed"] == 400
    assert numbers["expected"] == MUSIC["volume_1"].median
    assert p == pytest.approx(float(MUSIC["volume_1"].survival(np.array([400.0]))[0]))
    assert sentence.startswith("Took 400 items it had never taken before on its busiest day")


def test_volume_counts_new_items_only() -> None:
    """Returns add nothing to what was taken."""
    numbers, _, _ = score(Volume(), daily(1, 100), daily(1, 100, start=0))
    assert numbers["observed"] == 100


def test_volume_over_a_month_is_the_hardest_to_explain() -> None:
    """Steady taking shows in the month, not in the day."""
    numbers, p, sentence = score(Volume(), daily(30, 100))
    assert (numbers["window"], numbers["observed"]) == (30, 3_000)
    assert "within 30 days" in sentence
    single = float(MUSIC["volume_30"].survival(np.array([3_000.0]))[0])
    # Four windows are looked at in a log of 30 days (1, 7, 30, and 90 by half its length).
    assert single < p <= 4 * single


def test_volume_pays_for_its_months() -> None:
    """The same busy month in a history of ten has ten times the p-value."""
    month = daily(30, 100)
    _, alone, _ = score(Volume(), month)
    later = account("a", np.array([300 * DAY]), [0])
    _, among, _ = score(Volume(), month, later)
    assert among > 2 * alone


def test_longer_windows_need_a_history() -> None:
    """A new account in an old log is not compared over windows it cannot fill."""
    old = account("old", np.arange(12) * 30 * DAY, np.zeros(12))
    with small_ledger(together(old, daily(1, 300, start=330))) as context:
        scores = Volume().score(context)
        names = dict(context.engine.rows("SELECT account, account_key FROM accounts"))
        row = int(np.flatnonzero(scores.keys == names["a"])[0])
        assert scores.details["window"][row] == 1


def test_one_new_item_is_one() -> None:
    """Who took a single item is told so in the singular, of a day, an hour and each of eight."""
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


def test_speed_that_is_kept_up() -> None:
    """Forty items an hour are a sprint for one hour, and beyond listening for eight of a day."""
    moments = (np.arange(8)[:, None] * 2 * HOUR + np.arange(40) * 80).ravel()
    numbers, p, sentence = score(Speed(), account("a", moments, np.arange(320)))
    assert (numbers["hours"], numbers["observed"]) == (8, 40)
    assert "at least 40 new items in each of 8 hours" in sentence
    assert p == pytest.approx(2 * float(MUSIC["speed_8"].survival(np.array([40.0]))[0]))
    seven, p_of_seven, _ = score(Speed(), account("a", moments[:-40], np.arange(280)))
    assert seven["hours"] == 1
    assert p_of_seven > 100 * p


def test_bursts_are_uses_per_minute_in_use() -> None:
    """A hundred uses within one minute are a burst; spread over a hundred minutes they are none."""
    crowd = account("a", np.arange(100) // 2, np.arange(100))
    numbers, p, sentence = score(Bursts(), crowd)
    assert (numbers["minutes"], numbers["observed"]) == (1, 100)
    assert "100 uses fall into 1 minute, 100.0 per minute" in sentence
    assert p == pytest.approx(float(MUSIC["bursts"].survival(np.array([99 + OFFSET]))[0]))
    numbers, calm, said = score(Bursts(), account("a", np.arange(100) * 60, np.arange(100)))
    assert (numbers["minutes"], numbers["observed"]) == (100, 1)
    assert "100 uses fall into 100 minutes, 1.0 per minute" in said
    assert calm > 0.9


def test_rhythm_counts_hours_with_use() -> None:
    """Hours in use within seven days, of a log of ten; two uses in an hour count once."""
    hours = np.array([d * 24 + h for d in range(10) for h in range(12)])
    awake = account("a", np.concatenate([hours * HOUR, hours * HOUR + 600]), np.zeros(240))
    numbers, p, sentence = score(Rhythm(), awake)
    assert (numbers["window"], numbers["observed"]) == (7, 84)
    assert "84 of the 168 hours of its busiest 7 days" in sentence
    looks = [
        MUSIC[name].survival(np.array([hours]))
        for name, hours in (("rhythm_1", 12.0), ("rhythm_7", 84.0))
    ]
    assert p == pytest.approx(float(simes(np.array(looks).T)[0]))


def test_rhythm_of_a_day() -> None:
    """A log of a day is scored by its 24 hours."""
    numbers, _, sentence = score(Rhythm(), account("a", np.arange(20) * HOUR, np.arange(20)))
    assert (numbers["window"], numbers["observed"]) == (1, 20)
    assert "20 of the 24 hours of its busiest day" in sentence


def test_pace_is_the_variation_from_hour_to_hour() -> None:
    """Deviation over mean of the uses in the hours in use, at least one use in ten hours."""
    counts = np.array([4, 8] * 60)
    moments = np.concatenate([h * HOUR + np.arange(n) * 60 for h, n in enumerate(counts)])
    numbers, _, _ = score(Pace(), account("a", moments, np.arange(moments.size)))
    assert (numbers["mean"], numbers["hours"]) == (6, 120)
    assert numbers["observed"] == pytest.approx(2 / 6)
    even = (np.arange(120)[:, None] * HOUR + np.arange(5) * 600).ravel()
    numbers, p, _ = score(Pace(), account("a", even, np.arange(600)))
    assert numbers["observed"] == pytest.approx(0.1 / 5)
    assert p == pytest.approx(SHOPS_SHARE, rel=1e-3)


def test_pace_of_a_shop_and_of_a_schedule() -> None:
    """At listening speed evenness is no rarer than shops are; beyond it, shops explain nothing."""
    hours = np.arange(120)[:, None] * HOUR
    _, shop, _ = score(Pace(), account("a", (hours + np.arange(17) * 210).ravel(), range(2040)))
    fast = account("a", (hours + np.arange(40) * 90).ravel(), range(4800))
    _, schedule, _ = score(Pace(), fast)
    assert shop >= SHOPS_SHARE
    assert schedule < 1e-4


def test_pace_of_a_day_beyond_listening() -> None:
    """Eight even hours are a schedule at forty uses each, and a record played through at twenty."""
    hours = np.arange(8)[:, None] * HOUR
    fast = (hours + np.arange(40) * 90).ravel()
    numbers, p, sentence = score(Pace(), account("a", fast, np.arange(320)))
    assert (numbers["hours"], numbers["mean"]) == (8, 40)
    assert "8 hours of its busiest day" in sentence
    assert p < 1e-4
    slow = (hours + np.arange(20) * 180).ravel()
    with small_ledger(account("a", slow, np.arange(160))) as context:
        assert Pace().score(context).keys.size == 0


def test_pace_asks_nobody_with_few_uses() -> None:
    """Hours of one or two uses cannot vary enough to tell, and are not measured."""
    with small_ledger(account("a", np.arange(150) * HOUR, np.arange(150))) as context:
        assert Pace().score(context).keys.size == 0


def test_overlap_adds_up_the_day() -> None:
    """Time played in the fullest day, of the seconds in a day."""
    full = account("a", np.arange(300) * 240, np.arange(300), played=432.0)
    light = account("a", DAY + np.arange(10) * 240, np.arange(10), played=432.0)
    numbers, p, sentence = score(Overlap(), full, light)
    assert numbers["observed"] == pytest.approx(1.5)
    assert "Played 36.0 hours of content on the day with the most" in sentence
    assert p == pytest.approx(float(MUSIC["overlap"].survival(np.array([1.5]))[0]))


@pytest.mark.parametrize(
    ("test", "family"),
    [(Volume(), "volume"), (Speed(), "volume"), (Rhythm(), "automation")],
    ids=lambda value: getattr(value, "name", value),
)
def test_family(test: EvidenceTest, family: Family) -> None:
    """Volume alone speaks of volume, on which the gate stands."""
    assert test.family == family
