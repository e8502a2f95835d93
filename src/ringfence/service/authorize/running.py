"""Run the process that answers gateways: the server, the feed, the case store and the status."""

from __future__ import annotations

import asyncio
import gc
import logging
import os
import resource
import signal
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, closing, suppress
from dataclasses import dataclass, field, replace
from typing import Any, Final

import uvloop
from granian.constants import HTTPModes, Interfaces
from granian.server.embed import Server

from ringfence.engine import open_engine
from ringfence.errors import RingfenceError
from ringfence.pseudonym_key import PseudonymKey
from ringfence.service.authorize.application import AuthorizeApplication
from ringfence.service.authorize.gate import Gate
from ringfence.service.authorize.requests import ItemReading, QuestionReader
from ringfence.service.authorize.standings import AccountStanding, StandingReader
from ringfence.service.authorize.tokens import GatewayTokenCheck, RecentTokens, TokenRefusals
from ringfence.service.exposure.budget import BudgetRule
from ringfence.service.exposure.feed import (
    FeedError,
    FeedRows,
    put_feed_aside,
    read_feed,
    remove_feed,
)
from ringfence.service.exposure.keys import load_secret, name_hash
from ringfence.service.exposure.shared_rules import read_item_rules
from ringfence.service.exposure.state import FEED_PIECE, ExposureSize, ExposureState
from ringfence.service.files import ServiceFolder, write_status
from ringfence.service.files.heartbeat import beat_in_loop
from ringfence.settings import EngineSettings

STATUS_NAME: Final = "authorize"
"""Name of the status file of this process."""

_LOG: Final = logging.getLogger(__name__)
_BACKLOG: Final = 2_048
_MOST_CONNECTIONS: Final = 60_000
"""Connections that are open at once. Granian would take as many as wait to be accepted, and then
none, so idle clients could keep gateways out."""

_OTHER_FILES: Final = 200
"""Open files that are not connections."""

_FEED_SECONDS: Final = 0.2
_SYNC_SECONDS: Final = 120.0
_COLLECT_SECONDS: Final = 60.0
_CATCH_UP_PIECE: Final = 4_096
_GATEWAY_TOKEN: Final = "gateway token"  # noqa: S105 - the name of a problem


@dataclass(frozen=True)
class AuthorizeOptions:
    """Settings of this process.

    Attributes:
        host: address to listen on.
        port: port to listen on.
        cases: address of the case store; empty for the one in the folder of the service.
        budget: the allowance of every account.
        size: of the files.
        shadow: whether requests beyond the allowance are only counted. Decisions are enforced.
        fail_open: whether a request is allowed that cannot be decided.
        reading: how a URI becomes an item.
        pseudonym_key: turns accounts into pseudonyms, if the service uses them.
        token_check: says which tokens are right; None if gateways need none.
        tokens_exist: says whether there is a token for gateways now. Without one, none is needed.
        token_uses: says when each token was shown last, by its id.
        clock: seconds since 1970, by which budgets and decisions count.
        tls: options of Granian with the certificate; empty without TLS.
    """

    host: str = "127.0.0.1"
    port: int = 8471
    cases: str = ""
    budget: BudgetRule = field(default_factory=BudgetRule)
    size: ExposureSize = field(default_factory=ExposureSize)
    shadow: bool = True
    fail_open: bool = True
    reading: ItemReading = field(default_factory=ItemReading)
    pseudonym_key: PseudonymKey | None = None
    token_check: GatewayTokenCheck | None = None
    tokens_exist: Callable[[], bool] = lambda: True
    token_uses: Callable[[], Mapping[str, float]] = dict
    clock: Callable[[], float] = time.time
    tls: Mapping[str, Any] = field(default_factory=dict)


def run(folder: ServiceFolder, options: AuthorizeOptions) -> None:
    """Answer gateways until SIGTERM or SIGINT.

    Args:
        folder: of the service. One such process at a time may use it.
        options: settings.

    Raises:
        OSError: the port is taken, or a file cannot be used.
        OutputError: the files of the exposure cannot be used.
    """
    connections = _allow_files()
    secret = load_secret(folder)
    state = ExposureState(folder, secret, options.budget, options.size, int(options.clock()))
    try:
        with closing(_AuthorizeService(folder, options, secret, state)) as service:
            service.catch_up()
            # Granian wakes the loop for each question, which costs a third less in uvloop.
            with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
                runner.run(service.serve(connections))
    finally:
        state.close()


def _allow_files() -> int:
    """Open as many files at once as the system allows, and return how many may be connections."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    with suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    files, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    # Without the others, the process could not read the feed while idle clients hold the rest.
    return _MOST_CONNECTIONS if files < 0 else max(1, min(_MOST_CONNECTIONS, files - _OTHER_FILES))


class _AuthorizeService:
    """The tasks of the process, and what they share."""

    def __init__(
        self, folder: ServiceFolder, options: AuthorizeOptions, secret: bytes, state: ExposureState
    ) -> None:
        self._folder = folder
        self._options = options
        self._state = state
        self._gate = Gate(state, options.shadow)
        self._standings = StandingReader(options.cases or folder.cases, name_hash(secret))
        self._engine = open_engine(EngineSettings(threads=1))
        self._reader = QuestionReader(secret, options.reading, self._engine, options.pseudonym_key)
        self._tokens = RecentTokens(options.token_check, options.tokens_exist)
        self._refusals = TokenRefusals()
        self._problems: dict[str, str] = {}
        self._started = time.time()
        self._fed = 0
        self._damaged = 0

    def catch_up(self) -> None:
        """Count all takes in the feed since the last run, and read the standings."""
        for number, rows in self._next_files():
            for start in range(0, len(rows), _CATCH_UP_PIECE):
                piece = rows[start : start + _CATCH_UP_PIECE]
                self._fed += self._state.count(piece, self._now())
            self._state.passed(number)
        self._gate.knows_standings = False
        with suppress(RingfenceError):
            self._take_over(self._standings.changed())

    async def serve(self, connections: int) -> None:
        """Answer until a signal ends the process.

        Args:
            connections: that may be open at once.
        """
        application = AuthorizeApplication(
            self._gate, self._reader, self._tokens, self._options.fail_open, self._options.clock
        )
        server: Any = Server(
            application, self._options.host, self._options.port, interface=Interfaces.RSGI,
            http=HTTPModes.http1, websockets=False, log_enabled=False, backlog=_BACKLOG,
            backpressure=connections, **self._options.tls,
        )  # fmt: skip
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, server.stop)
        gc.collect()
        gc.freeze()
        gc.disable()
        async with self._tasks():
            await server.serve()

    def close(self) -> None:
        """Close the case store and the engine."""
        self._standings.close()
        self._engine.close()

    def _now(self) -> int:
        return int(self._options.clock())

    @asynccontextmanager
    async def _tasks(self) -> AsyncIterator[None]:
        work = (
            (self._read_feed, _FEED_SECONDS), (self._read_standings, 1.0),
            (self._write_status, 1.0), (self._follow_rules, 1.0), (self._sync, _SYNC_SECONDS),
            (self._read_tokens, 1.0), (_collect, _COLLECT_SECONDS),
        )  # fmt: skip
        tasks = [asyncio.create_task(self._repeat(*one)) for one in work]
        tasks.append(asyncio.create_task(beat_in_loop()))
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _repeat(self, work: Callable[[], Awaitable[None]], seconds: float) -> None:
        """Repeat a step. A failure is shown in the status, and tried again."""
        name = getattr(work, "__name__", "").strip("_")
        while True:
            try:
                await work()
                self._problems.pop(name, None)
            except (OSError, RingfenceError) as error:
                if self._problems.get(name) != str(error):
                    _LOG.warning("%s: %s", name, error)
                self._problems[name] = str(error)
            await asyncio.sleep(seconds)

    async def _read_feed(self) -> None:
        """Count new files of the feed in pieces. Answers are given in between."""
        files = self._next_files()
        while (found := await asyncio.to_thread(next, files, None)) is not None:
            number, rows = found
            for start in range(0, len(rows), FEED_PIECE):
                self._fed += self._state.count(rows[start : start + FEED_PIECE], self._now())
                await asyncio.sleep(0)
            self._state.passed(number)

    def _next_files(self) -> Iterator[tuple[int, FeedRows]]:
        """Yield the files that follow, in order. Damaged ones are put aside and reported."""
        position = self._state.position
        while True:
            try:
                for number, rows in read_feed(self._folder, position):
                    yield number, rows
                    position = number
            except FeedError as error:
                _LOG.warning("%s", error)
                self._damaged += 1
                put_feed_aside(self._folder, error.number)
            else:
                return

    async def _read_standings(self) -> None:
        self._take_over(await asyncio.to_thread(self._standings.changed))

    def _take_over(self, changed: dict[int, AccountStanding] | None) -> None:
        self._gate.knows_standings = True
        if changed is not None:
            self._gate.standings = changed

    async def _follow_rules(self) -> None:
        """Use the item rules that the judge has chosen, if the settings have none."""
        if self._options.reading.preset is not None:
            return
        rules = read_item_rules(self._folder)
        if rules is not None and rules != self._reader.reading.preset:
            self._reader.use(replace(self._options.reading, preset=rules))

    async def _read_tokens(self) -> None:
        """Need a token as soon as there is one. Which ones are right is looked up when asked."""
        self._tell_refusals()
        await asyncio.to_thread(self._tokens.look)

    def _tell_refusals(self) -> None:
        """Tell in the status that gateways are refused, and print one line when it begins."""
        told = self._refusals.problem(self._gate.counts["deny", "no-token"], time.monotonic())
        if told and _GATEWAY_TOKEN not in self._problems:
            _LOG.warning("%s: %s", _GATEWAY_TOKEN, told)
        if told:
            self._problems[_GATEWAY_TOKEN] = told
        else:
            self._problems.pop(_GATEWAY_TOKEN, None)

    async def _write_status(self) -> None:
        await asyncio.to_thread(write_status, self._folder, STATUS_NAME, self._status())

    async def _sync(self) -> None:
        """Wait until the disk has the state, and then remove the files of the feed in it."""
        position = self._state.position
        await asyncio.to_thread(self._state.sync)
        await asyncio.to_thread(remove_feed, self._folder, position)

    def _status(self) -> dict[str, object]:
        state, counts = self._state, self._gate.counts
        rules = self._reader.reading.preset
        answers: dict[str, dict[str, int]] = {}
        for (action, why), number in sorted(counts.items()):
            answers.setdefault(action, {})[why] = number
        return {
            "pid": os.getpid(),
            "started": self._started,
            "moment": time.time(),
            "ready": True,
            "shadow": self._options.shadow,
            "fail_open": self._options.fail_open,
            "needs_token": self._tokens.needed,
            "answers": answers,
            "item_rules": rules.name if rules else "",
            "feed_position": state.position,
            "feed_new": self._fed,
            "feed_damaged": self._damaged,
            "accounts": len(state.accounts),
            "uncounted": state.accounts.uncounted,
            "pairs": state.pairs.count,
            "filters": len(state.pairs.parts),
            "standings": len(self._gate.standings),
            "forgiven": state.forgiven,
            "problems": dict(self._problems),
            "tokens": dict(self._options.token_uses()),
        }


async def _collect() -> None:
    """Collect the garbage that is in circles, which is little: the large tables are frozen."""
    gc.collect()
