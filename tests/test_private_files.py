"""Written files are private, whole or not at all, and change no other file."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from ringfence.private_files import (
    foreign_link,
    leads_elsewhere,
    make_folder,
    new_file,
    new_place,
    owner_only,
)


def mode(path: Path) -> int:
    """Return the permissions of a file or link."""
    return stat.S_IMODE(path.lstat().st_mode)


@contextmanager
def umask(mask: int) -> Iterator[None]:
    """Run with another umask."""
    before = os.umask(mask)
    try:
        yield
    finally:
        os.umask(before)


def write_file(path: Path) -> None:
    """Write through a handle."""
    with new_file(path) as file:
        file.write(b"new")


def write_place(path: Path) -> None:
    """Write as another library does: through a path."""
    with new_place(path) as place:
        place.write_bytes(b"new")


WRITERS = [write_file, write_place]


@pytest.mark.parametrize("write", WRITERS)
@pytest.mark.parametrize("mask", [0o000, 0o022, 0o077])
def test_new_files_and_folders_are_private(
    tmp_path: Path, write: Callable[[Path], None], mask: int
) -> None:
    """Whatever the umask, only the owner can read a new file and enter a new folder."""
    with umask(mask):
        make_folder(tmp_path / "a" / "b")
        write(tmp_path / "a" / "b" / "file")
    assert mode(tmp_path / "a") == mode(tmp_path / "a" / "b") == 0o700
    assert mode(tmp_path / "a" / "b" / "file") == 0o600


def test_an_existing_folder_keeps_its_mode(tmp_path: Path) -> None:
    """A folder that the operator has opened to others stays open."""
    (tmp_path / "open").mkdir()
    (tmp_path / "open").chmod(0o2775)
    make_folder(tmp_path / "open" / "new")
    assert mode(tmp_path / "open") == 0o2775
    assert mode(tmp_path / "open" / "new") & 0o777 == 0o700


@pytest.mark.parametrize("write", WRITERS)
@pytest.mark.parametrize(("before", "after"), [(0o640, 0o640), (0o444, 0o644), (0o7777, 0o666)])
def test_a_replaced_file_keeps_what_its_owner_allows(
    tmp_path: Path, write: Callable[[Path], None], before: int, after: int
) -> None:
    """Read and write permissions stay; a file is never executable or set-user-id."""
    path = tmp_path / "file"
    path.write_bytes(b"old")
    path.chmod(before)
    write(path)
    assert path.read_bytes() == b"new"
    assert mode(path) == after


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
@pytest.mark.parametrize("write", WRITERS)
def test_the_mode_of_another_users_file_is_not_kept(
    tmp_path: Path, write: Callable[[Path], None]
) -> None:
    """A file that somebody else has prepared, readable by all, is replaced by a private one."""
    path = tmp_path / "file"
    path.write_bytes(b"old")
    path.chmod(0o666)
    os.chown(path, 1234, 1234)
    write(path)
    assert mode(path) == 0o600
    assert path.stat().st_uid == 0


@pytest.mark.parametrize("write", WRITERS)
@pytest.mark.parametrize("link", [os.symlink, os.link])
def test_a_link_is_replaced_and_its_target_stays(
    tmp_path: Path, write: Callable[[Path], None], link: Callable[[Path, Path], None]
) -> None:
    """Neither a symbolic nor a hard link leads to another file; nor does one without a target."""
    victim, path = tmp_path / "victim", tmp_path / "file"
    victim.write_bytes(b"precious")
    victim.chmod(0o644)
    link(victim, path)
    write(path)
    assert victim.read_bytes() == b"precious"
    assert path.read_bytes() == b"new"
    assert not path.is_symlink()
    assert mode(path) == 0o600
    (tmp_path / "dangling").symlink_to(tmp_path / "nowhere")
    write(tmp_path / "dangling")
    assert not (tmp_path / "nowhere").exists()


@pytest.mark.parametrize("write", WRITERS)
def test_a_folder_or_pipe_is_not_replaced(tmp_path: Path, write: Callable[[Path], None]) -> None:
    """A folder or a pipe stays, and nothing half-written is left."""
    (tmp_path / "folder").mkdir()
    os.mkfifo(tmp_path / "pipe")
    for name in ("folder", "pipe"):
        with pytest.raises(OSError, match="has this name"):
            write(tmp_path / name)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["folder", "pipe"]


@pytest.mark.parametrize("scope", [new_file, new_place])
def test_a_failure_leaves_the_old_file_and_nothing_else(
    tmp_path: Path, scope: Callable[[Path], object]
) -> None:
    """When writing fails, the old file stands and no temporary one is left."""
    path = tmp_path / ("é" * 100)
    path.write_bytes(b"old")
    with pytest.raises(KeyboardInterrupt), scope(path):  # type: ignore[attr-defined]
        raise KeyboardInterrupt
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_file_that_appears_meanwhile_can_be_kept(tmp_path: Path) -> None:
    """Of two processes that create a file at the same time, the first one wins."""
    path = tmp_path / "ledger"
    with new_place(path, keeps_other=True) as place:
        place.write_bytes(b"second")
        path.write_bytes(b"first")
    assert path.read_bytes() == b"first"
    assert list(tmp_path.iterdir()) == [path]


def test_a_place_is_hidden_from_others(tmp_path: Path) -> None:
    """While a library writes, nobody else can see or prepare its file."""
    with umask(0), new_place(tmp_path / "file") as place:
        place.write_bytes(b"new")
        assert mode(place.parent) == 0o700
        assert place.parent.parent == tmp_path


def test_scopes_of_private_umask_can_overlap() -> None:
    """The umask comes back only when the last scope has ended."""
    with umask(0o022):
        one, two = owner_only(), owner_only()
        one.__enter__()
        two.__enter__()
        one.__exit__(None, None, None)
        assert os.umask(0o077) == 0o077
        two.__exit__(None, None, None)
        assert os.umask(0o022) == 0o022


def test_own_links_are_followed_and_foreign_ones_are_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A link counts as foreign if neither the user, root nor the folder's owner has made it."""
    real = tmp_path / "real"
    real.mkdir()
    (tmp_path / "own").symlink_to("real")
    (tmp_path / "chain").symlink_to(tmp_path / "own")
    assert foreign_link(tmp_path / "chain" / "deep" / ".." / "er") is None
    monkeypatch.chdir(real)
    assert foreign_link(Path("../own/x")) is None
    if os.geteuid() == 0:
        os.lchown(tmp_path / "own", 1234, 1234)
        for path in (tmp_path / "own", tmp_path / "chain" / "x", Path("../own/x")):
            assert foreign_link(path) == tmp_path / "own"
        # The owner of a folder could do anything in it, so the link changes nothing.
        os.chown(tmp_path, 1234, 1234)
        assert foreign_link(tmp_path / "own") is None


def test_links_in_a_circle_are_an_error(tmp_path: Path) -> None:
    """A path that leads nowhere ends."""
    (tmp_path / "a").symlink_to("b/c")
    (tmp_path / "b").symlink_to("a")
    with pytest.raises(OSError, match="symbolic links") as caught:
        foreign_link(tmp_path / "a" / "x")
    assert caught.value.errno == errno.ELOOP


def test_what_leads_elsewhere_is_said(tmp_path: Path) -> None:
    """A link and a second name are distinguished from a file and from nothing."""
    (tmp_path / "file").write_text("x")
    (tmp_path / "link").symlink_to("file")
    assert leads_elsewhere(tmp_path / "file") == leads_elsewhere(tmp_path / "none") == ""
    assert leads_elsewhere(tmp_path / "link") == "is a link to file"
    os.link(tmp_path / "file", tmp_path / "other")
    assert leads_elsewhere(tmp_path / "file") == "is one of 2 names of the same file"
