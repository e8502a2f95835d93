"""Follow a log from the file to its findings, and list every function of Ringfence on the way.

    python benchmarks/walk.py LOG [--all]

Runs one scan with a profiler and prints the functions that are called, by package, in the order of
their first call. Modules that only show results are left out; with ``--all`` charts, wording and
progress are listed too. A function that is called in a worker thread counts as well.
"""

from __future__ import annotations

import sys
import threading
from pathlib import Path
from types import FrameType
from typing import Final

import ringfence

PACKAGE: Final = str(Path(ringfence.__file__).parent)
SIDE_PATHS: Final = ("report/", "visible.py", "progress.py", "settings.py", "errors.py")
"""Modules beside the way of an event: they show what was found."""


class Recorder:
    """Note each function of the package at its first call; a profiler for ``sys.setprofile``."""

    def __init__(self) -> None:
        self.seen: dict[tuple[str, str], int] = {}

    def __call__(self, frame: FrameType, event: str, _argument: object) -> None:
        """Count a call of a function of Ringfence."""
        code = frame.f_code
        if event != "call" or not code.co_filename.startswith(PACKAGE):
            return
        if "<" in code.co_qualname.rpartition(".")[2] or code.co_name.startswith("__"):
            return
        module = str(Path(code.co_filename).relative_to(PACKAGE))
        name = code.co_qualname.replace("<locals>.", "")
        self.seen[module, name] = self.seen.get((module, name), 0) + 1


def walk(log: str) -> dict[tuple[str, str], int]:
    """Scan a log and return how often each function was called, in the order of first calls."""
    recorder = Recorder()
    threading.setprofile(recorder)
    sys.setprofile(recorder)
    try:
        ringfence.scan(log)
    finally:
        sys.setprofile(None)
        threading.setprofile(None)  # type: ignore[arg-type]
    return recorder.seen


def main(arguments: list[str]) -> None:
    """Print the functions, one line per module."""
    everything = "--all" in arguments
    (log,) = (argument for argument in arguments if argument != "--all")
    ringfence.scan(log)  # imports happen here and are not on the way
    modules: dict[str, list[str]] = {}
    for module, name in walk(log):
        if everything or not module.startswith(SIDE_PATHS):
            modules.setdefault(module, []).append(name)
    for module, names in modules.items():
        print(f"{module}: {', '.join(names)}")
    functions = sum(len(names) for names in modules.values())
    print(f"{functions} functions in {len(modules)} modules")


if __name__ == "__main__":
    main(sys.argv[1:])
