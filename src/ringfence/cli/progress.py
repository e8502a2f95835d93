"""Progress on a terminal: one line with a bar; nothing where nobody looks."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager

from rich.console import Console, RenderableType
from rich.progress import BarColumn, TaskID, TextColumn, TimeElapsedColumn
from rich.progress import Progress as RichProgress

from ringfence.cli.visible import visible
from ringfence.pipeline import Progress


class _Bar(RichProgress):
    """A bar whose every refresh asks how far the running step has got."""

    within: Callable[[], float] | None = None
    done = 0

    def get_renderables(self) -> Iterable[RenderableType]:
        """Move the bar within its step, then draw it."""
        if self.within and self.tasks:
            self.tasks[0].completed = self.done + max(self.within(), 0.0) / 100
        return super().get_renderables()


class _Shown(Progress):
    """Shows steps in a bar of Rich's."""

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
    """Give a progress that draws on a terminal, and one that stays silent anywhere else."""
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
        yield _Shown(bar)
