"""Bad lines are counted, kept, and cannot do harm."""

from __future__ import annotations

from pathlib import Path

from ringfence.events import LINES_KEPT, Quarantine


def kept_lines(quarantine: Quarantine) -> list[tuple[int, str, str]]:
    """Return the lines that were kept."""
    return [tuple(one) for batch in quarantine.batches() for one in batch]


def test_lines_are_kept_and_counted(tmp_path: Path) -> None:
    """Line, reason and text come back, in order, text cut to 1,000 characters."""
    quarantine = Quarantine(tmp_path)
    quarantine.add(3, "not-a-record", "x" * 5000)
    quarantine.add(9, "unreadable-time", "y")
    assert kept_lines(quarantine) == [(3, "not-a-record", "x" * 1000), (9, "unreadable-time", "y")]
    assert quarantine.counts == {"not-a-record": 1, "unreadable-time": 1}


def test_beyond_the_limit_lines_are_only_counted(tmp_path: Path) -> None:
    """Of five lines with a limit of two, two are kept; another reason has a limit of its own."""
    quarantine = Quarantine(tmp_path, keep=2)
    for number in range(5):
        quarantine.add(number, "bad", "x")
    quarantine.add(9, "worse", "y")
    assert quarantine.counts == {"bad": 5, "worse": 1}
    assert kept_lines(quarantine) == [(0, "bad", "x"), (1, "bad", "x"), (9, "worse", "y")]


def test_lines_without_text_are_counted(tmp_path: Path) -> None:
    """A number of lines can be added to a reason; a negative number is none."""
    quarantine = Quarantine(tmp_path)
    quarantine.count("bad", 3)
    quarantine.count("bad", -2)
    assert (quarantine.counts, kept_lines(quarantine)) == ({"bad": 3}, [])


def test_text_of_any_kind_comes_back(tmp_path: Path) -> None:
    """Line ends, terminal escapes, NUL and stray surrogates do not damage the file."""
    quarantine = Quarantine(tmp_path)
    text = 'a\r\nb\u2028\x1b[31m\x00\udcff\ud83d\u202e\v\f"'
    quarantine.add(1, "bad", text)
    assert kept_lines(quarantine) == [(1, "bad", text)]


def test_secrets_are_hidden(tmp_path: Path) -> None:
    """A key in a bad line is not stored anywhere."""
    quarantine = Quarantine(tmp_path, keys=("licence",))
    quarantine.add(1, "bad", "GET /x?licence=hunter2&api_key=hunter3 HTTP")
    assert "hunter" not in kept_lines(quarantine)[0][2]


def test_many_lines_leave_no_file_and_stay_in_order(tmp_path: Path) -> None:
    """More lines than are kept in memory come back in order, and no file has a name."""
    quarantine = Quarantine(tmp_path)
    for number in range(LINES_KEPT + 5):
        quarantine.add(number, "bad", f"line {number}")
    assert [one[0] for one in kept_lines(quarantine)] == list(range(LINES_KEPT))
    assert list(tmp_path.iterdir()) == []
