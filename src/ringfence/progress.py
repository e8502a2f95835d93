"""The progress of a long scan, as an object that does nothing unless it is subclassed."""

from __future__ import annotations

from collections.abc import Callable


class Progress:
    """Receive each step of a scan. This class ignores them; a subclass can show them.

    A step is one source that is read, one merge, one evidence test, or one output.
    """

    def begin(self, steps: int, within: Callable[[], float]) -> None:
        """Start a scan.

        Args:
            steps: number of steps.
            within: returns how much of the current step is done, in per cent; below 0 if unknown.
                It may be called from another thread.
        """

    def step(self, name: str) -> None:
        """Start the next step."""

    def end(self) -> None:
        """End the scan, whether it succeeded or failed."""
