"""Lines for an operator are text or JSON, and name no account and no item."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import datetime

import httpx
import pytest
from tests.service.judge.logs import lines, take
from tests.service.supervising.test_serve import Serving, serve
from tests.service.supervising.test_supervisor import until

from ringfence.service.files import read_status
from ringfence.service.serving import ServiceLog

__all__ = ["serve"]

ACCOUNT, ITEM = "account-of-a-person", "item-of-a-book"


@pytest.fixture
def root() -> Iterator[logging.Logger]:
    """Return the logger of all libraries, and leave it as it was."""
    logger = logging.getLogger()
    handlers, level = list(logger.handlers), logger.level
    yield logger
    logger.handlers, logger.level = handlers, level


def test_a_line_of_text_begins_with_its_process(capsys: pytest.CaptureFixture[str]) -> None:
    """A message of several lines becomes one."""
    ServiceLog("judge", "text")("folded\nand   more")
    ServiceLog("service", "text", named=False)("events go to   here")
    assert capsys.readouterr().out == "judge: folded and more\nevents go to   here\n"


def test_a_line_of_json_has_its_time_and_level(capsys: pytest.CaptureFixture[str]) -> None:
    """The object is on one line of ASCII, whatever the message has."""
    ServiceLog("judge", "json")('é "\n\x1b[31m', "error")
    (line,) = capsys.readouterr().out.splitlines()
    found = json.loads(line)
    assert line.isascii()
    assert datetime.fromisoformat(found.pop("time")).tzinfo
    assert found.pop("pid") > 0
    assert found == {"level": "error", "process": "judge", "message": 'é "\n\x1b[31m'}


def test_the_text_of_an_unexpected_exception_is_not_written(
    capsys: pytest.CaptureFixture[str], root: logging.Logger
) -> None:
    """Its type and its place are; a report that cannot be written ends nothing."""
    ServiceLog("ingest", "json").listen()
    try:
        dict[str, str]()[ACCOUNT]
    except KeyError as error:
        root.error("%s failed", "/api/v1/events", exc_info=error)
    broken = root.makeRecord("root", logging.WARNING, "", 0, "%d", ("no number",), None)
    root.handlers[-1].handle(broken)
    root.info("not shown")
    first, second = map(json.loads, capsys.readouterr().out.splitlines())
    assert first["message"].startswith("/api/v1/events failed: KeyError at test_service_log.py:")
    assert first["level"] == "error"
    assert second["message"] == "a report of root cannot be written"


def test_nobody_reads_the_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    """A pipe that is closed does not end a process."""

    def closed(*_: object, **__: object) -> None:
        raise BrokenPipeError

    monkeypatch.setattr("builtins.print", closed)
    ServiceLog("judge", "json")("folded")


@pytest.mark.slow
def test_the_lines_of_the_service_name_nobody(serve: Callable[..., Serving]) -> None:
    """Events are folded and scanned, some cannot be read, and every line is JSON without names."""
    service = serve('scan_every = 0.5\nlog_format = "json"\n')
    headers = {"Authorization": f"Bearer {service.token()}", "Content-Type": "application/x-ndjson"}
    broken = json.dumps({"ts": "never", "account": ACCOUNT, "item": ITEM}).encode()
    good = lines(take(f"{ACCOUNT}-{n % 5}", f"{ITEM}-{n}", n) for n in range(200))
    address = f"http://127.0.0.1:{service.port}/api/v1/events"

    def post() -> bool:
        with suppress(httpx.TransportError):
            return httpx.post(address, content=good + broken, headers=headers).is_success
        return False

    until(post)
    until(lambda: (read_status(service.folder, "judge") or {}).get("last_scan"))
    assert service.stop() == 0
    said = [json.loads(line) for line in service.said]
    assert {"service", "judge"} <= {one["process"] for one in said}
    assert any("scan" in one["message"] for one in said)
    assert all(set(one) == {"time", "level", "process", "pid", "message"} for one in said)
    text = service.output.read_text()
    assert ACCOUNT not in text
    assert ITEM not in text
