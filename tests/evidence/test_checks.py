"""The public checks fail on tests that break a promise."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from ringfence.evidence import CannotRun, Context, Scores
from ringfence.evidence.volume import Volume
from ringfence.testing import CHECKS, Check, evidence_checks

Change = Callable[[Scores], Scores]


class Honest(Volume):
    """Volume under another name."""

    def score(self, context: Context) -> Scores:
        """Score as volume does."""
        return super().score(context)


def changed(change: Change) -> Honest:
    """Return a test whose scores are changed afterwards."""

    class OtherScores(Honest):
        """A test whose scores are changed."""

        def score(self, context: Context) -> Scores:
            """Score as volume does, then change it."""
            return change(super().score(context))

    return OtherScores()


def by_key(scores: Scores) -> Scores:
    """Return p-values that depend on the hash of an account's name."""
    p = (scores.keys % np.uint64(97)).astype(np.float64) / 97 + 0.005
    return replace(scores, p_values=np.minimum(p, 1.0))


def guessing(context: Context) -> Scores:
    """Return other p-values in a log without seconds."""
    scores = Volume().score(context)
    return scores if "seconds" in context.columns else replace(scores, p_values=scores.p_values / 2)


@pytest.mark.slow
@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_an_honest_test_passes(check: Check) -> None:
    """A test that keeps its promises passes every check."""
    check(Honest())


@pytest.mark.slow
@pytest.mark.parametrize(
    ("check", "change"),
    [
        ("scores_are_sound", lambda s: replace(s, p_values=s.p_values * 0)),
        ("scores_are_sound", lambda s: replace(s, p_values=s.p_values + 1)),
        ("scores_are_sound", lambda s: replace(s, observed=s.observed * np.nan)),
        ("scores_are_sound", lambda s: replace(s, keys=s.keys[::-1])),
        ("scores_are_sound", lambda s: replace(s, expected=s.expected[:0])),
        ("renaming", by_key),
        ("more_extreme_is_rarer", lambda s: replace(s, p_values=1.0001 - s.p_values)),
        ("one_user_is_not_rare", lambda s: replace(s, p_values=s.p_values / 1e6)),
    ],
)
def test_wrong_scores_are_caught(check: str, change: Change) -> None:
    """Each kind of wrong score fails its check."""
    with pytest.raises(AssertionError):
        getattr(evidence_checks, f"check_{check}")(changed(change))


def test_guessing_is_caught() -> None:
    """A test that gives other p-values if a column is missing fails."""

    class Guessing(Honest):
        """Use a column that it does not need."""

        def score(self, context: Context) -> Scores:
            """Guess if the column is missing."""
            return guessing(context)

    with pytest.raises(AssertionError, match="columns it does not need"):
        evidence_checks.check_silent_without_columns(Guessing())


def test_never_running_is_caught() -> None:
    """A test that cannot run on a log with every column fails, and the message has the promise."""

    class Never(Honest):
        """A test that never runs."""

        def score(self, context: Context) -> Scores:  # noqa: ARG002 - the signature is given
            """Refuse."""
            raise CannotRun("not today")

    with pytest.raises(AssertionError, match="it runs on a log with every column"):
        evidence_checks.check_measures_extractors(Never())


@pytest.mark.parametrize(
    ("attribute", "value"),
    [
        ("question", "Does it."),
        ("name", "Two Words"),
        ("family", "mood"),
        ("fails", ""),
        ("source", "no full stop at all"),
        ("__doc__", ""),
    ],
)
def test_poor_declarations_are_caught(attribute: str, value: str) -> None:
    """A missing or malformed declaration fails."""
    poor = type("Poor", (Honest,), {attribute: value, "__module__": __name__})
    with pytest.raises(AssertionError):
        evidence_checks.check_declares(poor())


@pytest.mark.parametrize(
    "sentence",
    [
        "No numbers.",
        "It took 12345 items.",
        "It is nan of 5.",
        "Two\nlines of 3.",
        "No full stop: 3",
    ],
)
def test_poor_sentences_are_caught(sentence: str) -> None:
    """A sentence without readable numbers, or of several lines, fails."""

    class Poor(Honest):
        """A test with a poor sentence."""

        def sentence(self, numbers: dict[str, float]) -> str:
            """Return the same text for every account."""
            return f"{numbers['observed']:,.0f}"[:0] + sentence

    with pytest.raises(AssertionError):
        evidence_checks.check_sentence_has_numbers(Poor())
