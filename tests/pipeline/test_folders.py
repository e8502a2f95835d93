"""The folders of a scan: checked before the work, and no trace of them after a failure."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

import ringfence
from ringfence.errors import OutputError, SettingsError, SourceError
from ringfence.pipeline import check_folder, prepare_folder, scratch_folder
from ringfence.settings import EngineSettings, Settings


def test_a_check_leaves_no_trace(tmp_path: Path) -> None:
    """A folder that could be created does not exist afterwards, nor do its parents."""
    folder = tmp_path / "a" / "b" / "c"
    assert check_folder(folder) == folder
    assert list(tmp_path.iterdir()) == []


def test_a_check_leaves_what_was_there(tmp_path: Path) -> None:
    """An existing folder stays, empty or not."""
    (tmp_path / "empty").mkdir()
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "report.html").write_text("yesterday")
    check_folder(tmp_path / "empty")
    check_folder(tmp_path / "full")
    check_folder(tmp_path / "full" / "new")
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["empty", "full", "report.html"]


@pytest.mark.parametrize("check", [check_folder, prepare_folder])
def test_a_folder_below_a_file_is_refused(tmp_path: Path, check: object) -> None:
    """Where a file stands there can be no folder."""
    (tmp_path / "file").write_text("")
    assert callable(check)
    with pytest.raises(OutputError, match=r"file/out: cannot be written: Not a directory"):
        check(tmp_path / "file" / "out")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_without_permission_is_refused(tmp_path: Path) -> None:
    """A folder that exists and may not be written is refused, and stays."""
    folder = tmp_path / "locked"
    folder.mkdir(mode=0o555)
    with pytest.raises(OutputError):
        check_folder(folder)
    assert folder.is_dir()


def test_a_prepared_folder_exists_and_is_empty(tmp_path: Path) -> None:
    """The probe that tests whether it can be written is gone."""
    assert list(prepare_folder(tmp_path / "a" / "b").iterdir()) == []


def test_a_failed_scan_leaves_no_folder(tmp_path: Path) -> None:
    """A scan that cannot read its source does not create the folder of its results."""
    noise = tmp_path / "noise.log"
    noise.write_bytes(bytes(range(256)) * 40)
    with pytest.raises(SourceError):
        ringfence.scan(noise, out=tmp_path / "deep" / "out")
    assert [path.name for path in tmp_path.iterdir()] == ["noise.log"]


def test_the_scratch_folder_is_removed(tmp_path: Path) -> None:
    """Temporary data stands where the settings say, and is gone afterwards."""
    settings = Settings(engine=EngineSettings(temp_directory=str(tmp_path)))
    with scratch_folder(settings) as scratch:
        assert scratch.parent == tmp_path
        (scratch / "data").write_text("x")
    assert list(tmp_path.iterdir()) == []


def test_a_missing_place_for_scratch_is_named(tmp_path: Path) -> None:
    """The error names the folder and the setting."""
    settings = Settings(engine=EngineSettings(temp_directory=str(tmp_path / "gone")))
    with (
        pytest.raises(SettingsError, match=r"gone: cannot be used: .*engine\.temp_directory"),
        scratch_folder(settings),
    ):
        pass
