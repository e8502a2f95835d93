"""Test every move from every state by everybody."""

from __future__ import annotations

from itertools import product
from typing import get_args

import pytest

from ringfence.cases.states import MOVES, POLICY, SCAN, Author, Move, Role, next_state
from ringfence.errors import CasesError
from ringfence.model.case_status import CaseState

ALLOWED = {
    ("open", "decide", "reviewer"): "decided",
    ("decided", "decide", "reviewer"): "decided",
    ("open", "decide", "policy"): "decided",
    ("decided", "decide", "policy"): "decided",
    ("open", "dismiss", "reviewer"): "dismissed",
    ("open", "allow", "reviewer"): "allowed",
    ("dismissed", "allow", "reviewer"): "allowed",
    ("closed", "allow", "reviewer"): "allowed",
    ("decided", "appeal", "reviewer"): "appealed",
    ("appealed", "appeal", "reviewer"): "appealed",
    ("appealed", "answer", "reviewer"): "appealed",
    ("appealed", "uphold", "reviewer"): "decided",
    ("appealed", "overturn", "reviewer"): "closed",
    ("decided", "reinstate", "reviewer"): "closed",
    ("appealed", "reinstate", "reviewer"): "closed",
    ("decided", "expire", "scan"): "closed",
    ("decided", "release", "reviewer"): "decided",
    ("appealed", "release", "reviewer"): "appealed",
    **{
        (state, "reopen", role): "open"
        for state in ("dismissed", "allowed", "closed")
        for role in ("reviewer", "scan")
    },
}
"""Every move that there is, in full."""


@pytest.mark.parametrize(
    ("state", "move", "role"), list(product(get_args(CaseState), get_args(Move), get_args(Role)))
)
def test_only_these_moves_exist(state: CaseState, move: Move, role: Role) -> None:
    """Every other move is refused, and the case named."""
    author = {"policy": POLICY, "scan": SCAN}.get(role, Author("ana"))
    after = ALLOWED.get((state, move, role))
    if after:
        assert next_state(7, state, move, author) == after
    else:
        with pytest.raises(CasesError, match=r"^case 7: "):
            next_state(7, state, move, author)


def test_every_state_can_be_left_and_reached() -> None:
    """No case gets stuck."""
    reached = {rule.after for rule in MOVES.values() if rule.after}
    left = {state for rule in MOVES.values() for state in rule.before}
    assert reached == left == set(get_args(CaseState))


@pytest.mark.parametrize("name", ["", " ", "policy", "scan", "a\nb"])
def test_nobody_acts_without_a_name_or_as_the_program(name: str) -> None:
    """A person needs a name, and cannot pass for the policy."""
    with pytest.raises(CasesError):
        Author(name)
