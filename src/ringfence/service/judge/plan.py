"""The fold plan: which segments are folded now, written down before anything is done.

The ledger knows a source by its content. So the same segments must make the same sources again
after a crash, although more segments wait by then. The plan says which segments they are. It is
removed when the last of them is gone.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Literal, Self

from ringfence.errors import OutputError
from ringfence.private_files import new_file

Phase = Literal["fold", "clean"]
"""What is left of a plan: everything, or only the removal of its segments."""


@dataclass(frozen=True)
class FoldUnit:
    """The records of one stream in some segments, which become one source of the ledger.

    Attributes:
        stream: name of the stream.
        segments: numbers of the segments, in order.
        attempts: how often a process began to fold it while it was suspected.
        aside: why its records were put aside; empty if they were not.
    """

    stream: str
    segments: tuple[int, ...]
    attempts: int = 0
    aside: str = ""

    def divided(self) -> tuple[FoldUnit, ...]:
        """Return one unit for each of its segments."""
        return tuple(FoldUnit(self.stream, (number,)) for number in self.segments)


@dataclass(frozen=True)
class FoldPlan:
    """The segments that are folded now.

    Attributes:
        segments: their numbers, in order.
        damaged: what is wrong with damaged segments, by number. Their beginnings are folded.
        units: the sources that they make.
        phase: what is left to do.
        attempts: how many processes began it.
        log: name of the folder of the log that has the segments.
        number: of the plan and of its file in the feed; larger than those of all plans before.
    """

    segments: tuple[int, ...]
    damaged: dict[int, str]
    units: tuple[FoldUnit, ...]
    phase: Phase = "fold"
    attempts: int = 0
    log: str = "log"
    number: int = 0

    def with_units(self, old: FoldUnit, new: Sequence[FoldUnit]) -> Self:
        """Return the plan with other units in the place of one."""
        place = self.units.index(old)
        return replace(self, units=(*self.units[:place], *new, *self.units[place + 1 :]))


def write_plan(path: Path, plan: FoldPlan) -> None:
    """Write the plan, which replaces the one before.

    Args:
        path: its file.
        plan: the plan.

    Raises:
        OSError: the file cannot be written.
    """
    with new_file(path) as file:
        file.write(json.dumps(asdict(plan)).encode("utf-8", "backslashreplace"))


def read_plan(path: Path) -> FoldPlan | None:
    """Return the plan that a process has left; None if there is none.

    Raises:
        OSError: the file cannot be read.
        OutputError: it is not a plan.
    """
    try:
        text = path.read_bytes()
    except FileNotFoundError:
        return None
    try:
        return _plan(json.loads(text))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise OutputError(
            "this is not the plan of a fold",
            where=str(path),
            hint="move it away; records of the segments that wait may then count twice",
        ) from error


def _plan(found: dict[str, Any]) -> FoldPlan:
    units = (
        FoldUnit(one["stream"], tuple(one["segments"]), one["attempts"], one["aside"])
        for one in found["units"]
    )
    return FoldPlan(
        tuple(found["segments"]),
        {int(number): said for number, said in found["damaged"].items()},
        tuple(units),
        found["phase"],
        found["attempts"],
        found["log"],
        found["number"],
    )


def next_number(path: Path, least: int) -> int:
    """Return a number for a plan, which no plan had before, and remember it.

    The segments of two logs may have the same numbers.

    Args:
        path: the file with the last number.
        least: the smallest number to return.

    Raises:
        OSError: the file cannot be read or written.
    """
    text = path.read_bytes().strip() if path.exists() else b""
    number = max(least, int(text) + 1 if text.isdigit() else 0)
    with new_file(path) as file:
        file.write(b"%d\n" % number)
    return number
