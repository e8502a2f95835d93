"""Crowds are found, and honest cohorts are not."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pytest
from tests.rings.crowd_visits import (
    HONEST,
    Visits,
    crowd,
    ledger,
    partly_traced,
    readers,
    rotating_exit,
    surfers,
    together,
    uneven_crowd,
)

from ringfence.model.ring import Ring
from ringfence.rings.crowd import find_crowds
from ringfence.rings.crowd.cohorts import MIXED, VALUES, form_cohorts
from ringfence.rings.crowd.continuation import count_continued
from ringfence.rings.crowd.find import score_both_halves
from ringfence.rings.crowd.p_values import score_continuations, score_repeats
from ringfence.rings.crowd.repeats import count_shared
from ringfence.rings.crowd.visitors import select_visitors
from ringfence.stats.seconds import DAY
from ringfence.verdicts.ring_findings import COHORT_WORDS

SURFERS = 2_500
"""Visitors that come before a crowd; a crowd's numbers begin here."""


def found_in(*crowds: Visits) -> tuple[Ring, ...]:
    """Look for crowds in a population."""
    with ledger(together(*crowds)) as engine:
        return find_crowds(engine)


def p_values(visits: Visits) -> np.ndarray:
    """Return the p-values of both tests of all cohorts, not corrected, one row per cohort."""
    with ledger(visits) as engine:
        select_visitors(engine)
        form_cohorts(engine)
        counts = count_shared(engine, swapped=False)
        one, other = score_both_halves(engine, counts, measured=1.0)
        log_p = [
            one.log_p,
            other.log_p,
            score_continuations(counts["cohort"], count_continued(engine)),
        ]
    return np.exp(np.column_stack(log_p))


@pytest.mark.parametrize("name", HONEST)
def test_an_honest_cohort_is_no_crowd(name: str) -> None:
    """Campuses, browsers, links, carriers, feeds, own pages, markets and archives are not found."""
    for seed in range(3):
        rng = np.random.default_rng(seed)
        assert found_in(surfers(rng), HONEST[name](rng)) == ()


def test_all_honest_cohorts_together_are_no_crowd() -> None:
    """Honest cohorts beside each other are not found either, whether they leave traces or not."""
    rng = np.random.default_rng(5)
    honest = together(surfers(rng), *(draw(rng) for draw in HONEST.values()))
    assert found_in(honest) == ()
    without = np.arange(honest.visitors) >= SURFERS
    traced = ~without & (rng.random(honest.visitors) >= 0.1)
    assert found_in(replace(honest, traced=traced)) == ()


def test_p_values_of_honest_cohorts_are_conservative() -> None:
    """At most as many p-values lie below 5 % and 20 % as chance gives, for each of the tests."""
    found = []
    for seed in range(8):
        rng = np.random.default_rng(100 + seed)
        names = list(HONEST)
        visits = together(surfers(rng), HONEST[names[seed % len(names)]](rng))
        found.append(p_values(partly_traced(rng, visits, 0.1 * (seed % 4))))
    p = np.concatenate(found)
    assert len(p) > 150
    for level in (0.05, 0.2):
        assert (np.mean(p <= level, axis=0) <= level).all()


@pytest.mark.parametrize("in_order", [True, False])
def test_an_exit_with_an_address_per_request_is_no_crowd(in_order: bool) -> None:
    """Each page of a reader is a visitor of its own there; its p-values are conservative, too."""
    found = []
    for seed in range(6):
        rng = np.random.default_rng(seed)
        addresses = 16_000 if seed % 2 else 2_000
        exit_ = rotating_exit(rng, in_order=in_order, addresses=addresses)
        population = together(readers(rng, in_order=in_order), exit_)
        assert found_in(population) == ()
        found.append(p_values(population))
    p = np.concatenate(found)
    assert len(p) > 150
    for level in (0.05, 0.2):
        assert (np.mean(p <= level, axis=0) <= level).all()


def test_without_its_sessions_such_an_exit_looks_like_a_crowd() -> None:
    """The visitors' own runs are one page long, so they do not tell that one reader took all."""
    rng = np.random.default_rng(1)
    with ledger(together(readers(rng), rotating_exit(rng))) as engine:
        select_visitors(engine)
        form_cohorts(engine)
        counts = count_shared(engine, swapped=False)
        alone = score_repeats(counts)
        sessions, _ = score_both_halves(engine, counts, measured=1.0)
    worst = int(np.argmin(alone.log_p))
    assert alone.index_of_dispersion[worst] < 2
    assert sessions.index_of_dispersion[worst] > 20
    assert alone.log_p[worst] < np.log(0.001)
    assert sessions.log_p[worst] > np.log(0.2)


@pytest.mark.parametrize(
    ("visitors", "pages", "of"),
    [
        (2_000, 3, {"client": "forged", "network": ""}),
        (2_000, 3, {"client": "", "network": "2001:db8:17::"}),
        (900, 12, {"client": "", "network": ""}),
    ],
)
def test_a_crowd_is_found_by_what_its_visitors_share(
    visitors: int, pages: int, of: dict[str, str]
) -> None:
    """A client, a network or the number of items is enough; hardly any honest visitor is in it."""
    for seed in range(2):
        rng = np.random.default_rng(seed)
        (ring,) = found_in(surfers(rng), crowd(rng, visitors, pages, **of))
        members = ring.keys >= SURFERS
        assert members.sum() >= 0.8 * visitors
        assert np.mean(~members) <= 0.02
        assert ring.test == "crowd"
        assert ring.observed < ring.expected / 8
        assert ring.cohort is not None


def test_a_crowd_beside_all_honest_cohorts_is_found_alone() -> None:
    """A crowd does not draw the campus, the news or the feed readers into its finding."""
    rng = np.random.default_rng(8)
    honest = together(surfers(rng), *(draw(rng) for draw in HONEST.values()))
    (ring,) = found_in(honest, crowd(rng, 2_000, 4, "forged"))
    members = ring.keys >= honest.visitors
    assert members.sum() >= 0.8 * 2_000
    assert np.mean(~members) <= 0.02


def test_visitors_that_continue_each_other_are_found() -> None:
    """A crowd that is too small for repeats is found by its order, and not in a random order."""
    rng = np.random.default_rng(2)
    (ring,) = found_in(surfers(rng), crowd(rng, 100, 10, "one", in_order=True))
    assert ring.continued >= 95
    assert set(ring.keys.tolist()) <= set(range(SURFERS, SURFERS + 100))
    assert found_in(surfers(rng), crowd(rng, 100, 5, "one")) == ()


def test_large_crawls_are_found_although_sessions_are_counted() -> None:
    """A crawl in order is longer than people read; random pages are neighbours by chance."""
    rng = np.random.default_rng(0)
    one = crowd(rng, 4_000, 1, "forged", in_order=True)
    other = crowd(rng, 2_000, 3, "forged")
    other = replace(other, second=3 * DAY + (other.second - 2 * DAY) // 48)
    for attack in (one, other):
        (ring,) = found_in(surfers(rng), attack)
        assert (ring.keys >= SURFERS).sum() >= 0.6 * attack.visitors
        assert np.mean(ring.keys < SURFERS) <= 0.02


def test_a_crowd_without_anything_in_common_is_missed() -> None:
    """Visitors with browsers of surfers and uneven numbers of items hide among them."""
    rng = np.random.default_rng(3)
    parts = [crowd(rng, 20, pages) for pages in range(3, 9)]
    assert found_in(surfers(rng), *parts) == ()


def test_visitors_without_traces_of_a_browser_are_a_cohort() -> None:
    """A crowd with nothing else in common is found if it fetches pages alone, and else missed.

    Honest visitors take two pages on average here. The next test has those who take four.
    """
    for seed in range(2):
        rng = np.random.default_rng(seed)
        honest = partly_traced(rng, surfers(rng, 6_000, pages=2.0), 0.1)
        (ring,) = found_in(honest, uneven_crowd(rng, 2_000, traced=False))
        members = ring.keys >= honest.visitors
        assert members.sum() >= 0.5 * 2_000
        assert np.mean(~members) <= 0.02
        assert ring.cohort is not None
        assert ring.cohort.kind == "no traces"
        assert found_in(honest, uneven_crowd(rng, 2_000, traced=True)) == ()


def test_a_crowd_without_traces_is_missed_where_honest_visitors_take_more_pages() -> None:
    """Honest visitors take four pages on average, and the crowd about eight."""
    for seed in range(2):
        rng = np.random.default_rng(seed)
        honest = partly_traced(rng, surfers(rng, 6_000), 0.1)
        assert found_in(honest, uneven_crowd(rng, 2_000, traced=False)) == ()


def test_where_hardly_anybody_has_traces_their_absence_is_no_attribute() -> None:
    """Behind a cache, visitors without traces are not a cohort."""
    rng = np.random.default_rng(4)
    for untraced, cohorts in ((0.3, 1), (0.9, 0)):
        with ledger(partly_traced(rng, surfers(rng), untraced)) as engine:
            select_visitors(engine)
            form_cohorts(engine)
            of = "SELECT count(*) FROM crowd_cohorts WHERE kind = 'no traces'"
            assert engine.rows(of) == [(cohorts,)]


def test_members_of_known_rings_are_not_reported_again() -> None:
    """A crowd whose members are in another ring is left to that ring."""
    rng = np.random.default_rng(0)
    population = together(surfers(rng), crowd(rng, 2_000, 3, "forged"))
    with ledger(population) as engine:
        (ring,) = find_crowds(engine)
        assert find_crowds(engine, [ring.keys]) == ()


def test_names_of_visitors_do_not_matter_much() -> None:
    """With other keys, and so other halves, the same crowd is found."""
    rng = np.random.default_rng(1)
    one = together(surfers(rng), crowd(rng, 1_500, 4, "forged"))
    order = rng.permutation(one.visitors)
    place = np.argsort(order)
    other = Visits(
        place[one.account], one.item, one.second, one.client[order], one.network[order],
        one.traced[order],
    )  # fmt: skip
    (before,), (after,) = found_in(one), found_in(other)
    assert set(place[before.keys.astype(int)].tolist()) == set(after.keys.astype(int).tolist())


def test_an_empty_ledger_has_no_crowd() -> None:
    """Without visitors there are no cohorts."""
    none = np.zeros(0, dtype=np.int64)
    empty = np.zeros(0, dtype=object)
    assert found_in(Visits(none, none, none, empty, empty, none.astype(bool))) == ()


def test_every_kind_of_cohort_can_be_told() -> None:
    """The sentence of a finding has words for what the visitors have in common."""
    kinds = set(re.findall(r"'([a-z, ]+)' AS kind", VALUES.sql))
    assert kinds == set(COHORT_WORDS)
    assert kinds >= MIXED
