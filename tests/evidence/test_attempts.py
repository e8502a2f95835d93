"""Attempts: enumeration is told from broken links, polling and applications that never fail."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import numpy as np
import pytest
from tests.evidence.scoring import DAY, crowd, score

from ringfence.evidence import CannotRun
from ringfence.evidence.attempts import BEST_ATTEMPTS, Attempts
from ringfence.evidence.volume import Volume
from ringfence.stats.arrays import Columns, Floats
from ringfence.testing import account, small_ledger, together, users

SEEDS = range(2)
MORE_SEEDS = range(2, 14)


def answered(events: Columns, status: str = "200") -> Columns:
    """Return events with a status."""
    return {**events, "status": np.full(events["ts"].size, status, dtype=object)}


def missing(number: int, *, day: int = 0, name: str = "a", different: int | None = None) -> Columns:
    """Return requests for missing items on one day."""
    items = 1_000_000 + np.arange(number) % (different or number)
    return answered(account(name, day * DAY + np.arange(number) * 5, items), "404")


def taken(number: int, *, day: int = 0, name: str = "a") -> Columns:
    """Return takes of new items on one day."""
    items = day * 10_000 + np.arange(number)
    return answered(account(name, day * DAY + np.arange(number) * 5, items))


def honest(seed: int, share: float | None) -> Columns:
    """Return users whose items are partly gone: a share of all items, or one share per user.

    Users with a share of their own try ids as enumerators do, but take at most what users take.
    """
    rng = np.random.default_rng(seed)
    events = users(100, uses=120, seed=seed)
    item = np.unique(events["item"], return_inverse=True)[1]
    who = np.unique(events["account"], return_inverse=True)[1]
    gone = rng.random(item.max() + 1)[item]
    limit = rng.random(who.max() + 1)[who] if share is None else share
    status = np.where(gone < limit, "404", "200").astype(object)
    return {**events, "status": status}


@pytest.mark.slow
def test_an_enumeration_is_an_attempt_on_every_id() -> None:
    """Ids that fail count beside new items: 3,000 tries of which 40 succeed are 3,000 attempts."""
    numbers, p, sentence = score(Attempts(), answered(crowd()), taken(40), missing(3_000))
    assert numbers["observed"] == 3_000
    assert numbers["guesses"] == 2_960
    # With 40 users, the population's part of the p-value cannot be smaller.
    assert p < 0.01
    assert sentence == (
        "On its busiest day it made about 3,000 attempts. Attempts are new items, and missing or "
        "refused items beyond the number of uses on the same day. At most 2,960 attempts were for "
        "missing or refused items. The log may have more failed requests. The typical user's "
        "busiest day has 90 new items."
    )


def test_the_sentence_counts_what_the_p_value_counts() -> None:
    """Of 1,300 failures beside 800 uses on one day, 500 count, and the sentence says so."""
    numbers, _, sentence = score(Attempts(), answered(crowd()), taken(800), missing(1_300))
    assert (numbers["observed"], numbers["guesses"]) == (1_300, 500)
    assert sentence.startswith(
        "On its busiest day it made about 1,300 attempts. Attempts are new items, and missing or "
        "refused items beyond the number of uses on the same day. At most 500 attempts were for "
        "missing or refused items. The log may have more failed requests."
    )


@pytest.mark.slow
def test_volume_alone_does_not_see_it() -> None:
    """The same account takes less than the median person."""
    _, p, _ = score(Volume(), answered(crowd()), taken(40), missing(3_000))
    assert p > 0.2


@pytest.mark.slow
@pytest.mark.parametrize("gone", [0, 30, 200, 500])
def test_broken_links_are_not_measured(gone: int) -> None:
    """An account that takes as many new items as it finds missing makes no guesses."""
    log = together(answered(crowd()), taken(500), missing(gone), missing(60, name="user-01"))
    with small_ledger(log) as context:
        (key,) = (
            k for a, k in context.engine.rows("SELECT account, account_key FROM accounts")
            if a == "a"
        )  # fmt: skip
        assert key not in Attempts().score(context).keys


@pytest.mark.slow
def test_polling_a_missing_item_is_not_measured() -> None:
    """10,000 requests for the same five items are at most ten guesses."""
    log = together(answered(crowd()), taken(5), missing(10_000, different=5))
    with small_ledger(log) as context:
        assert Attempts().score(context).keys.size == 0


@pytest.mark.slow
def test_polling_many_missing_items_counts_once_over_days() -> None:
    """The same 300 ids on 20 days are not 6,000 attempts."""
    days = [missing(300, day=day) for day in range(20)]
    numbers, p, _ = score(Attempts(), answered(crowd()), taken(5), *days)
    assert numbers["guesses"] < 1_200
    assert p > 1e-3


@pytest.mark.slow
def test_a_log_without_failures_is_silent() -> None:
    """An application that answers 200 for everything, and a log without a status."""
    for log in (crowd(), answered(together(crowd(), taken(2_000)))):
        with small_ledger(log) as context, pytest.raises(CannotRun, match="no failed requests"):
            Attempts().score(context)


@pytest.mark.slow
def test_guesses_add_up_over_a_month() -> None:
    """150 ids per night are few in a day and many in a month."""
    nights = [missing(150, day=day) for day in range(28)]
    moved = [{**night, "item": night["item"] + f"-{n}"} for n, night in enumerate(nights)]
    with small_ledger(together(answered(crowd()), taken(20), *moved)) as context:
        table = context.engine.columns(BEST_ATTEMPTS)
        row = int(np.argmax(table["guessed_30"]))
        assert table["guessed_1"][row] == 150
        assert table["guessed_7"][row] == 7 * 150
        assert 0.8 * 28 * 150 <= table["guessed_30"][row] <= 28 * 150


LATER: Final = [
    pytest.param(share, MORE_SEEDS, marks=pytest.mark.slow) for share in (0.3, 0.6, 0.8, None)
]


@pytest.mark.slow
@pytest.mark.parametrize(("share", "seeds"), [(0.6, SEEDS), (None, SEEDS), *LATER])
def test_honest_p_values_are_conservative(share: float | None, seeds: range) -> None:
    """Over seeds, where items are gone, users' p-values are not smaller than uniform ones."""
    p: list[Floats] = []
    for seed in seeds:
        with small_ledger(honest(seed, share)) as context:
            p.append(Attempts().score(context).p_values)
    every, users_of_all = np.concatenate(p), 100 * len(seeds)
    # Users that are not measured have no p-value, which counts as 1.
    for level in (0.001, 0.01, 0.05, 0.2):
        allowed = level * users_of_all
        assert np.sum(every <= level) <= allowed + 3 * np.sqrt(allowed) + 1


@pytest.mark.slow
@pytest.mark.parametrize(("share", "found"), [(0.5, False), (0.7, True), (0.9, True), (0.98, True)])
def test_power_by_the_share_of_failing_ids(share: float, found: bool) -> None:
    """1,200 tries in a day: below half failing nothing is a guess, and volume sees the items."""
    fails = round(1_200 * share)
    log = together(answered(crowd()), taken(1_200 - fails), missing(fails), missing(60, name="x"))
    log = together(log, taken(2, name="x"))
    with small_ledger(log) as context:
        keys = dict(context.engine.rows("SELECT account, account_key FROM accounts"))
        scores = Attempts().score(context)
        measured = dict(zip(scores.keys.tolist(), scores.p_values.tolist(), strict=True))
        assert (measured.get(keys["a"], 1.0) < 0.01) == found
        if not found:
            volume = Volume().score(context)
            (row,) = np.flatnonzero(volume.keys == keys["a"])
            assert volume.p_values[row] < 0.05


def test_an_access_log_has_failures(tmp_path: Path) -> None:
    """Missing articles in a log of a web server are failures; missing pictures are not."""
    from ringfence import scan

    line = '10.0.0.{} - u{} [02/Mar/2026:10:{:02}:{:02} +0000] "GET {} HTTP/1.1" {} 99 "-" "B/1"\n'
    log = tmp_path / "access.log"
    with log.open("w") as out:
        for n in range(600):
            user, m, s = n % 20, n // 60 % 60, n % 60
            out.write(line.format(user, user, m, s, f"/articles/{1000 + n}", 200))
            out.write(line.format(user, user, m, s, f"/articles/{90000 + n}", 404))
            out.write(line.format(user, user, m, s, f"/img/{n}.png", 404))
    result = scan(str(log))
    assert result.not_takes["item-missing"] == 600
    assert result.not_takes["not-successful"] == 600
