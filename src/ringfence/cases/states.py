"""The states of a case, the moves between them, and who may make them.

open ──decide──> decided ──appeal──> appealed ──answer──> decided (the decision stays)
  │                 │                                └──> closed  (the decision has ended)
  │                 └──reinstate, expire──> closed
  ├──dismiss──> dismissed
  └──allow────> allowed

dismissed, allowed, closed ──reopen──> open

A case is appealed while at least one appeal is open. So another appeal, and an answer while others
are open, do not change its state. An appealed case can be reinstated, and one of its accounts
released: both grant the open appeals that they make needless.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from ringfence.errors import CasesError
from ringfence.model.case_status import CaseState

Role = Literal["reviewer", "policy", "scan"]
"""Who acts: a person, the policy without a person, or the passing of time and events."""

Move = Literal[
    "decide",
    "dismiss",
    "allow",
    "appeal",
    "answer",
    "uphold",
    "overturn",
    "release",
    "reinstate",
    "expire",
    "reopen",
]
"""A change of a case.

``answer`` is an answer while other appeals are open. After the last one, the decision about the
case stays in force (``uphold``), or it has ended (``overturn``).
"""


@dataclass(frozen=True)
class Author:
    """A person or program that acts, as the audit names it.

    Attributes:
        name: a person's name or login; ``policy`` or ``scan`` for the program itself.
        role: in which role.
    """

    name: str
    role: Role = "reviewer"

    def __post_init__(self) -> None:
        """Refuse an author without a name, and a person who has the name of the program.

        Raises:
            CasesError: one of these is the case.
        """
        name = self.name.strip()
        if not name or not name.isprintable():
            raise CasesError("the author has no name", hint="give one with --author")
        if self.role == "reviewer" and name in {POLICY.name, SCAN.name}:
            raise CasesError(f"no person is named {name}", hint="give another --author")

    @property
    def is_machine(self) -> bool:
        """Whether no person is behind it."""
        return self.role != "reviewer"


@dataclass(frozen=True)
class Act:
    """A person or program that acts, the moment, and the version of the case that it looked at.

    Attributes:
        author: who.
        moment: when, microseconds since 1970.
        version: the version of the case that the author looked at; None if nothing was looked at.
    """

    author: Author
    moment: int
    version: int | None = None


@dataclass(frozen=True)
class _Rule:
    """From which states, to which state (None: it stays as it is), and by whom."""

    before: frozenset[CaseState]
    after: CaseState | None
    roles: frozenset[Role]


def _rule(before: str, after: CaseState | None, roles: str) -> _Rule:
    return _Rule(frozenset(before.split()), after, frozenset(roles.split()))  # type: ignore[arg-type] # words of the types


MOVES: Final[dict[Move, _Rule]] = {
    "decide": _rule("open decided", "decided", "reviewer policy"),
    "dismiss": _rule("open", "dismissed", "reviewer"),
    "allow": _rule("open dismissed closed", "allowed", "reviewer"),
    "appeal": _rule("decided appealed", "appealed", "reviewer"),
    "answer": _rule("appealed", "appealed", "reviewer"),
    "uphold": _rule("appealed", "decided", "reviewer"),
    "overturn": _rule("appealed", "closed", "reviewer"),
    "release": _rule("decided appealed", None, "reviewer"),
    "reinstate": _rule("decided appealed", "closed", "reviewer"),
    "expire": _rule("decided", "closed", "scan"),
    "reopen": _rule("dismissed allowed closed", "open", "reviewer scan"),
}
"""Every move that there is. A test walks through all others and expects a refusal."""

_HINTS: Final[dict[CaseState, str]] = {
    "open": "decide or dismiss it first",
    "decided": "a decision is in force; reinstate ends it, decide replaces it",
    "appealed": "answer the appeal first",
    "allowed": "a grant allows it; end the grant or reopen the case",
    "dismissed": "reopen it first",
    "closed": "reopen it first",
}


def next_state(case: int, state: CaseState, move: Move, author: Author) -> CaseState:
    """Return the state after a move.

    Raises:
        CasesError: the case is in another state, or this author may not make the move.
    """
    rule = MOVES[move]
    if author.role not in rule.roles:
        raise CasesError(f"only a person may {move} a case", where=f"case {case}")
    if state not in rule.before:
        raise CasesError(
            f"is {state}: {move} is not possible", where=f"case {case}", hint=_HINTS[state]
        )
    return rule.after or state


POLICY: Final = Author("policy", "policy")
SCAN: Final = Author("scan", "scan")
