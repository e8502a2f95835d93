"""Count the steps of a process that decides and delivers, and kill it at one of them.

A step is a moment before a statement, or before or after a commit, a request to a sink, a change of
a file, or a reload. Between a statement and the next one, nothing happens outside the process.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import event

from ringfence.cases import CaseStore
from ringfence.enforcement import Effect, Standing
from ringfence.enforcement.sinks.nginx import NginxSink
from ringfence.enforcement.sinks.webhook import WebhookSink


@dataclass
class Steps:
    """The steps of this process.

    Attributes:
        last: the step at which the process kills itself, from 0; None for never.
        names: the names of the steps so far.
    """

    last: int | None = None
    names: list[str] = field(default_factory=list)

    def __call__(self, name: str) -> None:
        """Count a step."""
        if len(self.names) == self.last:
            os.kill(os.getpid(), signal.SIGKILL)
        self.names.append(name)

    def watch(self, store: CaseStore) -> None:
        """Count the statements and commits of a store."""
        engine = store._engine  # noqa: SLF001 - the store shows its engine to nobody else
        event.listen(engine, "before_cursor_execute", self._before)
        commit = engine.dialect.do_commit

        def do_commit(connection: Any) -> None:  # noqa: ANN401 - of the driver
            self("before commit")
            commit(connection)
            self("after commit")

        engine.dialect.do_commit = do_commit  # type: ignore[assignment, method-assign] # there is no event for it

    def _before(self, _connection: object, _cursor: object, statement: str, *_: object) -> None:
        self(f"before {statement.split(maxsplit=1)[0]}")


@dataclass(frozen=True)
class SteppedWebhook(WebhookSink):
    """A webhook whose requests are steps."""

    step: Steps = field(default_factory=Steps)

    def apply(self, effect: Effect) -> None:
        """Send the message."""
        self.step("before the request")
        super().apply(effect)
        self.step("after the answer")


@dataclass(frozen=True)
class SteppedNginx(NginxSink):
    """A file of nginx whose changes and reloads are steps."""

    step: Steps = field(default_factory=Steps)

    def replace(self, accounts: Iterator[Standing]) -> Mapping[str, str]:
        """Write the file."""
        self.step("before the file is read")
        return super().replace(accounts)

    def _write(self, content: bytes) -> None:
        self.step("before the file is written")
        super()._write(content)
        self.step("after the file is written")

    def _reload(self) -> None:
        super()._reload()
        self.step("after the reload")
