"""Many names joined into few expressions match what each of them matches."""

from __future__ import annotations

import random
import re

import pytest
from tests.population.real_clients import PEOPLE
from tests.population.test_declared import example

from ringfence.population.client_lists import counter_entries, narrowed
from ringfence.population.name_expressions import BEGINS, ENDS, any_of, each_kind_of

PATTERNS = [
    *(pattern for entry in counter_entries("robot") if (pattern := narrowed(entry))),
    r"a\.b\/", "^abc$", f"{BEGINS}core{ENDS}", f"{BEGINS}^dcrawl", r"x|y\d", "end$", "[Cc]ase",
]  # fmt: skip


def clients() -> list[str]:
    """Examples of all names, alone, inside other words, with one sign changed, and people."""
    examples = [example(pattern) for pattern in PATTERNS]
    chance = random.Random(7)  # noqa: S311 - a sample
    changed = [
        text[:place] + chance.choice("aZ/ .-1") + text[place + 1 :]
        for text in examples
        for place in [chance.randrange(max(1, len(text)))]
    ]
    inside = [f"Mozilla/5.0 x{text}x" for text in examples]
    return [*examples, *map(str.upper, examples), *changed, *inside, *PEOPLE]


@pytest.fixture(scope="module")
def matched() -> dict[str, bool]:
    """Each client, and whether any single expression matches it."""
    each = [re.compile(pattern, re.IGNORECASE) for pattern in PATTERNS]
    return {client: any(one.search(client) for one in each) for client in clients()}


def test_one_expression_matches_what_each_matches(matched: dict[str, bool]) -> None:
    """Order, frames and case change nothing."""
    one = re.compile(any_of(PATTERNS))
    assert {client: bool(one.search(client)) for client in matched} == matched


def test_the_three_kinds_together_match_the_same(matched: dict[str, bool]) -> None:
    """No expression is lost between plain names, framed names and others."""
    kinds = [re.compile(kind) for kind in each_kind_of(PATTERNS)]
    found = {client: any(kind.search(client) for kind in kinds) for client in matched}
    assert found == matched


def test_names_that_begin_alike_stand_together() -> None:
    """RE2 joins neighbours only, so the order decides how large its automaton becomes."""
    mixed = random.Random(3).sample(PATTERNS, len(PATTERNS))  # noqa: S311 - a sample
    assert any_of(mixed) == any_of(PATTERNS)
    assert any_of(["bot/", r"a\.b", "Bot", f"{BEGINS}x", f"{BEGINS}c"]) == (
        rf"(?i)(?:a\.b|Bot|bot/)|{BEGINS}(?:c|x)"
    )
