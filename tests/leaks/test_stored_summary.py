"""The numbers of a register are read without opening it, now and day by day."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from tests.leaks.leak_folders import days_of_register, write_register

from ringfence.errors import LeakError
from ringfence.leaks.register import open_register
from ringfence.leaks.register import stored_summary as module
from ringfence.leaks.register.stored_summary import keep_summary, stored_summary


def test_the_states_and_days_are_those_of_the_register(tmp_path: Path) -> None:
    """The counts equal those of the open register, and each day has its own."""
    write_register(tmp_path / "register")
    found = stored_summary(tmp_path / "register")
    with open_register(tmp_path / "register") as register:
        now = register.summary()
    assert found.states == now.states
    assert (found.links, found.waiting) == (4, 0)
    assert (found.open_hosts, found.largest) == (now.open_hosts, now.largest)
    assert [one.day for one in found.days] == days_of_register()
    assert [one.still_there for one in found.days] == [4, 2, 3]


def test_it_is_read_while_another_process_has_the_register(tmp_path: Path) -> None:
    """The lock of the register is not needed, and rows that are not merged are announced."""
    write_register(tmp_path / "register")
    (tmp_path / "answers.csv").write_text("url,status,date\nhttps://a.example/2,404,2026-03-01\n")
    with open_register(tmp_path / "register") as register:
        register.recheck(tmp_path / "answers.csv")
        found = stored_summary(tmp_path / "register")
        assert (found.waiting, found.states["removed"]) == (1, 1)
        register.summary()
        found = stored_summary(tmp_path / "register")
        assert (found.waiting, found.states["removed"]) == (0, 2)


def test_a_day_has_one_entry_and_old_days_are_forgotten(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The last count of a day stays; beyond a number of days the oldest go."""
    monkeypatch.setattr(module, "DAYS_IN_SUMMARY", 4)
    root = tmp_path / "register"
    write_register(root)
    begin = datetime(2026, 3, 1, tzinfo=UTC)
    with open_register(root) as register:
        for hours in (0, 10, 30, 60):
            keep_summary(root, register.summary(0), begin + timedelta(hours=hours))
    found = stored_summary(root)
    assert [one.day.day for one in found.days] == [10, 1, 2, 3]
    assert found.largest
    assert found.counted == datetime(2026, 2, 10, 9, tzinfo=UTC)


def test_what_is_no_register_is_refused(tmp_path: Path) -> None:
    """An absent folder, a foreign manifest and a damaged summary are refused, each in one line."""
    with pytest.raises(LeakError, match="is not a register"):
        stored_summary(tmp_path / "none")
    (tmp_path / "manifest.json").write_text("{}x")
    with pytest.raises(LeakError, match="is not a manifest"):
        stored_summary(tmp_path)
    write_register(tmp_path / "register")
    for content in (b"\xff", b"[]", b'{"format": 2}', b'{"days": [{"day": "x"}]}'):
        (tmp_path / "register/summary.json").write_bytes(content)
        with pytest.raises(LeakError, match="is damaged"):
            stored_summary(tmp_path / "register")
