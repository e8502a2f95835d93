"""The simulated access log: its size, its order, its truth."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from tests.lab.simulate.access_log.sample import LINES, Simulated

from ringfence.errors import OutputError
from ringfence.lab.simulate import write_access_log


def test_same_seed_same_bytes(tmp_path: Path) -> None:
    """Size and seed determine every byte and the truth; another seed gives another log."""
    first, again, other = (tmp_path / name for name in ("first", "again", "other"))
    truth = write_access_log(first, lines=12_000, seed=3)
    assert write_access_log(again, lines=12_000, seed=3) == truth
    write_access_log(other, lines=12_000, seed=4)
    assert first.read_bytes() == again.read_bytes()
    assert first.read_bytes() != other.read_bytes()


def test_exact_number_of_lines_and_progress(tmp_path: Path) -> None:
    """A log has exactly as many lines as were asked for, and the last report says so."""
    told: list[tuple[int, int]] = []
    write_access_log(
        tmp_path / "log", lines=12_345, progress=lambda done, of: told.append((done, of))
    )
    assert (tmp_path / "log").read_bytes().count(b"\n") == 12_345
    assert told[-1] == (12_345, 12_345)


def test_every_line_is_a_combined_line_in_time_order(simulated: Simulated) -> None:
    """All lines parse, none goes back in time, and all lie within the week."""
    row = simulated.tables.execute(
        "SELECT count(ts), count(*) FILTER (ts < before), min(ts), max(ts) "
        "FROM (SELECT ts, lag(ts) OVER (ORDER BY n) AS before FROM lines)"
    ).fetchone()
    assert row is not None
    assert row[:2] == (LINES, 0)
    week = [datetime(2025, 6, day, tzinfo=UTC).replace(tzinfo=None) for day in (2, 9)]
    assert week[0] <= row[2] < row[3] < week[1]
    assert (row[3] - row[2]).days == 6


def test_truth_names_exactly_the_logins_of_the_log(simulated: Simulated) -> None:
    """Every login has a part, and no account that never occurs is named."""
    logins = {login for (login,) in simulated.tables.execute("SELECT login FROM lines").fetchall()}
    assert logins == set(simulated.truth.parts)
    assert simulated.truth.users | simulated.truth.extractors == logins
    assert not simulated.truth.users & simulated.truth.extractors


def test_extractors_take_what_the_truth_says(simulated: Simulated) -> None:
    """At 100,000 lines: one greedy account with a quarter of them, rings of 2 and of 10."""
    taken = simulated.tables.execute(
        "SELECT part, count(DISTINCT login), count(*), count(DISTINCT track) FROM plays "
        "WHERE part IN ('greedy', 'ring50', 'ring200') GROUP BY part ORDER BY part"
    ).fetchall()
    assert taken == [
        ("greedy", 1, 25_000, 25_000),
        ("ring200", 10, 3_000, 3_000),
        ("ring50", 2, 5_000, 5_000),
    ]


def test_rings_work_on_different_parts_of_the_list(simulated: Simulated) -> None:
    """No track is held by members of both rings."""
    both = simulated.tables.execute(
        "SELECT track FROM plays WHERE part LIKE 'ring%' GROUP BY track HAVING count(*) > 1"
    ).fetchall()
    assert both == []


def test_logins_do_not_give_extractors_away(simulated: Simulated) -> None:
    """Extractors are numbered among the others, not after them."""
    numbered = sorted(simulated.truth.parts)
    places = [numbered.index(login) / len(numbered) for login in simulated.truth.extractors]
    assert min(places) < 0.3
    assert max(places) > 0.7


def test_too_few_lines_are_refused(tmp_path: Path) -> None:
    """A log too small to hold the extractors is refused before anything is written."""
    with pytest.raises(ValueError, match="at least 12000 lines"):
        write_access_log(tmp_path / "log", lines=11_999)
    assert not (tmp_path / "log").exists()


def test_unwritable_path_is_one_clear_error(tmp_path: Path) -> None:
    """A path in no folder is an OutputError that names it."""
    with pytest.raises(OutputError, match=r"nowhere.log: cannot be written: No such file"):
        write_access_log(tmp_path / "none" / "nowhere.log", lines=12_000)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs the device that is always full")
def test_full_disk_is_one_clear_error() -> None:
    """A disk that fills up while writing is an OutputError, not a traceback of the system's."""
    with pytest.raises(OutputError, match="cannot be written: No space left"):
        write_access_log(Path("/dev/full"), lines=12_000)
