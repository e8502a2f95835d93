"""The process that answers one question, as the pages see it.

It gets the task as a line of JSON in its standard input, and prints lines of JSON: a step that it
has begun, and at the end the answer or an error. It ends when the process of the pages ends.
"""

from __future__ import annotations

import json
import os
import select
import subprocess
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any, Final

from ringfence.service.files import ServiceFolder
from ringfence.service.questions.question import Question, QuestionKind
from ringfence.settings import Settings

_MODULE: Final = "ringfence.service.questions"
_PIECE: Final = 1 << 16
_LONGEST_ANSWER: Final = 32_000_000
"""Bytes of an answer. Those of the program are far shorter."""


class AnswerProcess:
    """A process that answers a question.

    Args:
        folder: of the service.
        settings: all settings.
        kind: of the question.
        task: what is asked; JSON values.

    Raises:
        OSError: the system cannot start another process.
    """

    def __init__(
        self,
        folder: ServiceFolder,
        settings: Settings,
        kind: QuestionKind,
        task: Mapping[str, Any],
    ) -> None:
        self._process = subprocess.Popen(  # noqa: S603 - this very program
            [sys.executable, "-m", _MODULE],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            start_new_session=True,
        )
        self._read = bytearray()
        told = {
            "root": str(folder.root.absolute()),
            "settings": settings.model_dump(mode="json"),
            "kind": kind,
            "task": dict(task),
        }
        # A process that has ended already says so by its output.
        with suppress(BrokenPipeError):
            if self._process.stdin:
                self._process.stdin.write(json.dumps(told).encode() + b"\n")
                self._process.stdin.flush()

    def look(self, question: Question, seconds: float, clock: Callable[[], float]) -> bool:
        """Note in the question what the process says, and return whether it has ended.

        Args:
            question: that it answers.
            seconds: to wait for news.
            clock: gives seconds since 1970.
        """
        stream = self._process.stdout
        if stream is None or not select.select([stream], [], [], seconds)[0]:
            return False
        piece = os.read(stream.fileno(), _PIECE)
        self._read += piece
        if not piece or len(self._read) > _LONGEST_ANSWER:
            if question.is_open:
                question.end("failed", clock(), "its process ended without an answer")
            return True
        *lines, rest = bytes(self._read).split(b"\n")
        self._read = bytearray(rest)
        ended = False
        for line in lines:
            ended = _note(question, line, clock) or ended
        return ended

    def stop(self) -> None:
        """End the process at once. Its copy of the ledger is removed later."""
        self._process.kill()
        self._process.wait()
        for stream in (self._process.stdin, self._process.stdout):
            if stream:
                with suppress(BrokenPipeError):
                    stream.close()


def _note(question: Question, line: bytes, clock: Callable[[], float]) -> bool:
    """Note a line of the process, and return whether it was the last one."""
    told = json.loads(line)
    if "doing" in told:
        question.doing, question.step, question.steps = told["doing"], told["step"], told["steps"]
        return False
    if question.is_open:
        question.answer = told.get("answer", {})
        question.end("failed" if "error" in told else "answered", clock(), told.get("error", ""))
    return True
