"""A question of a reviewer, its progress and its answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

QuestionKind = Literal["trace", "replay", "canaries"]
"""Kinds of questions: which accounts fit a complaint, which ones a policy would have affected, and
which ones used canaries."""

QuestionState = Literal["waiting", "running", "answered", "failed", "stopped"]
"""The progress of a question."""


@dataclass
class Question:
    """A question. The thread that has it answered changes it; the pages read it.

    Attributes:
        number: from 1, since the start of the service.
        kind: of the question.
        asker: the name of the reviewer.
        asked: what was typed, by field.
        began: when it was asked, in seconds since 1970.
        state: how far it is.
        doing: the present step, in words.
        step: its number, from 1.
        steps: number of steps; 0 if it is not known yet.
        answer: JSON values; empty until it is answered.
        error: why it failed, in one line.
        ended: when it ended, in seconds since 1970; 0 before.
    """

    number: int
    kind: QuestionKind
    asker: str
    asked: Mapping[str, str] = field(repr=False)
    began: float
    state: QuestionState = "waiting"
    doing: str = ""
    step: int = 0
    steps: int = 0
    answer: Mapping[str, Any] = field(default_factory=dict, repr=False)
    error: str = ""
    ended: float = 0.0

    @property
    def is_open(self) -> bool:
        """Whether it waits or is being answered."""
        return self.state in {"waiting", "running"}

    def end(self, state: QuestionState, moment: float, error: str = "") -> None:
        """Note how it ended.

        Args:
            state: ``answered``, ``failed`` or ``stopped``.
            moment: seconds since 1970.
            error: why it failed.
        """
        self.error, self.ended = error, moment
        # The state is last, so that a page that sees it sees the rest as well.
        self.state = state
