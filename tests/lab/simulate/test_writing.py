"""The files of a scenario: complete, true, sorted, and the same bytes every time."""

from __future__ import annotations

from datetime import date, datetime
from itertools import pairwise
from pathlib import Path

import duckdb
import numpy as np
import pytest

from ringfence.errors import OutputError
from ringfence.lab.simulate import (
    Scenario,
    ScenarioFiles,
    batches,
    load_scenario,
    write_scenario,
    writing,
)
from ringfence.lab.simulate.batches import BatchLayout, user_batches
from ringfence.lab.simulate.event_columns import joined
from ringfence.lab.simulate.plan import ScenarioPlan

COLUMNS = (
    "seconds", "group", "surface", "ip", "client", "device", "payment", "signed_up",
)  # fmt: skip
ROW = ("second", "account", "item", "seconds", "surface")
SCENARIO = Scenario.model_validate(
    {
        "name": "tiny",
        "seed": 11,
        "start": date(2026, 3, 2),
        "days": 6,
        "columns": COLUMNS,
        "catalogue": {"items": 20_000},
        "users": {"accounts": 300, "kinds": {"newcomer": 40, "crawler": 2}},
        "attack": [
            {"name": "greedy", "start_day": 2, "parameters": {"per_day": 300, "days": 3}},
            {"name": "small-shares-200", "parameters": {"accounts": 30, "least": 20, "most": 30}},
            {"name": "stolen", "start_day": 3, "parameters": {"accounts": 2, "per_day": 90}},
            {"name": "small-shares-200-network", "parameters": {"accounts": 40, "most": 120}},
        ],
    }
)


@pytest.fixture(scope="module", autouse=True)
def small_parts() -> object:
    """Parts of some thousand events, so that a small scenario has several."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(batches, "ROWS", 50_000)
        yield


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> ScenarioFiles:
    """The scenario, written by one process."""
    return write_scenario(SCENARIO, tmp_path_factory.mktemp("written"), processes=1)


@pytest.fixture(scope="module")
def tables(written: ScenarioFiles) -> duckdb.DuckDBPyConnection:
    """Return the files of the scenario as views."""
    connection = duckdb.connect()
    for name in ("events", "catalogue", "truth"):
        path = written.files[name]
        connection.execute(f"CREATE VIEW {name} AS FROM read_parquet('{path}', filename = true)")
    return connection


def _rows(tables: duckdb.DuckDBPyConnection, query: str) -> list[tuple[object, ...]]:
    return tables.execute(query).fetchall()


def test_columns(tables: duckdb.DuckDBPyConnection) -> None:
    """The three that events need, then the optional ones, each of its type."""
    described = _rows(tables, "DESCRIBE SELECT * EXCLUDE filename FROM events")
    assert [row[:2] for row in described] == [
        ("ts", "TIMESTAMP"), ("account", "VARCHAR"), ("item", "VARCHAR"), ("group", "VARCHAR"),
        ("seconds", "INTEGER"), ("surface", "VARCHAR"), ("ip", "VARCHAR"), ("client", "VARCHAR"),
        ("device", "VARCHAR"), ("payment", "VARCHAR"), ("signed_up", "TIMESTAMP"),
    ]  # fmt: skip


def test_counts_agree(written: ScenarioFiles, tables: duckdb.DuckDBPyConnection) -> None:
    """The reported counts are those of the files."""
    assert _rows(tables, "SELECT count(*) FROM events") == [(written.events,)]
    assert _rows(tables, "SELECT count(*), count(DISTINCT item) FROM catalogue") == [
        (20_000, 20_000)
    ]
    assert _rows(tables, "SELECT count(*), count(DISTINCT account) FROM truth") == [
        (written.accounts, written.accounts)
    ]
    assert (written.accounts, written.extractors) == (300 + 1 + 30 + 40, 1 + 30 + 2 + 40)


def test_events_lie_within_the_scenario(tables: duckdb.DuckDBPyConnection) -> None:
    """The first and the last day have events, and there are none outside."""
    first, last = _rows(tables, "SELECT min(ts), max(ts) FROM events")[0]
    assert datetime(2026, 3, 2) <= first < datetime(2026, 3, 2, 1)  # type: ignore[operator]  # noqa: DTZ001
    assert datetime(2026, 3, 7, 23) < last < datetime(2026, 3, 8)  # type: ignore[operator]  # noqa: DTZ001


def test_parts_are_in_the_order_of_time(written: ScenarioFiles) -> None:
    """Rows of a part ascend, and sorted names put runs of days one after the other."""
    runs: dict[str, list[tuple[datetime, datetime]]] = {}
    for path in sorted((written.folder / "events").iterdir()):
        times = duckdb.execute(f"SELECT ts FROM '{path}'").fetchnumpy()["ts"]
        assert (np.diff(times) >= np.timedelta64(0)).all()
        runs.setdefault(path.name.split("-")[1], []).append((times[0], times[-1]))
    spans = [(min(s for s, _ in run), max(e for _, e in run)) for run in runs.values()]
    assert len(spans) > 2
    assert all(before[1] <= after[0] for before, after in pairwise(spans))


def test_cutting_loses_nothing() -> None:
    """The parts of a block together are its takes within the scenario, whatever the cut."""
    world = ScenarioPlan(SCENARIO)
    layout = BatchLayout((0, 120), (0, 1, 4, 6))
    cut = [part for _, part in user_batches(world, layout, 0)]
    whole = joined(list(world.users.block(0, 120)))
    inside = whole.at(np.flatnonzero((whole.second >= 0) & (whole.second < 6 * 86_400)))
    rows = [tuple(np.concatenate([getattr(p, name) for p in cut])) for name in ROW]
    assert len(cut) == 3
    assert sorted(zip(*rows, strict=True)) == sorted(
        zip(*(getattr(inside, name) for name in ROW), strict=True)
    )


def test_every_item_is_in_the_catalogue_with_its_group(tables: duckdb.DuckDBPyConnection) -> None:
    """No event names an item, or a group of an item, that the catalogue does not have."""
    unknown = 'SELECT count(*) FROM events ANTI JOIN catalogue USING (item, "group")'
    assert _rows(tables, unknown) == [(0,)]
    assert _rows(tables, "SELECT round(sum(popularity) / 1e9, 6) FROM catalogue") == [(1.0,)]


def test_the_truth_is_true(tables: duckdb.DuckDBPyConnection) -> None:
    """Attacks have their accounts, rings and days; users their kinds; stolen ones both."""
    rows = _rows(
        tables,
        "SELECT attack, ring, first_day, count(*), string_agg(DISTINCT kind), "
        "string_agg(DISTINCT role) FROM truth GROUP BY ALL ORDER BY ring NULLS FIRST",
    )
    assert rows[0][:4] == (None, None, None, 298)
    assert rows[0][5] == "user"
    assert set(str(rows[0][4]).split(",")) >= {"ordinary", "newcomer", "crawler", "follower"}
    assert rows[1:] == [
        ("greedy", "greedy-1", 2, 1, "extractor", "extractor"),
        ("small-shares-200", "small-shares-200-2", 0, 30, "extractor", "extractor"),
        ("small-shares-200-network", "small-shares-200-network-4", 0, 40, "extractor", "extractor"),
        ("stolen", "stolen-3", 3, 2, "ordinary", "extractor"),
    ]


def test_extractors_take_what_their_strategy_says(tables: duckdb.DuckDBPyConnection) -> None:
    """The greedy account takes the 900 most used items, from its first day on."""
    rows = _rows(
        tables,
        "SELECT count(DISTINCT item), min(ts)::DATE, max(ts)::DATE, min(r) FROM events "
        "JOIN truth USING (account) JOIN (SELECT item, rank() OVER (ORDER BY popularity) AS r "
        "FROM catalogue) USING (item) WHERE attack = 'greedy'",
    )
    assert rows[0][:3] == (900, date(2026, 3, 4), date(2026, 3, 6))
    assert rows[0][3] > 20_000 - 950  # type: ignore[operator]


def test_stolen_accounts_have_a_past(tables: duckdb.DuckDBPyConnection) -> None:
    """Their owners are active before and go on; the thief begins on the attack's day."""
    rows = _rows(
        tables,
        "SELECT count(*) FILTER (ts < '2026-03-05' AND seconds >= 0), "
        "count(*) FILTER (ts < '2026-03-04 12:00' AND seconds IS NULL), "
        "count(*) FILTER (seconds IS NULL) FROM events JOIN truth USING (account) "
        "WHERE attack = 'stolen'",
    )
    past, early, stolen = rows[0]
    assert past > 20  # type: ignore[operator]
    assert early == 0
    assert 300 < stolen <= 2 * 90 * 3  # type: ignore[operator]


def test_names_tell_nothing(tables: duckdb.DuckDBPyConnection) -> None:
    """Extractors' numbers are spread among the users'."""
    numbers = [
        int(str(name).removeprefix("user-"))
        for (name,) in _rows(tables, "SELECT account FROM truth WHERE kind = 'extractor'")
    ]
    assert np.histogram(numbers, 4, (0, 371))[0].min() >= 8
    assert max(np.diff(sorted(numbers))) < 60


def test_accounts_carry_their_attributes(tables: duckdb.DuckDBPyConnection) -> None:
    """Sign-up precedes the first event; a linked ring is on one network; crawlers say so."""
    assert _rows(tables, "SELECT count(*) FROM events WHERE signed_up >= ts") == [(0,)]
    new = "SELECT min(signed_up) > '2026-03-01' FROM events JOIN truth USING (account) "
    assert _rows(tables, new + "WHERE kind = 'newcomer'") == [(True,)]
    networks = (
        "SELECT count(DISTINCT ip) FROM events JOIN truth USING (account) "
        "WHERE attack = 'small-shares-200"
    )
    assert _rows(tables, f"{networks}-network'") == [(1,)]
    assert _rows(tables, f"{networks}'")[0][0] > 20  # type: ignore[operator]
    robots = (
        "SELECT bool_and(contains(client, 'bot') = (kind = 'crawler')) "
        "FROM events JOIN truth USING (account)"
    )
    assert _rows(tables, robots) == [(True,)]
    constant = (
        "SELECT max(n) FROM (SELECT count(DISTINCT (client, payment, signed_up)) AS n "
        "FROM events GROUP BY account)"
    )
    assert _rows(tables, constant) == [(1,)]


def test_unusual_accounts_show_in_the_events(tmp_path: Path) -> None:
    """Scripts name themselves, rotating accounts change network hourly, downloads do not stream."""
    names = ("ring-scripted", "ring-rotating", "ring-downloads")
    attacks = [{"name": name, "parameters": {"accounts": 5, "days": 4}} for name in names]
    values = {**SCENARIO.model_dump(exclude={"attack"}), "attack": attacks}
    done = write_scenario(Scenario.model_validate(values), tmp_path, processes=1)
    rows = duckdb.execute(
        "SELECT attack, bool_and(contains(client, 'requests')), bool_and(surface = 'download'), "
        "count(DISTINCT (account, ip)) = count(DISTINCT (account, hour)) "
        f"FROM (SELECT *, date_trunc('hour', ts) AS hour FROM '{done.files['events']}') "
        f"JOIN '{done.files['truth']}' USING (account) GROUP BY attack"
    ).fetchall()
    assert set(rows) == {
        (None, False, False, False),
        ("ring-scripted", True, False, False),
        ("ring-rotating", False, False, True),
        ("ring-downloads", False, True, False),
    }


def _bytes(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


@pytest.mark.slow
def test_same_bytes_with_any_number_of_processes(tmp_path: Path) -> None:
    """One process, two processes and the scenario as it was written give the same files."""
    one = write_scenario(SCENARIO, tmp_path / "one", processes=1)
    write_scenario(SCENARIO, tmp_path / "two", processes=2)
    again = load_scenario(tmp_path / "two" / "scenario.toml")
    write_scenario(again, tmp_path / "again", processes=1)
    assert _bytes(tmp_path / "one") == _bytes(tmp_path / "two") == _bytes(tmp_path / "again")
    other = write_scenario(SCENARIO.with_seed(12), tmp_path / "one", processes=1)
    assert other.events != one.events


def test_an_earlier_run_leaves_nothing_behind(tmp_path: Path) -> None:
    """Parts of a larger scenario in the same folder are gone; what is not ours stays."""
    larger = SCENARIO.model_copy(update={"columns": ("seconds",), "attack": ()})
    write_scenario(larger, tmp_path, processes=1)
    mine = tmp_path / "events" / "mine.parquet"
    mine.touch()
    smaller = larger.model_copy(update={"days": 1})
    done = write_scenario(smaller, tmp_path, processes=1)
    counted = duckdb.execute(f"SELECT count(*) FROM '{done.files['events']}'").fetchall()
    assert counted == [(done.events,)]
    assert mine.exists()


def test_large_catalogues_are_not_written_unasked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Above the limit a note says so, and a setting asks for it."""
    monkeypatch.setattr(writing, "LARGEST", 19_999)
    quiet = SCENARIO.model_copy(update={"days": 1, "attack": ()})
    done = write_scenario(quiet, tmp_path, processes=1)
    assert "catalogue" not in done.files
    assert not (tmp_path / "catalogue.parquet").exists()
    assert "20,000 items was not written" in done.notes[0]
    asked = quiet.catalogue.model_copy(update={"write": True})
    done = write_scenario(quiet.model_copy(update={"catalogue": asked}), tmp_path, processes=1)
    assert (tmp_path / "catalogue.parquet").exists()
    assert not done.notes


def test_an_unwritable_folder_is_one_clear_error(tmp_path: Path) -> None:
    """A file where the folder should be is an OutputError that names it."""
    (tmp_path / "taken").touch()
    with pytest.raises(OutputError, match="taken: cannot be written"):
        write_scenario(SCENARIO, tmp_path / "taken", processes=1)


def test_other_peoples_files_are_refused(tmp_path: Path) -> None:
    """A folder with events but no scenario is not ours: nothing in it is touched."""
    theirs = tmp_path / "events" / "part-mine.parquet"
    theirs.parent.mkdir()
    theirs.write_bytes(b"mine")
    with pytest.raises(OutputError, match="holds events but no scenario"):
        write_scenario(SCENARIO, tmp_path, processes=1)
    assert theirs.read_bytes() == b"mine"
