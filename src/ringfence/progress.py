"""How a long scan tells where it is: an object that does nothing, unless somebody looks."""

from __future__ import annotations

from collections.abc import Callable


class Progress:
    """Told of each step of a scan; this one stays silent. Subclass it to show something.

    A step is one source folded, one merge, one evidence test or one output.
    """

    def begin(self, steps: int, within: Callable[[], float]) -> None:
        """Say how many steps there will be, and what tells how far (per cent) a step has got.

        ``within`` may be called from another thread; below 0 it cannot tell.
        """

    def step(self, name: str) -> None:
        """Say that the next step begins."""

    def end(self) -> None:
        """Say that the scan is over, well or badly."""
