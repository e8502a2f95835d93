"""The scan as a function: its result, its files, and the progress that it reports."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from pathlib import Path
from typing import cast

import duckdb
import pytest

import ringfence
from ringfence.errors import OutputError, RingfenceError, SettingsError, SourceError
from ringfence.evidence import built_in_tests
from ringfence.pipeline import Progress
from ringfence.settings import EngineSettings, Settings

HEAD = "ts,account,item,group\n"


@pytest.fixture
def log(tmp_path: Path) -> Path:
    """Thirty accounts take some of fifty items; one takes five thousand more."""
    path = tmp_path / "log.csv"
    rows = [f"2025-06-0{day + 2}T{8 + n}:{user:02d}:00Z,r{user},i{user * n % 50},g{n % 3}\n"
            for day in range(7) for user in range(30) for n in range(9)]  # fmt: skip
    rows += [f"2025-06-{2 + n // 1000:02d}T{n % 1000 // 60:02d}:{n % 60:02d}:00Z,taker,t{n},h{n}\n"
             for n in range(5_000)]  # fmt: skip
    path.write_text(HEAD + "".join(rows))
    return path


def test_the_table_has_every_account(log: Path) -> None:
    """The table has one row per account, and one p-value column per test that ran."""
    result = ringfence.scan(log)
    table = result.accounts
    accounts = table.column("account").tolist()
    assert sorted(accounts) == sorted(["taker", *(f"r{n}" for n in range(30))])
    taker = accounts.index("taker")
    assert (table.column("items")[taker], table.column("uses")[taker]) == (5_000, 5_000)
    assert table.column("verdict")[taker] == result.findings[0].verdict
    ran = {name.removeprefix("p_") for name in table.columns if name.startswith("p_")} - {"value"}
    assert ran | {name for name, _ in result.tests_not_run} == {
        test.name for test in built_in_tests()
    }
    assert ((table.column("p_value") > 0) & (table.column("p_value") <= 1)).all()


def test_the_finding_says_what_it_holds(log: Path) -> None:
    """Coverage is the share of all items and of all uses; times are in UTC."""
    result = ringfence.scan(log)
    (found,) = result.findings
    assert (found.id, found.items, found.uses) == ("taker", 5_000, 5_000)
    assert found.coverage.catalogue == pytest.approx(5_000 / result.counts["items"])
    assert found.coverage.use == pytest.approx(5_000 / result.counts["uses"])
    assert found.first.isoformat() == "2025-06-02T00:00:00+00:00"
    assert found.last.isoformat() == "2025-06-06T16:59:00+00:00"
    assert found.profile is not None
    assert sum(uses for _, uses, _ in found.profile.days) == 5_000


def test_without_a_folder_nothing_is_written(
    log: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As a library, a scan leaves no file behind."""
    monkeypatch.chdir(tmp_path)
    assert ringfence.scan(log).files == {}
    assert [path.name for path in tmp_path.iterdir()] == ["log.csv"]


def test_a_folder_gets_all_files(log: Path, tmp_path: Path) -> None:
    """Findings, accounts, quarantine and report are written, and say what the result says."""
    out = tmp_path / "deep" / "out"
    result = ringfence.scan(log, out=out)
    assert {path.name for path in out.iterdir()} == {path.name for path in result.files.values()}
    lines = (out / "findings.jsonl").read_text().splitlines()
    assert [json.loads(line)["id"] for line in lines] == [found.id for found in result.findings]
    with duckdb.connect() as connection:
        rows = connection.execute(
            f"SELECT account, items, verdict FROM '{out / 'accounts.parquet'}' LIMIT 1"
        ).fetchall()
    assert rows == [("taker", 5_000, result.findings[0].verdict)]
    assert "taker" in (out / "report.html").read_text()


class Recorder(Progress):
    """Record the steps of a scan."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self.steps: list[str] = []
        self.promised = 0
        self.ended = 0
        self.within = -2.0

    def begin(self, steps: int, within: Callable[[], float]) -> None:
        """Keep the number of steps."""
        self.promised, self.within = steps, within()

    def step(self, name: str) -> None:
        """Keep the step."""
        self.steps.append(name)

    def end(self) -> None:
        """Count the ends."""
        self.ended += 1


def test_progress_is_told_each_step(log: Path) -> None:
    """Progress receives the announced number of steps, each with its name, and one end."""
    told = Recorder()
    ringfence.scan(log, progress=told)
    assert len(told.steps) == told.promised
    assert told.steps[0] == f"reading {log}"
    assert {f"evidence: {test.name}" for test in built_in_tests()} <= set(told.steps)
    assert told.within <= 100
    assert told.ended == 1


def test_progress_ends_when_a_scan_fails(tmp_path: Path) -> None:
    """Progress receives the end also when a scan fails."""
    told = Recorder()
    noise = tmp_path / "noise.log"
    noise.write_bytes(bytes(range(256)) * 40)
    with pytest.raises(SourceError, match="is binary"):
        ringfence.scan(noise, progress=told)
    assert told.ended == 1


def test_an_empty_log_is_no_accident(tmp_path: Path) -> None:
    """An empty log is not an error: there is no finding, and a note says that it is empty."""
    empty = tmp_path / "empty.log"
    empty.write_bytes(b"")
    result = ringfence.scan(empty, out=tmp_path / "out")
    assert (result.findings, result.robots, result.period) == ((), (), None)
    assert result.counts["accounts"] == 0
    assert any("is empty" in note for note in result.notes)
    assert result.tests_not_run == ()
    assert (tmp_path / "out" / "report.html").is_file()


def test_a_catalogue_changes_the_coverage(log: Path, tmp_path: Path) -> None:
    """With a catalogue of 20,000 items, 5,000 items are a quarter of it."""
    listed = tmp_path / "catalogue.csv"
    listed.write_text("item\n" + "".join(f"t{n}\n" for n in range(20_000 - 50)))
    result = ringfence.scan(log, catalogue=listed)
    held = result.counts["items"] - (20_000 - 50)
    assert 0 < held <= 50
    assert result.findings[0].coverage.catalogue == 5_000 / (20_000 - 50 + held)


@pytest.mark.slow
def test_a_scan_with_nothing_new_finds_the_same(log: Path, tmp_path: Path) -> None:
    """A ledger alone is enough: the source is skipped and the findings stay."""
    book = tmp_path / "book"
    first = ringfence.scan(log, ledger=book)
    again = ringfence.scan(log, ledger=book)
    assert again.counts["skipped"] == 1
    assert "lines" not in again.counts or again.counts["lines"] == 0
    assert [f.id for f in again.findings] == [f.id for f in first.findings]
    assert again.catalogue == first.catalogue


@pytest.mark.slow
def test_settings_come_from_a_file_or_an_object(log: Path, tmp_path: Path) -> None:
    """Both ways give the same advice; a wrong setting in the file is refused."""
    config = tmp_path / "ringfence.toml"
    config.write_text('[policy]\nextracting = "throttle"\nsuspect = "throttle"\n')
    advice = {"extracting": "throttle", "suspect": "throttle"}
    for result in (
        ringfence.scan(log, config=config),
        ringfence.scan(log, settings=Settings.model_validate({"policy": advice})),
    ):
        assert [found.action for found in result.findings] == ["throttle"]
    config.write_text('[policy]\nextracting = "execute"\n')
    with pytest.raises(SettingsError, match=r"policy\.extracting"):
        ringfence.scan(log, config=config)


def test_an_unwritable_folder_stops_before_the_work(log: Path, tmp_path: Path) -> None:
    """Where no folder can be made, no source is read."""
    told = Recorder()
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError):
        ringfence.scan(log, out=tmp_path / "file" / "out", progress=told)
    assert told.steps == []


def test_a_time_before_1970_is_a_bad_line(tmp_path: Path) -> None:
    """A clock set to 1965 spoils its own line and no other."""
    path = tmp_path / "old.csv"
    path.write_text(HEAD + "1965-01-01 00:00:00,a,b,\n2025-01-01 00:00:00,a,c,\n")
    result = ringfence.scan(path)
    assert result.counts["takes"] == 1
    assert sum(result.quarantine.values()) == 1


@pytest.mark.parametrize("seconds", ["1e300", "-5", "nan", "inf"])
def test_seconds_out_of_reach_count_as_none(tmp_path: Path, seconds: str) -> None:
    """A line with an impossible number of seconds is used without that number."""
    path = tmp_path / "log.csv"
    path.write_text(f"ts,account,item,seconds\n2025-01-01 00:00:00,a,b,{seconds}\n")
    assert ringfence.scan(path).counts["takes"] == 1


def test_a_folder_for_spilling_that_is_not_there_is_one_line(log: Path, tmp_path: Path) -> None:
    """The error names the folder and the setting."""
    engine = EngineSettings(temp_directory=str(tmp_path / "gone"))
    with pytest.raises(SettingsError, match=r"gone: cannot be used: .*engine\.temp_directory"):
        ringfence.scan(log, settings=Settings(engine=engine))


def test_too_little_memory_is_one_line(log: Path) -> None:
    """A failure of the engine is one line with a hint."""
    engine = EngineSettings(memory_limit="1MB", threads=1)
    with pytest.raises(RingfenceError, match=r"engine\.memory_limit") as caught:
        ringfence.scan(log, settings=Settings(engine=engine))
    assert "\n" not in str(caught.value)


@pytest.mark.slow
def test_the_same_log_compressed_is_folded_once(log: Path, tmp_path: Path) -> None:
    """Log rotation renames and compresses: the ledger knows the content all the same."""
    book, packed = tmp_path / "book.ledger", tmp_path / "log.csv.2.gz"
    first = ringfence.scan(log, ledger=book)
    packed.write_bytes(gzip.compress(log.read_bytes()))
    second = ringfence.scan(packed, ledger=book)
    assert second.counts["skipped"] == 1
    assert second.counts["uses"] == first.counts["uses"]
    assert [f.id for f in second.findings] == [f.id for f in first.findings]


def test_different_item_rules_in_one_ledger_are_said(tmp_path: Path) -> None:
    """A ledger in which one item may have two names says so."""
    urls = {"a.log": "/rest/stream?id={}", "b.log": "/pages/{}.html"}
    for name, url in urls.items():
        (tmp_path / name).write_text("".join(
            f'10.0.0.1 - u [01/Jun/2025:00:{n:02d}:00 +0000] "GET {url.format(n)} HTTP/1.1" 200 9 '
            '"-" "x"\n' for n in range(60)))  # fmt: skip
    result = ringfence.scan(*(tmp_path / name for name in urls))
    assert any("different item rules (learned, subsonic)" in note for note in result.notes)


@pytest.mark.slow
def test_columns_taken_for_nothing_are_told_once(tmp_path: Path) -> None:
    """One line names the unused columns of all sources, or counts them if they are many."""
    for n, extra in enumerate(("mood", "mood", "joined")):
        (tmp_path / f"{n}.csv").write_text(f"time,user,track,{extra}\n2024-01-0{n + 1},a,t{n},x\n")
    told = {name: value for name, value, _ in ringfence.scan(tmp_path).assumptions}
    assert told["columns not used"] == "mood, joined"
    wide = ",".join(f"c{n}" for n in range(34))
    (tmp_path / "3.csv").write_text(f"time,user,track,{wide}\n2024-01-09,a,t,{',' * 33}\n")
    said = [one for one in ringfence.scan(tmp_path).assumptions if one[0] == "columns not used"]
    assert len(said) == 1
    assert said[0][1].startswith("36, such as mood, joined, c0, ")


def test_settings_and_config_exclude_each_other(log: Path, tmp_path: Path) -> None:
    """Settings and a config file together are an error, because one would be ignored."""
    with pytest.raises(SettingsError, match="give one of them"):
        ringfence.scan(log, settings=Settings(), config=tmp_path / "ringfence.toml")


@pytest.mark.parametrize("settings", ["a.toml", {}, {"uses": {"double_click_seconds": 5}}])
def test_settings_of_another_type_are_refused(log: Path, settings: object) -> None:
    """A path or a dict as settings is one line that says what to pass instead."""
    with pytest.raises(SettingsError, match=r"must be a ringfence\.Settings.*config="):
        ringfence.scan(log, settings=cast("Settings", settings))
    with pytest.raises(SettingsError, match=r"must be a ringfence\.Settings"):
        ringfence.open_ledger(log, settings=cast("Settings", settings))


def test_a_named_format_is_taken(log: Path) -> None:
    """The format can be named from Python as on the command line."""
    with pytest.raises(SourceError):
        ringfence.scan(log, format="caddy")
