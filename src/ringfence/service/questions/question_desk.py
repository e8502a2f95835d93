"""The queue of questions: one is answered at a time, and a few may wait.

Answers name accounts and addresses. They are in memory only, for an hour, and only the person who
has asked sees them. A restart of the service forgets them.
"""

from __future__ import annotations

import itertools
import queue
import threading
import time
from collections.abc import Callable, Mapping
from typing import Any, Final

from ringfence.errors import RingfenceError
from ringfence.own_folders import remove_abandoned
from ringfence.service.files import ServiceFolder
from ringfence.service.questions.answer_process import AnswerProcess
from ringfence.service.questions.ledger_copy import COPY_PREFIX
from ringfence.service.questions.question import Question, QuestionKind
from ringfence.settings import Settings
from ringfence.stats.seconds import HOUR

MOST_WAITING: Final = 5
"""Questions that may wait at once, of all people."""

LONGEST_SECONDS: Final = HOUR / 2
"""Seconds after which a question is given up."""

_KEPT_SECONDS: Final = HOUR
_MOST_KEPT: Final = 20
_LOOK_SECONDS: Final = 0.1


class RefusedQuestionError(RingfenceError):
    """A question cannot be asked now."""


class QuestionDesk:
    """Takes questions, has them answered one after the other, and keeps the answers for a while.

    Args:
        folder: of the service.
        settings: all settings.
        longest: seconds after which a question is given up.
        clock: gives seconds since 1970.
    """

    def __init__(
        self,
        folder: ServiceFolder,
        settings: Settings,
        longest: float = LONGEST_SECONDS,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._folder = folder
        self._settings = settings
        self._longest = longest
        self._clock = clock
        self._lock = threading.Lock()
        self._numbers = itertools.count(1)
        self._questions: dict[int, Question] = {}
        self._waiting: queue.SimpleQueue[tuple[Question, Mapping[str, Any]] | None] = (
            queue.SimpleQueue()
        )
        self._thread: threading.Thread | None = None
        self._closed = False

    def ask(
        self,
        kind: QuestionKind,
        asker: str,
        asked: Mapping[str, str],
        task: Mapping[str, Any],
    ) -> Question:
        """Take a question.

        Args:
            kind: of the question.
            asker: the name of the reviewer, who has no other open question.
            asked: what was typed, to be shown with the answer.
            task: what the process that answers needs to know; JSON values.

        Raises:
            RefusedQuestionError: this person has an open question, or too many wait.
        """
        with self._lock:
            self._forget()
            waiting = [one for one in self._questions.values() if one.is_open]
            if any(one.asker == asker for one in waiting):
                raise RefusedQuestionError("your previous question is not answered yet")
            if len(waiting) > MOST_WAITING or self._closed:
                raise RefusedQuestionError("too many questions wait", hint="ask again later")
            found = Question(next(self._numbers), kind, asker, dict(asked), self._clock())
            self._questions[found.number] = found
            self._waiting.put((found, task))
            if self._thread is None:
                remove_abandoned(self._folder.root, COPY_PREFIX)
                self._thread = threading.Thread(target=self._run, name="questions", daemon=True)
                self._thread.start()
            return found

    def find(self, number: int, asker: str) -> Question | None:
        """Return a question of a person; None if the person has no such one, or not any more."""
        with self._lock:
            self._forget()
            found = self._questions.get(number)
            return found if found is not None and found.asker == asker else None

    def last(self, kind: QuestionKind, asker: str) -> Question | None:
        """Return the last question of a kind that a person has asked; None if there is none."""
        with self._lock:
            self._forget()
            every = self._questions.values()
            own = [one for one in every if one.kind == kind and one.asker == asker]
            return own[-1] if own else None

    def stop(self, number: int, asker: str) -> bool:
        """Stop a question of a person, and return whether it was open."""
        found = self.find(number, asker)
        with self._lock:
            if found is None or not found.is_open:
                return False
            found.end("stopped", self._clock())
        return True

    def close(self) -> None:
        """Stop what is being answered, and take no more."""
        with self._lock:
            self._closed = True
            for one in self._questions.values():
                if one.is_open:
                    one.end("stopped", self._clock())
            thread = self._thread
        self._waiting.put(None)
        if thread is not None:
            thread.join()

    def _forget(self) -> None:
        """Forget answers that are old, or too many. The caller has the lock."""
        ended = [one for one in self._questions.values() if not one.is_open]
        ended.sort(key=lambda one: one.ended)
        old = [one for one in ended if self._clock() - one.ended > _KEPT_SECONDS]
        for one in {one.number: one for one in (*old, *ended[: max(0, len(ended) - _MOST_KEPT)])}:
            del self._questions[one]

    def _run(self) -> None:
        while (waiting := self._waiting.get()) is not None:
            question, task = waiting
            with self._lock:
                if not question.is_open:
                    continue
                question.state = "running"
            try:
                self._answer(question, task)
            except Exception as error:  # noqa: BLE001 - without this thread, all others would wait
                self._give_up(question, f"the answer cannot be read: {type(error).__name__}")

    def _give_up(self, question: Question, why: str) -> None:
        with self._lock:
            if question.is_open:
                question.end("failed", self._clock(), why)

    def _answer(self, question: Question, task: Mapping[str, Any]) -> None:
        try:
            process = AnswerProcess(self._folder, self._settings, question.kind, task)
        except OSError as error:
            question.end("failed", self._clock(), f"no process could be started: {error}")
            return
        end = time.monotonic() + self._longest
        try:
            while question.is_open and not process.look(question, _LOOK_SECONDS, self._clock):
                if time.monotonic() > end:
                    minutes = f"{self._longest / 60:.3g}"
                    late = f"it was not answered within {minutes} minutes; ask for less"
                    question.end("failed", self._clock(), late)
        finally:
            process.stop()
