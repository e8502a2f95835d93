"""The entry of the command. It loads in no time, so that an interrupt is caught from the start."""

from __future__ import annotations

import os
import sys


def main() -> None:
    """Run the command line and exit.

    Status: 0 done; 1 a finding, if the options ask for this status; 2 an error; 3 implausible
    input; 130 an interrupt. Whatever goes wrong is one line on standard error.
    """
    # The engine creates files by itself: only their owner may read them.
    os.umask(0o077)
    try:
        from ringfence.cli.process import run_process  # noqa: PLC0415 - see the first line

        status = run_process()
    except KeyboardInterrupt:
        # Nothing has begun. Python's own exit would import more and could be interrupted again.
        os.write(2, b"ringfence: stopped by the keyboard\n")
        os._exit(130)
    # An interrupt inside exec() of a library makes Python end itself by a signal, whatever the
    # status is, unless another exec() succeeds.
    exec("")  # noqa: S102
    sys.exit(status)
