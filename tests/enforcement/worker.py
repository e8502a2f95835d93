"""Decide, end and deliver without a pause, until the process is killed. Run by a test."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from tests.cases.findings import ANA

from ringfence.cases import Act, Ruling, decide, end_case, open_store, reopen
from ringfence.cases.moments import now
from ringfence.enforcement import Effect, deliver


class FileSink:
    """A sink that appends a line to a file for every effect; a line is whole or not there."""

    name = "file"

    def __init__(self, path: Path) -> None:
        self.path = path

    def apply(self, effect: Effect) -> None:
        """Append the effect."""
        line = f"{effect.number} {effect.account} {effect.name}\n".encode()
        handle = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        os.write(handle, line)
        os.close(handle)


def main(url: str, out: str, cases: list[int]) -> None:
    """Work until the process is killed."""
    store, sink = open_store(url), FileSink(Path(out))
    print("ready", flush=True)  # noqa: T201 - the test waits for it
    turn = 0
    while True:
        case, act = cases[turn % len(cases)], Act(ANA, now())
        with store.writing() as connection:
            state = connection.exec_driver_sql(
                f"SELECT state, version FROM cases WHERE id = {case}"
            )
            row = state.one()
            act = Act(ANA, now(), row.version)
            if row.state == "decided" and turn % 3:
                end_case(connection, case, "reinstate", "over", act)
            elif row.state == "closed":
                reopen(connection, case, "again", act)
            else:
                action = ("throttle", "challenge", "suspend")[turn % 3]
                decide(connection, case, Ruling(action, "why", "", None, False), act)  # type: ignore[arg-type] # a word of the type
        # Its lease ends soon in real time: the test does not wait for two minutes.
        deliver(store, [sink], lambda: now() * 1000)
        turn += 1


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], [int(number) for number in sys.argv[3:]])
