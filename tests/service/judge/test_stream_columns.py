"""A part of a stream is read by the columns that the stream has had before."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.service.judge.logs import add_segment, fold, lines, opened, service, take

from ringfence.reading_settings import EventSettings
from ringfence.service.judge.stream_columns import guide_part

PAGES = "SELECT account, pages, assets, referred FROM page_loads JOIN accounts USING (account_key)"


def pages_after(root: Path, *parts: list[dict[str, object]]) -> list[tuple[object, ...]]:
    """Fold each part as a segment of its own, and return the pages of all accounts."""
    folder = service(root)
    for part in parts:
        add_segment(folder, ("events", lines(part)))
        fold(folder)
    ledger = opened(folder)
    try:
        ledger.compact()
        return sorted(ledger.engine.rows(PAGES))
    finally:
        ledger.engine.close()


def test_a_program_that_is_alone_shows_pages_without_traces(tmp_path: Path) -> None:
    """Its pages count in a part in which nobody sends a referrer, if the stream had one before."""
    browsed = {**take("ana", "a", 10), "referrer": "https://a.example/", "assets": 3}
    alone = [dict(take("robot", f"b{n}", 100 + n)) for n in range(4)]
    apart = pages_after(tmp_path / "apart", [browsed], alone)
    assert apart == [("ana", 1, 3, 1), ("robot", 4, 0, 0)]
    assert apart == pages_after(tmp_path / "together", [browsed, *alone])


def test_a_stream_that_never_tells_referrers_shows_no_pages(tmp_path: Path) -> None:
    """Nobody is held to traces that no client of the stream sends."""
    assert pages_after(tmp_path / "live", [dict(take("ana", "a", 10))]) == []


@pytest.mark.parametrize(
    ("stream", "record"),
    [
        ("events", b'{"ts": 1, "account": "ana", "item": "a", "referrer": "", "assets": 1}'),
        ("requests", b'{"ts": 1, "account": "ana", "url": "/a"}'),
        ("../events", b'{"ts": 1, "account": "ana", "item": "a"}'),
        ("events", b"no record"),
    ],
    ids=["all columns", "read from URLs", "the name of another folder", "no record"],
)
def test_other_parts_are_read_by_themselves(tmp_path: Path, stream: str, record: bytes) -> None:
    """No guide is needed if nothing is missing, and none is given if items come from URLs."""
    part = tmp_path / "part.ndjson"
    (tmp_path / "columns-events.json").write_text('["assets", "referrer"]')
    part.write_bytes(record + b"\n")
    assert guide_part(tmp_path, stream, part, EventSettings(format="ndjson")) is None


@pytest.mark.parametrize("damage", ["{", "null", "5", "true", '"referrer"', "[null, 5]"])
def test_a_damaged_memory_is_written_again(tmp_path: Path, damage: str) -> None:
    """A file that is not a list says nothing, and the next part with a referrer replaces it."""
    part, place = tmp_path / "part.ndjson", tmp_path / "columns-events.json"
    place.write_text(damage)
    part.write_text('{"ts": 1, "account": "ana", "item": "a", "referrer": "b"}\n')
    assert guide_part(tmp_path, "events", part, EventSettings(format="ndjson")) is None
    assert place.read_text() == '["referrer"]\n'
