"""The clients of a service under load. Each remembers what it was told."""

from __future__ import annotations

import http.client
import json
import threading
import time
from abc import abstractmethod
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

from benchmarks.service_faults.running import RunningService

ACCOUNTS: Final = 400
_TIMEOUT: Final = 5.0
_AGENT: Final = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"


@dataclass(frozen=True)
class Pace:
    """The load.

    Attributes:
        posters: clients that post.
        batches: per second and client.
        events: per batch.
        lines: per second, written to a log file that is followed.
        questions: of a gateway per second.
    """

    posters: int = 2
    batches: float = 10
    events: int = 20
    lines: int = 200
    questions: float = 50


class LoadClient(threading.Thread):
    """A thread that does something again and again until it is told to stop.

    Args:
        service: under load.
        seconds: from one time to the next.

    Attributes:
        going: False ends it.
        statuses: how often each status was the answer; 0 for none.
        waits: seconds until each answer.
    """

    def __init__(self, service: RunningService, seconds: float) -> None:
        super().__init__(daemon=True)
        self.service = service
        self.going = True
        self.statuses: Counter[int] = Counter()
        self.waits: list[float] = []
        self._seconds = seconds
        self._connection: http.client.HTTPConnection | None = None

    def run(self) -> None:
        """Do it until told to stop."""
        due = time.monotonic()
        while self.going:
            self.act()
            due = max(due + self._seconds, time.monotonic() - self._seconds)
            time.sleep(max(0.0, due - time.monotonic()))

    @abstractmethod
    def act(self) -> None:
        """Do it once."""

    def ask(
        self, port: int, method: str, path: str, headers: dict[str, str], body: bytes | None = None
    ) -> int:
        """Send a request over the connection of this client, and return the status; 0 for none."""
        began = time.monotonic()
        status = 0
        connection = self._connection or http.client.HTTPConnection("127.0.0.1", port, _TIMEOUT)
        try:
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            answer.read()
            status = answer.status
            self._connection = connection
        except (OSError, http.client.HTTPException):
            connection.close()
            self._connection = None
        self.statuses[status] += 1
        if status:
            self.waits.append(time.monotonic() - began)
        return status


class Poster(LoadClient):
    """Posts batches, and repeats each until it is acknowledged.

    Attributes:
        acknowledged: number of events. The items of this client are numbered.
    """

    def __init__(self, service: RunningService, number: int, pace: Pace) -> None:
        super().__init__(service, 1 / pace.batches)
        self._number = number
        self._events = pace.events
        self.acknowledged = 0

    def act(self) -> None:
        """Post one batch until it is acknowledged."""
        first = self.acknowledged
        records = [
            {
                "ts": time.time(),
                "account": f"user{one * 7 % ACCOUNTS}",
                "item": f"p{self._number}-{one}",
                "ip": "203.0.113.9",
                "client": "Player/5.1",
            }
            for one in range(first, first + self._events)
        ]
        body = "".join(json.dumps(one) + "\n" for one in records).encode()
        headers = {
            **self.service.headers,
            "Content-Type": "application/x-ndjson",
            "Idempotency-Key": f"{self._number}-{first}",
        }
        while self.going:
            port = self.service.port
            if self.ask(port, "POST", "/api/v1/events", headers, body) == http.client.ACCEPTED:
                self.acknowledged += self._events
                return
            time.sleep(0.05)

    def finish(self) -> None:
        """End between two batches, so that no batch is in doubt."""
        self.going = False
        self.join()
        self.going = True
        self.act()


class LineWriter(LoadClient):
    """Writes lines to a log file that the service follows, and rotates it.

    Attributes:
        written: number of lines.
    """

    def __init__(self, service: RunningService, pace: Pace) -> None:
        super().__init__(service, 0.1)
        self._each = pace.lines // 10
        self._turn = 0
        self.written = 0

    def act(self) -> None:
        """Write some lines at once."""
        moment = time.strftime("%d/%b/%Y:%H:%M:%S +0000", time.gmtime())
        text = "".join(
            f"203.0.113.7 - user{one * 11 % ACCOUNTS} [{moment}] "
            f'"GET /tracks/{one} HTTP/1.1" 200 51234 "-" "{_AGENT}"\n'
            for one in range(self.written, self.written + self._each)
        )
        with self.service.lines.open("a", encoding="utf-8") as file:
            file.write(text)
        self.written += self._each
        self._turn += 1
        if self._turn % 600 == 0:
            lines = self.service.lines
            lines.rename(lines.with_name(f"{lines.name}.{self._turn // 600}"))


class Gateway(LoadClient):
    """Asks about requests of users, as a gateway does.

    Attributes:
        longest: the longest time without an answer, seconds.
    """

    def __init__(self, service: RunningService, pace: Pace) -> None:
        super().__init__(service, 1 / pace.questions)
        self._number = 0
        self._answered = 0.0
        self.longest = 0.0

    def act(self) -> None:
        """Ask once about an item that a user has already."""
        self._number += 1
        account = f"user{self._number % ACCOUNTS}"
        headers = {"X-Ringfence-Account": account, "X-Ringfence-Item": f"own-{account}"}
        if self.ask(self.service.port + 1, "GET", "/api/v1/authorize", headers):
            now = time.monotonic()
            self.longest = max(self.longest, now - (self._answered or now))
            self._answered = now


class Load:
    """All clients of a service, in a ``with`` block.

    Args:
        service: that runs.
        pace: of the clients.

    Attributes:
        posters: that post events.
        lines: writes a log.
        gateway: asks.
    """

    def __init__(self, service: RunningService, pace: Pace | None = None) -> None:
        pace = pace or Pace()
        self.posters = [Poster(service, number, pace) for number in range(pace.posters)]
        self.lines = LineWriter(service, pace)
        self.gateway = Gateway(service, pace)
        for one in self.all:
            one.start()

    @property
    def all(self) -> list[LoadClient]:
        """All clients."""
        return [*self.posters, self.lines, self.gateway]

    @property
    def sent(self) -> int:
        """Events that were acknowledged, and lines that were written."""
        return sum(one.acknowledged for one in self.posters) + self.lines.written

    def finish(self) -> int:
        """End all clients between two batches, and return the number of events that must count."""
        self.lines.going = self.gateway.going = False
        for one in self.posters:
            one.finish()
        self.lines.join()
        self.gateway.join()
        return self.sent

    def leave(self) -> None:
        """End all clients at once."""
        for one in self.all:
            one.going = False
        for one in self.all:
            with suppress(RuntimeError):
                one.join(2 * _TIMEOUT)
