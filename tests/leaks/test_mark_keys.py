"""Keys of marks are private, are kept for ever, and never appear in a message."""

from __future__ import annotations

from pathlib import Path

import pytest

from ringfence.errors import OutputError, SettingsError
from ringfence.leaks.marks import create_mark_keys, open_mark_keys, rotate_mark_keys


def test_a_new_file_is_private_and_reads_back(tmp_path: Path) -> None:
    """Only the owner may read the file, and it gives the same key again."""
    path = tmp_path / "marks.key"
    keys = create_mark_keys(path)
    assert path.stat().st_mode & 0o777 == 0o600
    assert open_mark_keys(path) == keys
    assert keys.current.secret.hex() not in repr(keys)


def test_a_file_is_never_overwritten(tmp_path: Path) -> None:
    """Making a file twice is refused, and the first key stays."""
    path = tmp_path / "marks.key"
    keys = create_mark_keys(path)
    with pytest.raises(SettingsError, match="exists already"):
        create_mark_keys(path)
    assert open_mark_keys(path) == keys


def test_rotation_adds_a_key_and_keeps_the_others(tmp_path: Path) -> None:
    """The newest key is in use, and the older ones still detect."""
    path = tmp_path / "marks.key"
    first = create_mark_keys(path).current
    rotated = rotate_mark_keys(path)
    assert rotated.keys[0] == first
    assert rotated.current != first
    assert open_mark_keys(path) == rotated
    assert path.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\xff\xfe",
        b"[]",
        b'{"keys": []}',
        b'{"keys": [{"id": "a", "created": "2026-01-01", "secret": "c2hvcnQ="}]}',
        b'{"keys": [{"id": 7, "created": "2026-01-01", "secret": "!"}]}',
        b"[" * 100_000,
    ],
)
def test_other_files_are_refused_without_their_content(tmp_path: Path, content: bytes) -> None:
    """A file that has no keys is refused in one line, which does not repeat the content."""
    path = tmp_path / "marks.key"
    path.write_bytes(content)
    path.chmod(0o600)
    with pytest.raises(SettingsError, match="is not a file of keys for marks") as refused:
        open_mark_keys(path)
    assert "c2hvcnQ" not in str(refused.value)


def test_a_file_that_others_may_read_is_refused(tmp_path: Path) -> None:
    """Keys that other users can read are not used."""
    path = tmp_path / "marks.key"
    create_mark_keys(path)
    path.chmod(0o644)
    with pytest.raises(SettingsError, match="other users"):
        open_mark_keys(path)
    with pytest.raises(SettingsError, match="cannot be read"):
        open_mark_keys(tmp_path / "missing.key")
    with pytest.raises(SettingsError, match=r"cannot be read|is not a file"):
        open_mark_keys(tmp_path)
    with pytest.raises(OutputError, match="cannot be written"):
        create_mark_keys(tmp_path / "no-folder" / "marks.key")
