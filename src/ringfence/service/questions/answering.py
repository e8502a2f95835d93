"""The program that answers one question."""

from __future__ import annotations

import json
import os
import sys
import traceback
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

from ringfence.errors import RingfenceError, system_failure
from ringfence.progress import Progress
from ringfence.service.files import ServiceFolder
from ringfence.service.files.parent_watch import end_with_parent
from ringfence.service.questions.canary_answer import answer_canaries
from ringfence.service.questions.replay_answer import answer_replay
from ringfence.service.questions.trace_answer import answer_trace
from ringfence.settings import Settings

_NICENESS: Final = 10
"""Folds, scans and answers to gateways go before questions."""


class _ToldProgress(Progress):
    """Prints each step as a line of JSON."""

    def __init__(self) -> None:
        self._steps = 0
        self._step = 0

    def begin(self, steps: int, within: Callable[[], float]) -> None:  # noqa: ARG002 - its form
        self._steps, self._step = steps, 0

    def step(self, name: str) -> None:
        self._step += 1
        # More steps than were expected are possible.
        steps = max(self._steps, self._step) if self._steps else 0
        _tell({"doing": name, "step": self._step, "steps": steps})


def answer_question() -> None:
    """Answer the question in the standard input: the program of the process."""
    with suppress(OSError):
        os.nice(_NICENESS)
    told = json.loads(sys.stdin.buffer.readline())
    end_with_parent()
    answers: Mapping[str, Callable[..., dict[str, Any]]] = {
        "trace": answer_trace,
        "replay": answer_replay,
        "canaries": answer_canaries,
    }
    try:
        settings = _modest(Settings.model_validate(told["settings"]))
        folder, progress = ServiceFolder(Path(told["root"])), _ToldProgress()
        _tell({"answer": answers[told["kind"]](folder, settings, told["task"], progress)})
    except RingfenceError as error:
        _tell({"error": str(error)})
    except OSError as error:
        _tell({"error": str(system_failure(error))})
    except Exception as error:  # noqa: BLE001 - the person who asked must see what went wrong
        _tell({"error": str(_unexpected(error))})


def _unexpected(error: Exception) -> RingfenceError:
    """Return an error of the program as one line, with the place in the code."""
    last = traceback.extract_tb(error.__traceback__)[-1:]
    place = "".join(f", {Path(one.filename).name} line {one.lineno}" for one in last)
    return RingfenceError(
        f"the question could not be answered: {type(error).__name__}: {error}{place}",
        hint="this is an error in Ringfence; report this line",
    )


def _modest(settings: Settings) -> Settings:
    """Return settings with which other processes keep at least a core."""
    engine = settings.engine.model_copy(update={"threads": 1})
    return settings.model_copy(update={"engine": engine})


def _tell(values: Mapping[str, Any]) -> None:
    sys.stdout.write(json.dumps(values) + "\n")
    sys.stdout.flush()
