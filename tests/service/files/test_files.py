"""The folder of the service is private, and a status is whole or absent."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import pytest
from tests.service.ingest.test_process import small_disk

from ringfence.errors import SettingsError
from ringfence.service.files import ServiceFolder, read_status, write_status


def test_the_folders_are_private(tmp_path: Path) -> None:
    """All folders can be entered by their owner only, also one that was open before."""
    folder = ServiceFolder(tmp_path / "live")
    (tmp_path / "live" / "log").mkdir(parents=True, mode=0o755)
    folder.create()
    folder.create()
    for path in (folder.log, folder.feed, folder.status, folder.exposure, folder.quarantine):
        assert path.stat().st_mode & 0o777 == 0o700
        assert path.parent == folder.root


def test_every_name_is_different(tmp_path: Path) -> None:
    """No two files of the service have one name."""
    folder = ServiceFolder(tmp_path)
    names = [
        getattr(folder, name)
        for name, of in vars(ServiceFolder).items()
        if isinstance(of, property)
    ]
    assert len(names) == len(set(names)) >= 10


def test_a_link_in_the_place_of_a_folder_is_refused(tmp_path: Path) -> None:
    """A link to another folder is not used as the log."""
    root = tmp_path / "live"
    root.mkdir()
    (root / "log").symlink_to(tmp_path)
    with pytest.raises(SettingsError, match="is not a folder of the user"):
        ServiceFolder(root).create()


def test_a_folder_that_cannot_be_made_is_one_line(tmp_path: Path) -> None:
    """A file in the way is named."""
    (tmp_path / "file").write_text("")
    with pytest.raises(SettingsError, match=r"service\.folder"):
        ServiceFolder(tmp_path / "file" / "live").create()


def test_a_status_is_read_as_it_was_written(tmp_path: Path) -> None:
    """The last status counts, and only its owner can read it."""
    folder = ServiceFolder(tmp_path)
    folder.create()
    assert read_status(folder, "judge") is None
    write_status(folder, "judge", {"events": 1})
    write_status(folder, "judge", {"events": 2, "names": ["é"]})
    assert read_status(folder, "judge") == {"events": 2, "names": ["é"]}
    assert (folder.status / "judge.json").stat().st_mode & 0o777 == 0o600


def test_a_status_is_written_on_a_full_disk(tmp_path: Path) -> None:
    """A process can say that the disk is full, as often as it wants, and nothing is left behind."""
    with small_disk(tmp_path / "disk") as disk:
        folder = ServiceFolder(disk)
        folder.create()
        write_status(folder, "judge", {"error": ""})
        with (disk / "ballast").open("wb", buffering=0) as file, suppress(OSError):
            while True:
                file.write(bytes(4096))
        for turn in range(3):
            write_status(folder, "judge", {"error": f"full {turn}", "words": "x" * 1_000})
            assert (read_status(folder, "judge") or {})["error"] == f"full {turn}"
        with pytest.raises(OSError, match="No space left"):
            write_status(folder, "judge", {"error": "x" * 8_000})
        assert (read_status(folder, "judge") or {})["error"] == "full 2"
        (disk / "ballast").unlink()
        write_status(folder, "judge", {"error": ""})
        assert [path.name for path in folder.status.iterdir()] == ["judge.json"]
        assert read_status(folder, "judge") == {"error": ""}


@pytest.mark.parametrize("content", [b"", b"[1]", b"{", b"\xff"])
def test_a_damaged_status_is_none(tmp_path: Path, content: bytes) -> None:
    """A file without a JSON object says nothing."""
    folder = ServiceFolder(tmp_path)
    folder.create()
    (folder.status / "judge.json").write_bytes(content)
    assert read_status(folder, "judge") is None


@pytest.mark.parametrize("name", ["", "../x", "A", "a/b"])
def test_a_name_that_is_no_process_is_refused(tmp_path: Path, name: str) -> None:
    """A status cannot be written outside its folder."""
    folder = ServiceFolder(tmp_path)
    with pytest.raises(ValueError, match="not the name of a process"):
        write_status(folder, name, {})
    with pytest.raises(ValueError, match="not the name of a process"):
        read_status(folder, name)
