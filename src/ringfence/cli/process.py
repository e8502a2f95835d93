"""Run the command line, and end it with a status and at most one line, whatever is raised."""

from __future__ import annotations

import sys

from ringfence.cli.stops import stoppable
from ringfence.cli.streams import guard_streams

_FAILED = 2
"""Status of every error, wrong usage included."""


def run_process() -> int:
    """Run the command that the arguments name, and return the status to exit with."""
    with stoppable() as stop:
        try:
            status, said = _outcome()
        except KeyboardInterrupt:
            status, said = stop.status, stop.words
        stop.finish()
        if stop.signal:
            # It may have been swallowed, or have become another error.
            status, said = stop.status, stop.words
        return _told(status, said)


def _outcome() -> tuple[int, str]:
    """Return the status of the command, and what to say about an error."""
    guard_streams()
    try:
        from ringfence.cli.app import run_app  # noqa: PLC0415 - loads Typer

        return run_app(), ""
    except SystemExit as end:
        code = end.code or 0
        return (code, "") if isinstance(code, int) else (_FAILED, code)
    except Exception as error:  # noqa: BLE001 - the last place that can say it in one line
        from ringfence.cli.failures import failure_line  # noqa: PLC0415 - rarely needed

        return _FAILED, failure_line(error)


def _told(status: int, said: str) -> int:
    """Write what is left of the output, then the line; a full disk behind it is an error too."""
    from ringfence.errors import OutputError  # noqa: PLC0415

    try:
        if sys.stdout:
            sys.stdout.flush()
    except OutputError as error:
        status, said = (status, said) if said else (_FAILED, str(error))
    if said and sys.stderr:
        sys.stderr.write(f"ringfence: {said}\n")
        sys.stderr.flush()
    return status
