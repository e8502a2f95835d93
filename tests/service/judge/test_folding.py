"""Segments of the log are folded once, and what cannot be folded is put aside."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import numpy as np
import pytest
from tests.service.judge.logs import (
    add_segment,
    fed,
    fold,
    holdings,
    left,
    lines,
    opened,
    service,
    take,
)

from ringfence.errors import EngineError, LedgerError, SourceError
from ringfence.events import Source
from ringfence.ledger import Ledger
from ringfence.service.exposure.feed import FEED_TYPE
from ringfence.service.exposure.keys import hash_names, load_secret
from ringfence.service.exposure.shared_rules import read_item_rules
from ringfence.service.files import ServiceFolder
from ringfence.service.judge import SegmentFolder
from ringfence.service.judge.aside import lines_aside
from ringfence.service.judge.latest_event import LatestEvent
from ringfence.service.judge.plan import read_plan, write_plan


@pytest.fixture
def folder(tmp_path: Path) -> ServiceFolder:
    """Return the folder of a new service."""
    return service(tmp_path / "service")


def test_waiting_segments_are_folded_at_once(folder: ServiceFolder) -> None:
    """Two segments with two streams are one fold of two sources, and are gone after it."""
    add_segment(
        folder, ("http", lines([take("ana", "a", 10)])), ("tail", lines([take("bo", "b", 11)]))
    )
    add_segment(folder, ("http", lines([take("ana", "c", 20), take("ana", "a", 900)])))
    ledger = opened(folder)
    outcome = SegmentFolder(folder, ledger, print).fold_waiting()
    assert outcome
    assert (outcome.segments, outcome.sources, outcome.events, outcome.pairs) == (2, 2, 4, 3)
    assert SegmentFolder(folder, ledger, print).fold_waiting() is None
    ledger.engine.close()
    assert holdings(folder) == [("ana", "a", 2), ("ana", "c", 1), ("bo", "b", 1)]
    assert left(folder) == []


def test_a_clock_that_went_back_loses_no_event(folder: ServiceFolder) -> None:
    """Events after those in the ledger count, although the clock says that they are to come."""
    late = {"account": "ana", "item": "a", "ip": "203.0.113.9"}
    events = [{**late, "ts": "2090-05-01T09:00:00Z"}, {**late, "ts": "2090-05-05T09:00:00Z"}]
    latest = LatestEvent()
    for follows, counted in ((None, 0), (datetime(2090, 5, 1, 8), 1)):  # noqa: DTZ001 - UTC
        add_segment(
            folder,
            ("http", lines([*events, {**late, "item": "b", "ts": f"2026-11-0{counted + 1}"}])),
        )
        ledger = opened(folder)
        outcome = SegmentFolder(folder, ledger, print).fold_waiting(follows)
        assert outcome is not None
        assert outcome.events == 1 + counted
        latest.saw(outcome.last)
        new = LatestEvent().known(ledger)
        ledger.engine.close()
    assert new == latest.known(ledger) == datetime(2090, 5, 1, 9)  # noqa: DTZ001 - UTC


def test_the_feed_has_each_pair_with_its_first_moment(folder: ServiceFolder) -> None:
    """Rows are keyed numbers of the names and milliseconds since 1970."""
    add_segment(folder, ("http", lines([take("ana", "a", 900), take("ana", "a", 10)])))
    fold(folder)
    secret = load_secret(folder)
    account, item = (int(hash_names([name], secret)[0]) for name in ("ana", "a"))
    begin = int(np.datetime64("2026-11-01T00:00:10", "ms").astype(int))
    assert fed(folder) == [(account, item, begin)]
    assert len(list(folder.feed.iterdir())) == 1
    assert FEED_TYPE.itemsize == 24


def test_as_many_segments_as_fit_are_folded(folder: ServiceFolder) -> None:
    """With a limit of one byte, each segment is a fold of its own."""
    for second in range(3):
        add_segment(folder, ("http", lines([take("ana", "abc"[second], 100 * second)])))
    ledger = opened(folder)
    one = SegmentFolder(folder, ledger, print, most_bytes=1)
    outcomes = [one.fold_waiting() for _ in range(4)]
    ledger.engine.close()
    assert [outcome and outcome.number for outcome in outcomes] == [1, 2, 3, None]


def test_identical_segments_count_once(folder: ServiceFolder) -> None:
    """Events of one account, item and second are one use, in one segment or in two."""
    for _ in range(2):
        add_segment(folder, ("http", lines([take("ana", "a", 10)])))
        fold(folder)
    assert holdings(folder) == [("ana", "a", 1)]
    assert left(folder) == []


def test_a_double_click_across_two_folds_counts_once(folder: ServiceFolder) -> None:
    """The later click begins within 30 seconds of the earlier fold's last one."""
    for second in (100, 110):
        add_segment(folder, ("http", lines([take("ana", "a", second)])))
        fold(folder)
    assert holdings(folder) == [("ana", "a", 1)]


def test_poison_is_put_aside_and_the_rest_goes_on(folder: ServiceFolder) -> None:
    """Records without any JSON are kept in a file, and one line says which and why."""
    poison = b"not json\nnor this\n"
    add_segment(folder, ("http", lines([take("ana", "a", 10)])))
    add_segment(folder, ("tail", poison), ("http", lines([take("bo", "b", 20)])))
    add_segment(folder, ("tail", b"again\n"))
    notes: list[str] = []
    fold(folder, notes)
    assert holdings(folder) == [("ana", "a", 1), ("bo", "b", 1)]
    assert len(fed(folder)) == 2
    assert (len(notes), notes) == lines_aside(folder.aside)
    assert [one.split(": put aside: ")[0] for one in notes] == [
        f"segment {number}, stream tail" for number in (2, 3)
    ]
    assert (folder.aside / "00000000000000000002-0.ndjson").read_bytes() == poison
    assert left(folder) == []


def test_poison_takes_no_other_segment_of_its_stream_with_it(
    folder: ServiceFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A stream that cannot be folded as a whole is folded segment by segment."""
    for second, item in enumerate(("a", "poison", "c")):
        add_segment(folder, ("http", lines([take("ana", item, 100 * second)])))
    true = Ledger.fold

    def refuse(self: Ledger, source: Source, **options: object) -> object:
        if b"poison" in source.path.read_bytes():
            raise SourceError("is poison", where=source.name)
        return true(self, source, **options)  # type: ignore[arg-type] # passed on

    monkeypatch.setattr(Ledger, "fold", refuse)
    fold(folder)
    assert holdings(folder) == [("ana", "a", 1), ("ana", "c", 1)]
    said = ["segment 2, stream http: put aside: is poison"]
    assert lines_aside(folder.aside) == (1, said)
    assert left(folder) == []


def test_a_damaged_segment_is_folded_up_to_the_damage(folder: ServiceFolder) -> None:
    """Its first batch counts, and the file is kept aside with a line that says so."""
    number = add_segment(
        folder, ("http", lines([take("ana", "a", 10)])), ("http", lines([take("bo", "b", 11)]))
    )
    path = folder.log / f"{number:020}.segment"
    content = bytearray(path.read_bytes())
    content[-3] ^= 1
    path.write_bytes(content)
    add_segment(folder, ("http", lines([take("cy", "c", 30)])))
    notes: list[str] = []
    fold(folder, notes)
    assert holdings(folder) == [("ana", "a", 1), ("cy", "c", 1)]
    assert (folder.aside / path.name).read_bytes() == bytes(content)
    assert len(notes) == 1
    assert "damaged" in notes[0]
    assert left(folder) == []


def test_records_that_end_processes_are_put_aside(folder: ServiceFolder) -> None:
    """After more than three attempts in a plan, each segment is tried alone, then put aside."""
    add_segment(folder, ("http", lines([take("ana", "a", 10)])))
    add_segment(folder, ("http", lines([take("bo", "b", 20)])))
    ledger = opened(folder)
    one = SegmentFolder(folder, ledger, print)

    class EndError(BaseException):
        """Stand for the end of a process."""

    true, ended = Ledger.fold, 0
    with pytest.MonkeyPatch.context() as patched:

        def fatal(self: Ledger, source: Source, **options: object) -> object:
            if "2" in source.name:
                raise EndError
            return true(self, source, **options)  # type: ignore[arg-type] # passed on

        patched.setattr(Ledger, "fold", fatal)
        while True:
            try:
                one.fold_waiting()
                break
            except EndError:
                ended += 1
    ledger.engine.close()
    assert ended == 7
    assert holdings(folder) == [("ana", "a", 1)]
    assert lines_aside(folder.aside) == (
        1,
        ["segment 2, stream http: put aside: 3 processes ended while they read it"],
    )


@pytest.mark.parametrize("fault", ["disk", "memory"])
def test_a_fault_of_the_machine_blames_no_records(
    folder: ServiceFolder, monkeypatch: pytest.MonkeyPatch, fault: str
) -> None:
    """The fold raises the error, keeps its plan, and goes on when the fault is gone."""
    add_segment(folder, ("http", lines([take("ana", "a", 10)])))

    def fail(*_: object, **__: object) -> None:
        raise LedgerError("it fails") from EngineError("no room", fault=fault)  # type: ignore[arg-type] # one of them

    with monkeypatch.context() as patched:
        patched.setattr(Ledger, "fold", fail)
        with pytest.raises(LedgerError):
            fold(folder)
    assert lines_aside(folder.aside) == (0, [])
    plan = read_plan(folder.fold_plan)
    assert plan
    write_plan(folder.fold_plan, plan)
    assert fold(folder) == 1
    assert holdings(folder) == [("ana", "a", 1)]


def test_item_rules_are_shared_with_the_gateway(folder: ServiceFolder) -> None:
    """Records with URLs are read by rules that fit, which are written beside the feed."""
    records = [
        {"ts": f"2026-11-01T00:0{minute}:00Z", "account": "ana", "url": f"/rest/stream.view?id={n}"}
        for minute in range(9)
        for n in range(minute, minute + 9)
    ]
    add_segment(folder, ("requests", lines(records)))
    fold(folder)
    rules = read_item_rules(folder)
    assert rules
    assert rules.name == "subsonic"
