"""Show the progress of a command on a terminal, in one line with a bar."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager

from rich.console import Console, RenderableType
from rich.progress import BarColumn, TaskID, TextColumn, TimeElapsedColumn
from rich.progress import Progress as RichProgress

from ringfence.progress import Progress
from ringfence.visible import visible


class _Bar(RichProgress):
    """A bar that asks at every refresh how much of the current step is done."""

    within: Callable[[], float] | None = None
    done = 0

    def get_renderables(self) -> Iterable[RenderableType]:
        """Move the bar within its step, then draw it."""
        if self.within and self.tasks:
            self.tasks[0].completed = self.done + max(self.within(), 0.0) / 100
        return super().get_renderables()


class _BarProgress(Progress):
    """Progress that moves a bar."""

    def __init__(self, bar: _Bar) -> None:
        self._bar = bar
        self._task: TaskID | None = None

    def begin(self, steps: int, within: Callable[[], float]) -> None:
        self._bar.within = within
        self._bar.done = -1
        self._task = self._bar.add_task("starting", total=steps)

    def step(self, name: str) -> None:
        self._bar.done += 1
        if self._task is not None:
            self._bar.update(self._task, description=visible(name, 40))

    def end(self) -> None:
        self._bar.within = None


@contextmanager
def watched(console: Console) -> Iterator[Progress]:
    """Provide a progress that draws a bar on a terminal and nothing elsewhere."""
    if not console.is_terminal:
        yield Progress()
        return
    bar = _Bar(
        TextColumn("{task.description}", markup=False),
        BarColumn(bar_width=24),
        TimeElapsedColumn(),
        console=console,
        transient=True,
        refresh_per_second=4,
    )
    with bar:
        yield _BarProgress(bar)
