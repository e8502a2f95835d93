"""The promises of an evidence test, as checks that can be run on a test of another package.

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
from typing import Final

import numpy as np
import numpy.typing as npt

from ringfence.evidence import FAMILIES, CannotRun, Context, EvidenceTest, Scores
from ringfence.testing import populations

Check = Callable[[EvidenceTest], None]

DESCRIPTIONS: Final = ("question", "needs", "fails", "source")
"""Class attributes in which a test describes itself."""

TOLERANCE: Final = 1e-9
"""Relative difference that summing in another order may cause."""


def check_declares(test: EvidenceTest) -> None:
    """Require name, family, question, needs, failures, source and docstrings."""
    _require(re.fullmatch(r"[a-z][a-z0-9_]*", test.name), "name is a lower-case word")
    _require(test.family in FAMILIES, f"family is one of {FAMILIES}")
    for name in DESCRIPTIONS:
        _require(len(getattr(test, name)) > 10, f"{name} has a text")
    _require(test.question.endswith("?"), "question ends with a question mark")
    for name in ("fails", "source"):
        _require(getattr(test, name).endswith("."), f"{name} is a sentence")
    module = sys.modules[type(test).__module__]
    for what, documented in (("class", type(test)), ("score", test.score), ("module", module)):
        _require(documented.__doc__, f"the {what} has a docstring")


def check_scores_are_sound(test: EvidenceTest) -> None:
    """Require ascending keys, finite numbers of one length, and p-values in (0, 1]."""
    for context in (
        populations.all_columns(),
        populations.required_columns(),
        populations.one_user(),
    ):
        scores = _scores(test, context)
        if scores is not None:
            _require_sound(scores)


def check_measures_extractors(test: EvidenceTest) -> None:
    """Require that the test runs on a log with every column, and measures the extractors."""
    p = _by_account(test, populations.all_columns())
    _require({populations.MILD, populations.EXTREME} <= p.keys(), "it measures heavy accounts")


def check_silent_without_columns(test: EvidenceTest) -> None:
    """Require that a missing column stops the test or does not matter; a test never guesses."""
    without = _scores(test, populations.required_columns())
    if without is not None:
        _require_same(
            _by_account(test, populations.all_columns()),
            _by_account(test, populations.required_columns()),
            "columns it does not need",
        )


def check_silent_on_nothing(test: EvidenceTest) -> None:
    """Require that no account is measured in an empty ledger, with or without columns."""
    empty = populations.empty()
    columns = populations.all_columns().columns
    for context in (
        empty,
        Context(empty.engine, "music", 0, columns, grouped=True, days=1),
    ):
        scores = _scores(test, context)
        _require(scores is None or scores.keys.size == 0, "no account is measured")


def check_renaming(test: EvidenceTest) -> None:
    """Require that new names of accounts, items and groups change no p-value.

    The accounts ask for each missing item once. Where they ask again and again, the number of
    different missing items is known only up to a bound that depends on their names (see
    :mod:`ringfence.ledger.different_items`), so a test that reads it is not checked for that.
    """
    before = _by_account(test, populations.all_columns())
    _require_same(
        {populations.new_name(name): p for name, p in before.items()},
        _by_account(test, populations.renamed()),
        "names",
    )


def check_slicing(test: EvidenceTest) -> None:
    """Require that a log folded in slices gives the p-values of one scan."""
    _require_same(
        _by_account(test, populations.all_columns()),
        _by_account(test, populations.in_slices()),
        "slices",
    )


def check_repeatable(test: EvidenceTest) -> None:
    """Require the same p-values when the test runs again on the same ledger."""
    _require_same(
        _by_account(test, populations.all_columns()),
        _by_account(test, populations.all_columns()),
        "running again",
    )


def check_sentence_has_numbers(test: EvidenceTest) -> None:
    """Require printable text in full sentences, with numbers, for users and extractors alike."""
    scores = _measured(test, populations.all_columns())
    sentences = [test.sentence(scores.at(row)) for row in range(scores.keys.size)]
    for sentence in sentences:
        _require(sentence.isprintable() and sentence.endswith("."), f"full sentences: {sentence!r}")
        _require(re.search(r"\d", sentence), f"numbers: {sentence!r}")
        _require(not re.search(r"\b(nan|inf)\b|\d{5}", sentence), f"readable numbers: {sentence!r}")
    _require(len(set(sentences)) > 1, "accounts that differ get sentences that differ")


def check_more_extreme_is_rarer(test: EvidenceTest) -> None:
    """Require that an extractor is rarer than nine in ten users, and a bolder one at least as rare.

    The extractor does everything that a log can show.
    """
    p = _by_account(test, populations.all_columns())
    mild, extreme = p.pop(populations.MILD), p.pop(populations.EXTREME)
    _require(extreme <= mild * (1 + TOLERANCE), f"bolder is rarer: {extreme:.2g}, {mild:.2g}")
    _require(mild <= np.quantile(list(p.values()), 0.1), f"rarer than users: {mild:.2g}")


def check_one_user_is_not_rare(test: EvidenceTest) -> None:
    """Require that a single user is not measured, or has a p-value above 0.01."""
    scores = _scores(test, populations.one_user())
    _require(scores is None or bool((scores.p_values > 0.01).all()), "a single user is not rare")


CHECKS: Final[tuple[Check, ...]] = (
    check_declares,
    check_scores_are_sound,
    check_measures_extractors,
    check_silent_without_columns,
    check_silent_on_nothing,
    check_renaming,
    check_slicing,
    check_repeatable,
    check_sentence_has_numbers,
    check_more_extreme_is_rarer,
    check_one_user_is_not_rare,
)
"""Every check; each takes one evidence test."""


def _scores(test: EvidenceTest, context: Context) -> Scores | None:
    """Return the scores, or None if the test gives a reason why it cannot run."""
    try:
        return test.score(context)
    except CannotRun as reason:
        _require(str(reason).strip(), "it gives the reason why it cannot run")
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
        _require(values.shape == scores.keys.shape, f"{name} has one value per key")
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
            bool(np.isclose(p, other[name], rtol=TOLERANCE, atol=0)),
            f"{what}: {name} has p = {p:.6g}, then {other[name]:.6g}",
        )


def _require(holds: object, promise: str) -> None:
    if not holds:
        raise AssertionError(promise)
