"""Listings: copying a catalogue through its lists is told from searching, polling and paging."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import numpy as np
import pytest
from tests.evidence.scoring import DAY, crowd

from ringfence import scan
from ringfence.evidence import CannotRun, Context
from ringfence.evidence.listings import Listings
from ringfence.ledger.recent_volumes import recent_volumes
from ringfence.settings import Settings
from ringfence.stats.arrays import Columns, Floats
from ringfence.testing import account, small_ledger, together, users

SEEDS = range(2)
MORE_SEEDS = range(2, 14)


def shown(events: Columns, records: int = 1) -> Columns:
    """Return events with the number of records of each answer."""
    return {**events, "records": np.full(events["ts"].size, records, dtype=np.int64)}


def pages(
    number: int, *, records: int = 100, day: int = 0, first: int = 0, different: int | None = None
) -> Columns:
    """Return requests of the account ``a`` for pages of search results."""
    page = first + np.arange(number) % (different or number)
    events = account("a", day * DAY + np.arange(number) * 5, page, surface="search")
    return shown({**events, "item": np.array([f"search-{n}" for n in page], object)}, records)


def measured(*events: Columns) -> tuple[dict[str, float], float, str] | None:
    """Return numbers, p-value and sentence of the account ``a``; None if it is not measured."""
    with small_ledger(together(*events)) as context:
        return _of_a(context)


def _of_a(context: Context) -> tuple[dict[str, float], float, str] | None:
    keys = dict(context.engine.rows("SELECT account, account_key FROM accounts"))
    test, scores = Listings(), Listings().score(context)
    rows = np.flatnonzero(scores.keys == keys["a"])
    if not rows.size:
        return None
    numbers = scores.at(int(rows[0]))
    return numbers, numbers["p_value"], test.sentence(numbers)


def test_pages_and_their_records_are_counted() -> None:
    """1,600 pages of 100 records in a day are 1,600 pages."""
    found = measured(shown(crowd()), pages(1_600))
    assert found
    numbers, p, sentence = found
    assert (numbers["observed"], numbers["records"]) == (1_600, 160_000)
    assert p < 0.01
    assert sentence == (
        "On its busiest day it walked through search results or other lists with about 160,000 "
        "records, as much as 1,600 pages of at most 100. The typical listener's busiest day has 90 "
        "new items."
    )


def test_a_page_counts_as_its_hundreds() -> None:
    """60 pages of 10,000 records are as much as 6,000 pages of 100."""
    found = measured(shown(crowd()), pages(60, records=10_000))
    assert found
    assert found[0]["observed"] == 6_000


def test_polling_a_large_list_counts_about_once() -> None:
    """A program that asks 5,000 times for the same three large pages has three of them."""
    assert measured(shown(crowd()), pages(5_000, different=3), shown(_large("b"))) is None


def _large(name: str) -> Columns:
    """Return one large page of another account, so that the test runs."""
    events = account(name, [0], [0], surface="search")
    return {**events, "item": np.array(["search-x"], object), "records": np.array([100])}


def test_small_pages_without_a_place_are_first_pages() -> None:
    """Where the log does not tell that a list is continued, only large pages are walked through."""
    large = shown(_large("b"), 100)
    assert measured(shown(crowd()), pages(3_000, records=20), large) is None


def test_first_pages_pay_for_later_ones() -> None:
    """900 small pages and 900 large ones, as behind the address of a discovery layer."""
    small, large = pages(900, records=20), pages(900, first=5_000)
    assert measured(shown(crowd()), small, large, shown(_large("b"), 100)) is None


def test_an_editor_who_pages_through_results_is_not_rare() -> None:
    """150 large pages on each of five days."""
    days = [pages(150, day=day * 2, first=day * 1_000) for day in range(5)]
    found = measured(shown(crowd()), *days)
    assert found is None or found[1] > 1e-3


@pytest.mark.parametrize("events", [crowd(), {**crowd(), "records": np.full(2_400, 1)}])
def test_a_log_without_lists_is_silent(events: Columns) -> None:
    """Nothing is measured where no number of records is known, or all are one."""
    with small_ledger(events) as context, pytest.raises(CannotRun, match="no account walks"):
        Listings().score(context)


LATER: Final = [pytest.param(share, MORE_SEEDS, marks=pytest.mark.slow) for share in (0.3, 0.9)]


@pytest.mark.slow
@pytest.mark.parametrize(("share", "seeds"), [(0.9, SEEDS), *LATER])
def test_honest_p_values_are_conservative(share: float, seeds: range) -> None:
    """Users of whose uses a share are pages of 100 hits have p-values that are not too small."""
    p: list[Floats] = []
    for seed in seeds:
        with small_ledger(_searchers(seed, share)) as context:
            p.append(Listings().score(context).p_values)
    every, users_of_all = np.concatenate(p), 100 * len(seeds)
    # Users that are not measured have no p-value, which counts as 1.
    for level in (0.001, 0.01, 0.05, 0.2):
        allowed = level * users_of_all
        assert np.sum(every <= level) <= allowed + 3 * np.sqrt(allowed) + 1


def _searchers(seed: int, share: float) -> Columns:
    """Return users of whose uses a share of their own, up to a limit, are pages of results."""
    rng = np.random.default_rng(seed)
    events = users(100, uses=120, seed=seed)
    who = np.unique(events["account"], return_inverse=True)[1]
    limit = share * rng.random(who.max() + 1)[who]
    searches = rng.random(who.size) < limit
    item = np.where(searches, "search-" + events["item"].astype(str), events["item"])
    return {
        **events,
        "item": item.astype(object),
        "surface": np.where(searches, "search", events["surface"]).astype(object),
        "records": np.where(searches, 100, 1),
    }


LINE: Final = '{} - {} [02/Mar/2026:{:02}:{:02}:{:02} +0000] "GET {} HTTP/1.1" 200 9000 "-" "B/1"\n'


def _write_log(path: Path) -> None:
    """Write 300 listeners, and accounts that look at lists in different ways, on one day."""
    with path.open("w") as out:
        rng = np.random.default_rng(3)
        for number, plays in enumerate(rng.lognormal(3.5, 0.7, 300).astype(int)):
            for n in range(plays):
                track = rng.integers(5_000)
                out.write(_line(n * 41 + number, f"listener{number}", f"/track/{track}"))
        for n in range(3_000):
            out.write(_line(n, "walker", f"/search?q=the&rows=50&start={n * 50}"))
            out.write(_line(n, "enumerator", f"/search?year={n}&q=a&rows=200"))
            out.write(_line(n, "typist", f"/search?q={n:x}&rows=10"))
            out.write(_line(n, "feed", "/search?q=saved&rows=100&start=100"))
            out.write(_line(n, "discovery", f"/search?q={n}&rows=20&start={20 * (n % 10 == 0)}"))
            out.write(_line(n, "manuscript", f"/viewer?doc=7&page={n}"))
        for n in range(150):
            out.write(_line(n, "editor", f"/search?q=opera&page={n}"))


def _line(n: int, name: str, path: str) -> str:
    return LINE.format("203.0.113.9", name, 8 + n // 1_000 % 14, n // 17 % 60, n % 60, path)


@pytest.mark.slow
def test_an_access_log_tells_walking_from_searching(tmp_path: Path) -> None:
    """Only those who continue lists, or ask for large pages, are found; others are not."""
    log = tmp_path / "access.log"
    _write_log(log)
    settings = Settings.model_validate({"items": {"preset": "stream"}})
    result = scan(str(log), settings=settings)
    assert {finding.id for finding in result.findings} == {"walker", "enumerator"}
    said = {f.id: e.sentence for f in result.findings for e in f.evidence if e.test == "listings"}
    # Its first page is subtracted. The other's answers have room for 180 of the 200 records.
    assert "2,998 pages" in said["walker"]
    assert "5,400 pages" in said["enumerator"]


def test_pages_count_toward_the_volume_gate() -> None:
    """Between two scans, large pages count in the windows of a day and more, beside new items."""
    with small_ledger(together(shown(account("a", [0], [1])), pages(700))) as context:
        found = recent_volumes(context.engine, [1])
        assert found["new_1"].tolist() == [701 + 700]
