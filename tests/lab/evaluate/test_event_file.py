"""Test that a source is copied with its kind of users, whatever its format."""

from __future__ import annotations

from pathlib import Path

import duckdb
import numpy as np
import pytest

from ringfence.errors import SourceError
from ringfence.lab.evaluate import open_population
from ringfence.settings import Settings
from ringfence.testing import account, write_events

AGENT = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"


def log_line(second: int, address: str, path: str) -> str:
    """Return one line of the combined format."""
    clock = f"{second // 3600:02d}:{second // 60 % 60:02d}:{second % 60:02d}"
    return f'{address} - - [02/Jun/2025:{clock} +0000] "GET {path} HTTP/1.1" 200 9 "-" "{AGENT}"\n'


def write_log(path: Path, prefix: str) -> str:
    """Write the accesses of three visitors to forty items."""
    lines = [log_line(n * 60, f"10.0.0.{n % 3}", f"{prefix}{n % 40}") for n in range(120)]
    path.write_text("".join(lines))
    return str(path)


@pytest.mark.parametrize(
    ("prefix", "kind"),
    [("/article/10.1007/s1-", "library"), ("/stream/", "music"), ("/records/", "general")],
)
def test_items_decide_the_kind_of_users(
    tmp_path: Path, settings: Settings, prefix: str, kind: str
) -> None:
    """A replay compares with the users that a scan of the same log would compare with."""
    population = open_population(write_log(tmp_path / "a.log", prefix), settings, tmp_path)
    assert population.settings.verdicts.reference_distribution == kind


def test_settings_decide_before_items(tmp_path: Path, settings: Settings) -> None:
    """A reference distribution in the settings is not replaced."""
    verdicts = settings.verdicts.model_copy(update={"reference_distribution": "music"})
    chosen = settings.model_copy(update={"verdicts": verdicts})
    log = write_log(tmp_path / "a.log", "/article/10.1007/s1-")
    population = open_population(log, chosen, tmp_path)
    assert population.settings.verdicts.reference_distribution == "music"


def test_a_log_is_copied_take_by_take(tmp_path: Path, settings: Settings) -> None:
    """The copy has every use of an item, in the order of time, and no style sheet."""
    log = Path(write_log(tmp_path / "a.log", "/stream/"))
    log.write_text(log_line(30, "10.0.0.1", "/style.css") + log.read_text())
    population = open_population(str(log), settings, tmp_path)
    assert (population.events, population.accounts) == (120, 3)
    with duckdb.connect() as connection:
        copied = connection.execute(f"SELECT ts, item FROM {population.relation}").fetchnumpy()
    assert np.array_equal(copied["ts"], np.sort(copied["ts"]))
    assert len(set(copied["item"])) == 40


def test_several_files_are_one_population(tmp_path: Path, settings: Settings) -> None:
    """A folder of files is read as one source."""
    (tmp_path / "logs").mkdir()
    for number in range(3):
        events = account(f"user-{number}", [number * 60, 600], [number, 9])
        write_events(tmp_path / "logs" / f"{number}.parquet", events)
    population = open_population(str(tmp_path / "logs"), settings, tmp_path)
    assert (population.events, population.accounts) == (6, 3)


def test_a_missing_file_is_refused(tmp_path: Path, settings: Settings) -> None:
    """A file that does not exist raises one line with its name."""
    with pytest.raises(SourceError, match=r"nowhere\.parquet"):
        open_population(str(tmp_path / "nowhere.parquet"), settings, tmp_path)
