"""Weight: archives count as the items in them; films, high resolution and syncs do not."""

from __future__ import annotations

from typing import Final

import numpy as np
import pytest
from tests.evidence.scoring import DAY

from ringfence.evidence import CannotRun, Context
from ringfence.evidence.reference_distributions import Kind
from ringfence.evidence.weight import Weight
from ringfence.ledger.recent_volumes import recent_volumes
from ringfence.stats.arrays import Columns, Floats
from ringfence.testing import account, small_ledger, together, users

TRACK, FILM, ARCHIVE = 6_000_000, 2_000_000_000, 90_000_000
SEEDS = range(2)
MORE_SEEDS = range(2, 14)


def sized(events: Columns, size: int = TRACK, records: float = np.nan) -> Columns:
    """Return events whose answers have a size, and a number of records if it is known."""
    number = events["ts"].size
    return {**events, "bytes": np.full(number, size), "records": np.full(number, records)}


def answers(  # noqa: PLR0913 - each is one column of a log
    number: int,
    *,
    size: int = ARCHIVE,
    records: float = np.nan,
    days: int = 1,
    name: str = "a",
    kind: str = "archive",
) -> Columns:
    """Return large answers, evenly over some days, each for another item."""
    which = np.arange(number)
    moments = which % days * DAY + which // days * 240
    events = account(name, moments, which, surface="download")
    return sized(
        {**events, "item": np.array([f"{kind}-{n}" for n in which], object)}, size, records
    )


def listeners(seed: int = 1) -> Columns:
    """Return 60 listeners; 30 of them also download one to four archives."""
    plays = sized(users(60, uses=120, seed=seed))
    few = [answers(1 + n % 4, name=f"user-{n:04d}", days=3) for n in range(30)]
    return together(plays, *few)


def p_of_a(*events: Columns, kind: Kind = "music") -> float | None:
    """Return the p-value of the account ``a``; None if it is not measured."""
    with small_ledger(together(*events), kind=kind) as context:
        found = _rows_of(context)
        return found.get("a")


def _rows_of(context: Context) -> dict[str, float]:
    names = dict(context.engine.rows("SELECT account_key, account FROM accounts"))
    scores = Weight().score(context)
    return {names[k]: float(p) for k, p in zip(scores.keys, scores.p_values, strict=True)}


@pytest.mark.parametrize("records", [np.nan, 14])
def test_archives_count_as_their_items(records: float) -> None:
    """300 archives in ten days are rare, whether the log tells items or only sizes."""
    p = p_of_a(listeners(), answers(300, records=records, days=10))
    assert p is not None
    # With 61 accounts, the population's part of the p-value cannot be smaller.
    assert p < 0.02


def test_the_sentence_says_what_counts_as_several() -> None:
    """It gives the items by weight, the answers, and their size."""
    with small_ledger(together(listeners(), answers(300, records=14, days=10))) as context:
        scores = Weight().score(context)
        sentence = Weight().sentence(scores.at(int(np.argmax(scores.observed))))
    assert sentence == (
        "Within 7 days it took as much as 2,940 new items. 210 archives or other large answers, "
        "18.9 GB, count as up to 20 items each. The typical user's busiest 7 days have 256."
    )


def test_one_answer_counts_as_an_album_at_most() -> None:
    """Forty films, each as large as 300 tracks, are not 12,000 items."""
    with small_ledger(together(listeners(), answers(40, size=FILM, days=20))) as context:
        scores = Weight().score(context)
        assert scores.observed.max() <= 40 * 20


def test_a_person_who_watches_films_is_not_rare() -> None:
    """A film on each of 20 evenings, among listeners who download a few archives."""
    p = p_of_a(listeners(), answers(20, size=FILM, days=20, kind="film"))
    assert p is None or p > 0.01


def test_a_device_that_syncs_normal_tracks_is_not_measured() -> None:
    """3,000 tracks of usual size weigh what they are."""
    assert p_of_a(listeners(), answers(3_000, size=TRACK)) is None


def test_tracks_that_others_have_in_normal_quality_are_one_item() -> None:
    """High resolution is as large as an archive, but others take the same items small."""
    hires = {**answers(2_000, days=20), "item": answers(2_000)["item"]}
    plain = answers(2_000, size=TRACK, days=20, name="b")
    assert p_of_a(listeners(), hires, plain) is None


@pytest.mark.slow
def test_sizes_tell_nothing_in_a_library_or_without_others() -> None:
    """A scanned book is as large as an archive; so is whatever a single account takes."""
    with pytest.raises(CannotRun, match=r"usual in a library.*events\.columns\.records"):
        p_of_a(listeners(), answers(300, days=10), kind="library")
    few = together(sized(users(60, uses=120)), answers(3, name="user-0001"))
    with pytest.raises(CannotRun, match=r"fewer than 20 accounts.*events\.columns\.records"):
        p_of_a(few, answers(300, days=10))


def test_numbers_of_items_count_without_others() -> None:
    """An archive whose number of items is known needs no comparison."""
    plays = sized(users(60, uses=120))
    p = p_of_a(plays, answers(300, records=14, days=10))
    assert p is not None
    assert p < 0.02


@pytest.mark.slow
def test_a_log_without_sizes_is_silent() -> None:
    """Neither bytes nor records, or only usual ones."""
    for log in (users(30), sized(users(30)), sized(users(30), records=1)):
        with small_ledger(log) as context, pytest.raises(CannotRun, match="no answer is large"):
            Weight().score(context)


def test_an_archive_that_is_taken_again_counts_once() -> None:
    """The weight of an item is that of its first answer, like the item itself."""
    once = answers(60, records=14)
    again = {**once, "ts": once["ts"] + np.timedelta64(3, "D")}
    with small_ledger(together(listeners(), once, again)) as context:
        scores = Weight().score(context)
        assert scores.observed.max() == 60 * 14


def test_items_in_archives_count_toward_the_volume_gate() -> None:
    """Between two scans, 30 archives of 14 tracks are 420 items."""
    with small_ledger(together(answers(30, records=14))) as context:
        assert recent_volumes(context.engine, [1])["new_1"].tolist() == [420]


LATER: Final = [pytest.param(share, MORE_SEEDS, marks=pytest.mark.slow) for share in (0.1, 0.5)]


@pytest.mark.slow
@pytest.mark.parametrize(("share", "seeds"), [(0.5, SEEDS), *LATER])
def test_honest_p_values_are_conservative(share: float, seeds: range) -> None:
    """Users of whose items a share are archives have p-values that are not too small."""
    p: list[Floats] = []
    for seed in seeds:
        rng = np.random.default_rng(seed)
        events = sized(users(100, uses=120, seed=seed))
        who = np.unique(events["account"], return_inverse=True)[1]
        large = rng.random(who.size) < share * rng.random(who.max() + 1)[who] ** 2
        events["bytes"] = np.where(large, ARCHIVE, TRACK)
        events["records"] = np.where(large, rng.integers(5, 20, who.size), np.nan)
        with small_ledger(events) as context:
            p.append(Weight().score(context).p_values)
    every, users_of_all = np.concatenate(p), 100 * len(seeds)
    for level in (0.001, 0.01, 0.05, 0.2):
        allowed = level * users_of_all
        assert np.sum(every <= level) <= allowed + 3 * np.sqrt(allowed) + 1
