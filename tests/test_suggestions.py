"""Suggestions for misspelt names."""

from __future__ import annotations

import pytest

from ringfence.suggestions import closest, did_you_mean


@pytest.mark.parametrize(
    ("typed", "known", "expected"),
    [
        ("greddy", ["greedy", "ring-random"], ["greedy"]),
        ("GREEDY", ["greedy"], ["greedy"]),
        ("jdoe", ["JDoe", "jdoe2", "zebra"], ["JDoe", "jdoe2"]),
        ("xyz", ["greedy"], []),
        ("", ["greedy"], []),
        ("a", [], []),
    ],
)
def test_similar_names_are_found(typed: str, known: list[str], expected: list[str]) -> None:
    """The most similar name comes first, letter case does not count, others are left out."""
    assert closest(typed, known) == expected


def test_at_most_three_names() -> None:
    """A hint stays short, also if names differ in letter case alone."""
    assert len(closest("ring1", [f"ring{n}" for n in range(9)])) == 3
    assert len(closest("ring", ["ring", "Ring", "RING", "rING", "riNG"])) == 3


@pytest.mark.parametrize(
    ("known", "expected"),
    [(["greedy"], "did you mean greedy?"), (["nothing"], ""),
     (["greedy", "greedy-2"], "did you mean greedy or greedy-2?")],
)  # fmt: skip
def test_the_hint_is_a_question(known: list[str], expected: str) -> None:
    """The hint names what may be meant; without a similar name there is no hint."""
    assert did_you_mean("greddy", known) == expected
