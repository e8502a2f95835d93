"""The evidence on accounts and rings is in French on French pages, with the same numbers."""

from __future__ import annotations

import itertools
import random
import re
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
from tests.verdicts.scored import a_ring, honest

from ringfence.evidence import Canary, EvidenceTest, built_in_tests
from ringfence.evidence.bulk_sessions import BulkItems
from ringfence.model.ring import Cohort, Ring
from ringfence.own_past import OwnPast
from ringfence.service.dashboard.evidence_sentences import EvidenceText, evidence_text
from ringfence.verdicts.library_copies import LibraryCopies
from ringfence.verdicts.ring_findings import COHORT_WORDS, COMPARED_BY, sentence
from ringfence.verdicts.ring_verdicts import (
    RingVerdict,
    members_evidence,
    stolen_evidence,
    with_ring_evidence,
)

THIN = "\N{NARROW NO-BREAK SPACE}"


class Numbers(dict[str, float]):
    """Any number that a sentence asks for."""

    def __init__(self, seed: int) -> None:
        super().__init__()
        self._dice = random.Random(seed)  # noqa: S311 - repeatable

    def __missing__(self, name: str) -> float:
        """Return a number that may stand anywhere."""
        self[name] = self._dice.choice([1, 1, 2, 30, 0.04, 0.5, 1.5, 86, 1234.5, 2_860_000])
        return self[name]

    def get(self, name: str, _: object = None) -> float:  # type: ignore[override] # simpler
        """Return a number as well, which is 0 half of the time."""
        return self[name] if self._dice.random() < 0.5 else 0.0


def digits(text: str) -> list[str]:
    """Return the numbers in a text, without signs that depend on the language."""
    plain = re.sub(f"(?<=[0-9])[,.{THIN}](?=[0-9])", "", text)
    return sorted(re.findall("[0-9]+", plain))


def assert_translated(text: str) -> None:
    """The French text has the numbers of the English one, and no place without a number."""
    found = evidence_text("fr", text)
    assert found.language == "fr", text
    assert digits(found.text) == digits(text)
    assert not set("{}") & set(found.text)
    assert evidence_text("en", text) == EvidenceText("en", text)


@pytest.mark.parametrize("test", [*built_in_tests(), Canary([])], ids=lambda one: one.name)
def test_every_sentence_of_every_test_is_translated(test: EvidenceTest) -> None:
    """Whatever the numbers are, the French text has the same ones, and no place without one."""
    for seed in range(300):
        assert_translated(test.sentence(Numbers(seed)))


SCORED = honest(np.random.default_rng(1), 60)


def rings() -> Iterator[Ring]:
    """Yield a ring of every kind that a sentence tells apart, with few and with many items."""
    base = a_ring(SCORED, np.arange(20))
    for level, one_in, index, foreign in itertools.product(
        COMPARED_BY, (1, 16), (1.0, 40.0), (0, 1)
    ):
        yield replace(
            base, level=level, one_in=one_in, index_of_dispersion=index, is_foreign=bool(foreign)
        )
    for one_in, observed, foreign in itertools.product((1, 16), (1.0, 12_345.0), (0, 1)):
        yield replace(
            base, test="lockstep", one_in=one_in, observed=observed, is_foreign=bool(foreign)
        )
    for kind, continued in itertools.product(COHORT_WORDS, (0, 7)):
        cohort = Cohort(kind, "a <value>", 4_000)
        yield replace(base, test="crowd", cohort=cohort, continued=continued)


def test_every_sentence_about_rings_is_translated() -> None:
    """Those on a ring, on its members together, and on one member."""
    for ring in rings():
        assert_translated(sentence(ring))
        rows = np.arange(20)
        for found, stolen in ((1, 1), (17, 20)):
            verdict = RingVerdict(ring, rows, "suspect", rows < 0, found, stolen)
            together = (members_evidence(verdict, 60), stolen_evidence(verdict, 60))
            for evidence in together:
                assert evidence is not None
                assert_translated(evidence.sentence)
            judged, _ = with_ring_evidence(SCORED, np.full(60, "", dtype=object), [verdict])
            assert_translated(judged.ring_evidence[0].sentence)


@pytest.mark.parametrize("number", [1, 2, 3_000])
def test_copies_of_libraries_and_own_pasts_are_translated(number: int) -> None:
    """With and without groups, and with and without use by the owner meanwhile."""
    keys, many, none = np.array([7], np.uint64), np.array([float(number)]), np.zeros(1)
    for other in (many, none):
        copied = BulkItems(keys, many, other, many)
        assert_translated(LibraryCopies(np.arange(1), copied, {}, {}).evidence(0).sentence)
        past = OwnPast(keys, np.ones(1) / 9, many, many, many, many, many, other)
        evidence = past.evidence(7)
        assert evidence is not None
        assert_translated(evidence.sentence)


def test_numbers_and_nouns_are_those_of_french() -> None:
    """Thousands, decimals and percent signs, and the singular below 2."""
    text = (
        "Took 1 item it had never taken before on its busiest day. The typical user's busiest day "
        "has 2,860."
    )
    assert evidence_text("fr", text).text == (
        "Le jour de sa plus forte activité, il a pris 1 élément qu’il n’avait jamais pris "
        f"auparavant. Chez l’utilisateur typique, ce jour en compte 2{THIN}860."
    )
    share = evidence_text("fr", "The typical user's share is 12.5%.").text
    assert share == "Chez l’utilisateur typique, cette part est de 12,5\N{NO-BREAK SPACE}%."


def test_a_text_with_an_unknown_sentence_or_number_stays_english() -> None:
    """A mixture of both would be read with the wrong voice by a screen reader."""
    for text in (
        "The typical user's is 1. Anything else.",
        "<b>1</b>",
        "",
        "1," * 5_000,
        "The typical user's is 1.\n",
        "Took 5% items it had never taken before on its busiest day.",
        "Took nan items it had never taken before on its busiest day.",
        "Took 1,,, items it had never taken before on its busiest day.",
        "Took 12,34 items it had never taken before on its busiest day.",
        "The typical user's share is inf.",
        "The typical user's share is 0.%.",
    ):
        assert evidence_text("fr", text) == EvidenceText("en", text)
