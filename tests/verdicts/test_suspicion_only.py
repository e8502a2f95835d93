"""Evidence that counts for suspicion only makes suspects, and never helps to accuse."""

from __future__ import annotations

import itertools
from typing import Final

import numpy as np
from tests.verdicts.scored import honest

from ringfence.evidence import Scores
from ringfence.evidence.bulk_sessions import BulkItems
from ringfence.stats.arrays import Floats
from ringfence.verdicts import ScoredAccounts, account_verdicts, judge_tests
from ringfence.verdicts.library_copies import Copies, LibraryCopies

RATE = 0.01
ROW = 7
"""The account with an order that is rare."""


PLANTED: Final = {"volume": 1e-5, "order": 1e-20, "pace": 1e-3}


def judged(
    accusing: float | None,
    copied_volume: float | None = None,
    pace: float = PLANTED["pace"],
    *,
    recognised: bool = True,
) -> ScoredAccounts:
    """Return users. One of them goes in order, takes much and pauses little.

    Args:
        accusing: its p-value of order that counts toward an accusation; None if all of it counts.
        copied_volume: its p-value of volume if it has copied a library; None without such a copy.
        pace: its p-value of pace.
        recognised: whether the log shows that it is a copy.
    """
    drawn = honest(np.random.default_rng(2), 2_000)
    keys = drawn.accounts["account_key"]
    planted = PLANTED | {"pace": pace}
    by_test = {name: _one_of(keys.size, p) for name, p in planted.items()}
    order = by_test["order"]
    own = None if accusing is None else _one_of(keys.size, accusing)
    scores = {"order": Scores(keys, order, order, order, accusing=own)}
    copies = Copies()
    if copied_volume is not None:
        rows, one = np.array([ROW]), np.ones(1)
        rest = {name: p[rows] for name, p in by_test.items()} | {"volume": one * copied_volume}
        found = LibraryCopies(rows, BulkItems(keys[rows], one, one, one, recognised), rest, {})
        copies = Copies(recognised=found) if recognised else Copies(possible=found)
    return judge_tests(drawn.accounts, by_test, scores, (), copies=copies)


def _one_of(accounts: int, p_value: float) -> Floats:
    """Return p-values of one half, and that of the account."""
    values = np.full(accounts, 0.5)
    values[ROW] = p_value
    return values


def test_it_makes_a_suspect_and_does_not_accuse() -> None:
    """With all of its order the account is extracting, otherwise a suspect. Others are the same."""
    whole, part = judged(None), judged(1.0)
    assert account_verdicts(whole, RATE)[ROW] == "extracting"
    assert account_verdicts(part, RATE)[ROW] == "suspect"
    assert np.array_equal(np.delete(part.fused, ROW), np.delete(whole.fused, ROW))
    assert np.array_equal(np.delete(part.p_values, ROW), np.delete(whole.p_values, ROW))
    assert part.by_test["order"][ROW] == PLANTED["order"]


def test_it_never_makes_more_suspects_than_if_it_accused() -> None:
    """An account with a copy is a suspect only if both explanations are rare, as without it."""
    cases = itertools.product((1e-4, 0.01, 0.5), (1e-3, 0.1, 0.9), (1e-10, 0.01, 1.0))
    for copied_volume, pace, accusing in cases:
        whole, part = judged(None, copied_volume, pace), judged(accusing, copied_volume, pace)
        assert (part.fused >= whole.fused).all()
        assert (part.p_values >= whole.p_values).all(), (copied_volume, pace, accusing)


def test_a_possible_copy_stands_against_an_accusation_only() -> None:
    """Without the copy the volume is usual, a little unusual or rare. It is a suspect each time."""
    direct = judged(None)
    for copied_volume, verdict in ((0.5, "suspect"), (0.04, "suspect"), (1e-5, "extracting")):
        found = judged(None, copied_volume, pace=0.2, recognised=False)
        assert account_verdicts(found, RATE)[ROW] == verdict
        assert found.volume[ROW] == direct.volume[ROW]
        assert np.array_equal(np.delete(found.fused, ROW), np.delete(direct.fused, ROW))


def test_a_possible_copy_needs_both_kinds_of_witness() -> None:
    """The order that does not count toward an accusation does not count beside a copy either."""
    whole, part = (judged(one, 0.04, recognised=False) for one in (None, 1.0))
    assert account_verdicts(whole, RATE)[ROW] == "extracting"
    assert account_verdicts(part, RATE)[ROW] == "suspect"
