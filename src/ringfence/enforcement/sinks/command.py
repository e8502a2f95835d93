"""A program of the operator that gets each effect as JSON on its standard input."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Final

from ringfence.enforcement.effect_json import effect_to_json
from ringfence.enforcement.running import run_command
from ringfence.enforcement.sink import Effect, SinkError

_SECONDS: Final = 25
"""Time-out of the program."""

_REFUSED: Final = 65
"""The status of a program that refuses an effect for good: EX_DATAERR of sysexits.h."""


@dataclass(frozen=True)
class CommandSink:
    """A program of the operator.

    Attributes:
        name: name of the sink in the settings.
        command: the program and its arguments.
    """

    name: str
    command: tuple[str, ...]

    def apply(self, effect: Effect) -> None:
        """Run the program with the effect on its standard input.

        Raises:
            SinkError: it ended with another status than 0, or took too long.
        """
        given = json.dumps(effect_to_json(effect)).encode() + b"\n"
        status = run_command(self.command, given, _SECONDS, self.name)
        if status:
            raise SinkError(
                f"the command ended with status {status}", retry=status != _REFUSED, where=self.name
            )
