"""What every evidence test promises, as checks that anybody can put to a test of their own.

    >>> import pytest
    >>> from ringfence.testing import CHECKS
    >>> @pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
    ... def test_contract(check):
    ...     check(MyTest())

A check raises AssertionError with the promise that is broken.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from typing import Final, get_args

import numpy as np
import numpy.typing as npt

from ringfence.evidence import CannotRun, Context, EvidenceTest, Family, Scores
from ringfence.testing import _populations as populations

Check = Callable[[EvidenceTest], None]

DECLARED: Final = ("question", "needs", "fails", "source")

SAME: Final = 1e-9
"""Relative difference that summing in another order may make."""


def check_declares(test: EvidenceTest) -> None:
    """It says its name, family, question, needs, failures and source, and is documented."""
    _require(re.fullmatch(r"[a-z][a-z_]*", test.name), "name is a lower-case word")
    _require(test.family in get_args(Family), f"family is one of {get_args(Family)}")
    for declared in DECLARED:
        _require(len(getattr(test, declared)) > 10, f"{declared} says something")
    _require(test.question.endswith("?"), "question ends with a question mark")
    for declared in ("fails", "source"):
        _require(getattr(test, declared).endswith("."), f"{declared} is a sentence")
    module = sys.modules[type(test).__module__]
    for what, documented in (("class", type(test)), ("score", test.score), ("module", module)):
        _require(documented.__doc__, f"the {what} has a docstring")


def check_scores_are_sound(test: EvidenceTest) -> None:
    """Keys ascend, every number is there and finite, and p-values lie in (0, 1]."""
    for context in (populations.everything(), populations.bare(), populations.alone()):
        scores = _scores(test, context)
        if scores is not None:
            _require_sound(scores)


def check_measures_somebody(test: EvidenceTest) -> None:
    """On a log with every column it runs, and measures the accounts that extract."""
    p = _by_account(test, populations.everything())
    _require({populations.MILD, populations.EXTREME} <= p.keys(), "it measures heavy accounts")


def check_silent_without_columns(test: EvidenceTest) -> None:
    """Without a column it cannot run, or the column plays no part: it never guesses."""
    without = _scores(test, populations.bare())
    if without is not None:
        _require_same(
            _by_account(test, populations.everything()),
            _by_account(test, populations.bare()),
            "columns it does not need",
        )


def check_silent_on_nothing(test: EvidenceTest) -> None:
    """An empty ledger measures nobody, whatever the columns it was said to have."""
    empty = populations.nothing()
    columns = populations.everything().columns
    for context in (
        empty,
        Context(empty.engine, "music", 0, columns, grouped=True, days=1),
    ):
        scores = _scores(test, context)
        _require(scores is None or scores.keys.size == 0, "nobody is measured")


def check_relabelling(test: EvidenceTest) -> None:
    """Other names for accounts, items and groups change no p-value."""
    named = _by_account(test, populations.everything())
    _require_same(
        {populations.renamed(name): p for name, p in named.items()},
        _by_account(test, populations.relabelled()),
        "names",
    )


def check_slicing(test: EvidenceTest) -> None:
    """A log folded in slices gives the p-values of one scan."""
    _require_same(
        _by_account(test, populations.everything()),
        _by_account(test, populations.sliced()),
        "slices",
    )


def check_repeatable(test: EvidenceTest) -> None:
    """Asked twice it answers the same: it leaves nothing behind that it reads."""
    _require_same(
        _by_account(test, populations.everything()),
        _by_account(test, populations.everything()),
        "asking again",
    )


def check_sentence_has_numbers(test: EvidenceTest) -> None:
    """Its sentence is one printable line with numbers, for users and extractors alike."""
    scores = _measured(test, populations.everything())
    sentences = [test.sentence(scores.at(row)) for row in range(scores.keys.size)]
    for sentence in sentences:
        _require(sentence.isprintable() and sentence.endswith("."), f"one sentence: {sentence!r}")
        _require(re.search(r"\d", sentence), f"numbers: {sentence!r}")
        _require(not re.search(r"\b(nan|inf)\b|\d{5}", sentence), f"readable numbers: {sentence!r}")
    _require(len(set(sentences)) > 1, "accounts that differ get sentences that differ")


def check_more_extreme_is_rarer(test: EvidenceTest) -> None:
    """Who extracts in every way is rarer than nine users in ten; bolder is never less rare."""
    p = _by_account(test, populations.everything())
    mild, extreme = p.pop(populations.MILD), p.pop(populations.EXTREME)
    _require(extreme <= mild * (1 + SAME), f"bolder is rarer: {extreme:.2g}, {mild:.2g}")
    _require(mild <= np.quantile(list(p.values()), 0.1), f"rarer than users: {mild:.2g}")


def check_user_alone_is_not_rare(test: EvidenceTest) -> None:
    """One user with nobody to compare with is not called rare: silence, or p above 0.01."""
    scores = _scores(test, populations.alone())
    _require(scores is None or bool((scores.p_values > 0.01).all()), "a user alone is not rare")


CHECKS: Final[tuple[Check, ...]] = (
    check_declares,
    check_scores_are_sound,
    check_measures_somebody,
    check_silent_without_columns,
    check_silent_on_nothing,
    check_relabelling,
    check_slicing,
    check_repeatable,
    check_sentence_has_numbers,
    check_more_extreme_is_rarer,
    check_user_alone_is_not_rare,
)
"""Every check; each takes one evidence test."""


def _scores(test: EvidenceTest, context: Context) -> Scores | None:
    """Return the scores, or None where the test says why it cannot run."""
    try:
        return test.score(context)
    except CannotRun as reason:
        _require(str(reason).strip(), "it says why it cannot run")
        return None


def _measured(test: EvidenceTest, context: Context) -> Scores:
    scores = _scores(test, context)
    if scores is None:
        raise AssertionError("it runs on a log with every column")
    return scores


def _by_account(test: EvidenceTest, context: Context) -> dict[str, float]:
    scores = _measured(test, context)
    names = dict(context.engine.rows("SELECT account_key, account FROM accounts"))
    return {names[int(key)]: float(p) for key, p in zip(scores.keys, scores.p_values, strict=True)}


def _require_sound(scores: Scores) -> None:
    _require(bool(np.all(np.diff(scores.keys.astype(object)) > 0)), "keys ascend, none twice")
    arrays: dict[str, npt.NDArray[np.generic]] = {
        "observed": scores.observed,
        "expected": scores.expected,
        "p_values": scores.p_values,
        **scores.details,
    }
    for name, values in arrays.items():
        _require(values.shape == scores.keys.shape, f"{name} has one value a key")
        _require(
            bool(np.isfinite(np.ma.filled(values.astype(np.float64), np.nan)).all()),
            f"{name} is finite",
        )
    p = scores.p_values
    _require(bool(((p > 0) & (p <= 1)).all()), "p-values lie in (0, 1]")


def _require_same(one: dict[str, float], other: dict[str, float], what: str) -> None:
    _require(one.keys() == other.keys(), f"{what}: the same accounts are measured")
    for name, p in one.items():
        _require(
            bool(np.isclose(p, other[name], rtol=SAME, atol=0)),
            f"{what}: {name} has p = {p:.6g}, then {other[name]:.6g}",
        )


def _require(holds: object, promise: str) -> None:
    if not holds:
        raise AssertionError(promise)
