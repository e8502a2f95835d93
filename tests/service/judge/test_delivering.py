"""Decisions are delivered beside the folds."""

from __future__ import annotations

import time
from pathlib import Path

from ringfence.cases import open_store
from ringfence.service.judge.delivering import Delivery, deliver_once
from ringfence.settings import Settings

SINK = {"type": "nginx", "name": "edge", "reload": []}


def test_a_store_that_does_not_exist_yet_needs_no_delivery(tmp_path: Path) -> None:
    """The first scan makes it; until then, nothing was decided."""
    cases = tmp_path / "cases.sqlite"
    assert deliver_once(str(cases), Settings()) == ()
    assert not cases.exists()


def test_every_sink_is_delivered_to(tmp_path: Path) -> None:
    """A report names each sink of the settings."""
    cases = tmp_path / "cases.sqlite"
    open_store(cases).close()
    sink = {**SINK, "file": str(tmp_path / "map")}
    settings = Settings.model_validate({"enforcement": {"sinks": [sink]}})
    assert [one.sink for one in deliver_once(str(cases), settings)] == ["edge"]


def test_an_error_is_said_once(tmp_path: Path) -> None:
    """The thread goes on, and the status has the error as long as it lasts."""
    cases = tmp_path / "cases.sqlite"
    cases.write_text("no store")
    notes: list[str] = []
    with Delivery(str(cases), Settings(), 0.01, notes.append) as delivery:
        end = time.monotonic() + 30
        while not delivery.error and time.monotonic() < end:
            time.sleep(0.01)
        time.sleep(0.2)
        assert str(cases) in delivery.error
    assert notes == [f"nothing was delivered: {delivery.error}"]
