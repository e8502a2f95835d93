"""A small service folder whose ledger the judge has open, and logs beside it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from tests.policy.days import write_days

from ringfence.events import Source
from ringfence.ledger import open_writable
from ringfence.service.files import ServiceFolder
from ringfence.service.questions import Question
from ringfence.settings import Settings

LOG = """\
192.0.2.11 - ann [09/Mar/2026:08:00:00 +0100] "GET /record/101 HTTP/1.1" 200 512 "-" "Reader/1.0"
192.0.2.12 - bob [09/Mar/2026:08:04:00 +0100] "GET /record/101 HTTP/1.1" 200 512 "-" "Reader/1.0"
192.0.2.11 - eve [09/Mar/2026:19:00:00 +0100] "GET /record/102 HTTP/1.1" 200 512 "-" "Reader/1.0"
"""
"""A log of three accesses, by two people at one address and by one at another."""


def settings_of(**more: object) -> Settings:
    """Return settings that need no free disk."""
    service = {"free_disk_mb": 0, **more}
    return Settings(service=service, policy={"mode": "enforce", "ground": "5.2"})


@contextmanager
def held_ledger(folder: ServiceFolder, sources: list[Path]) -> Iterator[None]:
    """Fold sources into the ledger of a service, merge them, and keep the ledger open."""
    book = open_writable(folder.ledger, settings_of())
    with closing(book.engine):
        for one in sources:
            book.fold(Source(one, one.name))
        if sources:
            book.age()
        yield


def days_of(folder: Path) -> list[Path]:
    """Return the logs of three days; on the third one the account ``greedy`` takes everything."""
    return write_days(folder, days=3, greedy_from=1)


def wait_for(condition: Callable[[], bool], seconds: float = 60.0) -> None:
    """Wait until a condition holds."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.02)


def ended(question: Question) -> Question:
    """Wait until a question has ended, and return it."""
    wait_for(lambda: not question.is_open)
    return question
