"""Breadth, popularity, surface, client and provenance: what they count, by hand."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from ringfence.evidence import CannotRun, EvidenceTest
from ringfence.evidence.breadth import Breadth
from ringfence.evidence.client import Client
from ringfence.evidence.popularity import Popularity
from ringfence.evidence.provenance import Provenance
from ringfence.evidence.surface import Surface
from ringfence.stats.arrays import Columns
from ringfence.stats.calibration import two_sided_rank_p_values
from ringfence.testing import account, small_ledger, together
from ringfence.testing.users import GROUP_SIZE, SCRIPT

HOUR = 3_600


def crowd(accounts: int = 40, items: int = 60) -> Columns:
    """Users alike in everything: the same sixty items, in one network, by browser."""
    return together(
        *(
            account(f"user-{n:02d}", np.arange(items) * HOUR + n, np.arange(items) * 3)
            for n in range(accounts)
        )
    )


def score(
    test: EvidenceTest, *events: Columns, name: str = "a", catalogue: Path | None = None
) -> tuple[dict[str, float], float, str]:
    """Return numbers, p-value and sentence on one account."""
    with small_ledger(together(*events), catalogue=catalogue) as context:
        names = dict(context.engine.rows("SELECT account, account_key FROM accounts"))
        scores = test.score(context)
        row = int(np.flatnonzero(scores.keys == names[name])[0])
        return scores.at(row), float(scores.p_values[row]), test.sentence(scores.at(row))


def test_breadth_is_simpsons_index() -> None:
    """Pairs of items in one group among all pairs, one pair added to both."""
    items = np.concatenate([np.arange(8), np.arange(8) + 80, GROUP_SIZE * np.arange(100, 184)])
    numbers, _, sentence = score(Breadth(), account("a", np.arange(100) * HOUR, items))
    assert numbers["observed"] == pytest.approx((2 * 28 + 1) / (100 * 99 / 2 + 1))
    assert (numbers["items"], numbers["groups"]) == (100, 86)
    assert "100 items are spread over 86 groups" in sentence


def test_breadth_of_one_group() -> None:
    """A discography is told of in the singular."""
    catalogue = account("a", np.arange(100) * HOUR, np.arange(100))
    catalogue["group"][:] = "the only one"
    numbers, _, sentence = score(Breadth(), catalogue)
    assert (numbers["groups"], numbers["observed"]) == (1, 1.0)
    assert "100 items are spread over 1 group: 1 pair of items in 1 shares" in sentence


def test_breadth_asks_nobody_with_few_items() -> None:
    """Below a hundred items a concentration cannot be told from none."""
    with small_ledger(account("a", np.arange(99) * HOUR, np.arange(99))) as context:
        assert Breadth().score(context).keys.size == 0


def test_popularity_is_the_typical_number_of_holders() -> None:
    """The geometric mean of how many hold each item, against the median account's."""
    tail = account("a", np.arange(60) * HOUR, 9_000 + np.arange(60))
    numbers, p, sentence = score(Popularity(), crowd(), tail)
    assert numbers["observed"] == pytest.approx(1.0)
    assert numbers["expected"] == pytest.approx(40.0)
    assert p == pytest.approx(2 * 2 / 42)
    assert "held by 1.0 accounts" in sentence


def test_both_ends_of_popularity_count() -> None:
    """The most obscure and the most popular are equally rare, and the middle is not."""
    p = two_sided_rank_p_values(np.arange(201.0))
    assert p[0] == pytest.approx(p[-1])
    assert p[0] < 0.06
    assert p[100] == 1.0


def test_two_sided_is_uniform_among_users() -> None:
    """P(p ≤ a) is near a at both ends together, in populations without anything odd."""
    rng = np.random.default_rng(9)
    p = np.concatenate([two_sided_rank_p_values(rng.normal(size=500)) for _ in range(100)])
    for level in (0.1, 0.05, 0.02):
        assert np.mean(p <= level) <= 1.5 * level


def test_surface_is_the_share_of_downloads() -> None:
    """Who downloads everything where nobody else does has the rank of the only one."""
    numbers, p, _ = score(
        Surface(), crowd(), account("a", np.arange(60) * HOUR, np.arange(60), surface="download")
    )
    assert (numbers["observed"], numbers["expected"]) == (1.0, 0.0)
    assert p == pytest.approx(2 / 42)


def test_surface_says_nothing_where_all_download() -> None:
    """A log with one surface cannot tell who prefers it, and the test does not run."""
    events = crowd()
    events["surface"][:] = "download"
    with small_ledger(events) as context, pytest.raises(CannotRun, match="one surface"):
        Surface().score(context)


def test_client_counts_scripts_by_name() -> None:
    """A script is as rare as scripts are here; who is mostly on a browser is none."""
    script = account("a", np.arange(60) * HOUR, np.arange(60), client=SCRIPT)
    once = account("b", np.arange(60) * HOUR, np.arange(60))
    once["client"][0] = SCRIPT
    numbers, p, sentence = score(Client(), crowd(), script, once)
    assert numbers["observed"] == 1.0
    assert p == pytest.approx(2 / 43)
    assert (
        "100% of its requests came from a client that names itself a script. 1 account in this"
        in sentence
    )
    _, p, _ = score(Client(), crowd(), script, once, name="b")
    assert p == 1.0
    two = {"observed": 1.0, "accounts": 2.0}
    assert "2 accounts in this scan are mostly scripted" in Client().sentence(two)


def test_no_script_nothing_to_say() -> None:
    """Without any script by name the test says so."""
    with small_ledger(crowd()) as context, pytest.raises(CannotRun, match="names itself a script"):
        Client().score(context)


def test_provenance_counts_networks_by_days() -> None:
    """Many networks are rarer in few days than in many; those with two are not asked."""
    movers = [
        account(f"m{n:02d}", np.arange(40) * 6 * HOUR, np.arange(40), networks=3 + n % 3)
        for n in range(30)
    ]
    fast = account("a", np.arange(40) * 60, np.arange(40), networks=30)
    slow = account("b", np.arange(40) * 24 * HOUR, np.arange(40), networks=30)
    numbers, quick, sentence = score(Provenance(), crowd(), *movers, fast, slow)
    _, steady, _ = score(Provenance(), crowd(), *movers, fast, slow, name="b")
    assert (numbers["observed"], numbers["active_days"]) == (30, 1)
    assert quick <= steady
    assert quick == pytest.approx(2 / 33)
    assert "30 networks on 1 day of use" in sentence
    with small_ledger(together(crowd(), *movers)) as context:
        assert Provenance().score(context).keys.size == 30


@pytest.mark.parametrize(
    ("test", "column", "reason"),
    [
        (Breadth(), "group", "no item has a group"),
        (Surface(), "surface", "downloads"),
        (Client(), "client", "no client names"),
        (Provenance(), "ip", "no addresses"),
    ],
    ids=lambda value: getattr(value, "name", None),
)
def test_each_says_what_it_misses(test: EvidenceTest, column: str, reason: str) -> None:
    """Without its one column the test names what the log lacks."""
    events = {name: values for name, values in crowd().items() if name != column}
    with small_ledger(events) as context, pytest.raises(CannotRun, match=reason):
        test.score(context)


def test_browsers_of_the_tests_are_browsers() -> None:
    """The users' clients call themselves neither robot nor script."""
    _, p, _ = score(Client(), crowd(), account("a", [0], [0], client=SCRIPT), name="user-00")
    assert p == 1.0
