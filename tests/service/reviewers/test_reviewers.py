"""Reviewers are kept in a private file, with hashes of their passwords."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from ringfence.errors import OutputError, SettingsError
from ringfence.service.files import ServiceFolder
from ringfence.service.reviewers import (
    LoginThrottle,
    Reviewer,
    SessionStore,
    add_reviewer,
    check_password,
    hash_password,
    read_reviewers,
    remove_reviewer,
)
from ringfence.service.reviewers.sessions import IDLE_SECONDS, SESSION_SECONDS

MOMENT = "2026-11-29T09:00:00Z"
MIA = Reviewer("Mia", "reviewer", "hash", MOMENT)


class Clock:
    """A clock that the test sets."""

    now = 1_000_000.0

    def __call__(self) -> float:
        """Return the time."""
        return self.now


@pytest.fixture
def folder(tmp_path: Path) -> ServiceFolder:
    """Return a folder of the service."""
    made = ServiceFolder(tmp_path / "live")
    made.create()
    return made


def test_a_password_is_hashed_with_argon2(folder: ServiceFolder) -> None:
    """The file has the hash and nothing else, and only its owner can read it."""
    hashed = hash_password("a long password")
    assert hashed.startswith("$argon2id$v=19$m=65536,t=3,p=4$")
    assert hashed != hash_password("a long password")
    add_reviewer(folder, Reviewer("Mia", "admin", hashed, MOMENT))
    assert check_password("a long password", read_reviewers(folder)[0].password_hash)
    assert b"a long password" not in folder.reviewers.read_bytes()
    assert stat.S_IMODE(folder.reviewers.stat().st_mode) == 0o600


@pytest.mark.parametrize(
    ("typed", "hashed"), [("wrong password", None), ("", None), ("x" * 2_000, None), ("x", "none")]
)
def test_a_wrong_password_is_wrong(typed: str, hashed: str | None) -> None:
    """So is every password of a name that nobody has, and of a hash that is damaged."""
    assert not check_password(typed, hashed)
    assert not check_password("the password of nobody", None)


@pytest.mark.parametrize("password", ["", "short", "x" * 11, "x" * 1025])
def test_a_short_or_huge_password_is_refused(password: str) -> None:
    """A password has from 12 to 1024 characters."""
    with pytest.raises(SettingsError, match="at least 12"):
        hash_password(password)


@pytest.mark.parametrize("name", ["", " ", "policy", "scan", "Mia ", "a\nb", "x" * 101])
def test_a_name_that_the_audit_refuses_is_refused(name: str) -> None:
    """Nobody has the name of the program, an empty one, or one with hidden characters."""
    with pytest.raises(SettingsError):
        Reviewer(name, "reviewer", "hash", MOMENT)


@pytest.mark.parametrize("name", ["Mia", "mia", "M ia", "\uff2dia"])
def test_nobody_is_added_twice(folder: ServiceFolder, name: str) -> None:
    """A person with two similar names could answer appeals against the own decisions."""
    add_reviewer(folder, MIA)
    with pytest.raises(SettingsError, match="there is a reviewer"):
        add_reviewer(folder, Reviewer(name, "admin", "hash", MOMENT))


def test_a_reviewer_is_removed(folder: ServiceFolder) -> None:
    """Only those are removed that there are."""
    add_reviewer(folder, MIA)
    assert remove_reviewer(folder, "Mia") == MIA
    assert read_reviewers(folder) == ()
    with pytest.raises(SettingsError, match="there is no reviewer"):
        remove_reviewer(folder, "Mia")


@pytest.mark.parametrize("content", [b"", b"{}", b'[{"name": "Mia"}]', b"\xff"])
def test_a_damaged_file_is_told(folder: ServiceFolder, content: bytes) -> None:
    """Nobody can log in with it, and it is not replaced."""
    folder.reviewers.write_bytes(content)
    with pytest.raises(SettingsError, match="is not a file of reviewers"):
        read_reviewers(folder)
    with pytest.raises(SettingsError, match="is not a file of reviewers"):
        add_reviewer(folder, MIA)


def test_roles_contain_each_other() -> None:
    """An admin may do what a reviewer may do, who may do what a viewer may do."""
    assert [MIA.may(role) for role in ("viewer", "reviewer", "admin")] == [True, True, False]


def test_a_session_is_kept_as_a_hash(folder: ServiceFolder) -> None:
    """The text of the cookie is in no file, and another text finds nothing."""
    sessions = SessionStore(folder)
    secret = sessions.begin(MIA)
    found = sessions.find(secret)
    assert found is not None
    assert (found.name, found.stamp) == ("Mia", MIA.stamp)
    assert sessions.find(secret[:-1] + ("A" if secret[-1] != "A" else "B")) is None
    assert sessions.find("") is None
    files = b"".join(one.read_bytes() for one in folder.root.glob("sessions.sqlite*"))
    assert found.digest.encode() in files
    assert secret.encode() not in files
    assert stat.S_IMODE(folder.sessions.stat().st_mode) == 0o600
    # Another process, such as the one after a restart, knows the session too.
    assert SessionStore(folder).find(secret) == found
    sessions.end(found)
    assert sessions.find(secret) is None
    sessions.close()


@pytest.mark.parametrize(
    ("steps", "lasts"),
    [
        ([IDLE_SECONDS - 1], True),
        ([IDLE_SECONDS + 1], False),
        ([IDLE_SECONDS - 1] * 5, True),
        ([SESSION_SECONDS / 7] * 8, False),
        ([-3_600], False),
    ],
    ids=["used", "idle", "used again", "too old", "clock set back"],
)
def test_a_session_ends(folder: ServiceFolder, steps: list[float], *, lasts: bool) -> None:
    """It ends after two hours without use, after twelve in any case, and if the clock is wrong."""
    clock = Clock()
    sessions = SessionStore(folder, clock)
    secret = sessions.begin(MIA)
    for step in steps:
        clock.now += step
        found = sessions.find(secret)
    assert (found is not None) == lasts
    sessions.close()


def test_a_look_is_remembered_per_person(folder: ServiceFolder) -> None:
    """The page can say what is new to this person."""
    sessions = SessionStore(folder)
    assert sessions.look("Mia", 1, 3, 50) is None
    assert sessions.look("Mia", 1, 4, 60) == (3, 50)
    assert sessions.look("Leo", 1, 4, 70) is None
    assert sessions.looks("Mia", [1, 2]) == {1: 4}
    assert sessions.looks("Mia", []) == {}
    sessions.close()


def test_a_session_file_that_is_something_else_is_told(folder: ServiceFolder) -> None:
    """The error names the file."""
    folder.sessions.write_bytes(b"no database" * 100)
    with pytest.raises(OutputError, match=r"sessions\.sqlite"):
        SessionStore(folder).begin(MIA)


def test_guessing_takes_longer_and_longer() -> None:
    """After five failures the wait doubles up to 15 minutes; a login forgets them."""
    clock = Clock()
    throttle = LoginThrottle(clock)
    waits = []
    for _ in range(16):
        throttle.failed("Mia", "10.0.0.1")
        waits.append(round(throttle.wait("mia", "10.0.0.2")))
    assert waits[:8] == [0, 0, 0, 0, 2, 4, 8, 16]
    assert waits[-1] == 900
    assert throttle.wait("Leo", "10.0.0.1") == 0
    clock.now += 901
    assert throttle.wait("Mia", "10.0.0.1") == 0
    throttle.succeeded("Mia", "10.0.0.1")
    throttle.failed("Mia", "10.0.0.1")
    assert throttle.wait("Mia", "10.0.0.1") == 0


def test_an_address_that_tries_many_names_waits() -> None:
    """Twenty failures from one address slow down all names there."""
    throttle = LoginThrottle(Clock())
    for number in range(20):
        throttle.failed(f"name{number}", "10.0.0.1")
    assert throttle.wait("Mia", "10.0.0.1") > 0
    assert throttle.wait("Mia", "10.0.0.2") == 0


def test_others_cannot_lock_somebody_out() -> None:
    """A person who has logged in from an address can do so again while others guess."""
    throttle = LoginThrottle(Clock())
    throttle.succeeded("Mia", "10.0.0.1")
    for _ in range(50):
        throttle.failed("Mia", "10.6.6.6")
    assert throttle.wait("Mia", "10.6.6.6") > 0
    assert throttle.wait("Mia", "10.0.0.1") == 0


@pytest.mark.slow
def test_failures_take_bounded_memory() -> None:
    """A million invented names leave at most ten thousand entries."""
    throttle = LoginThrottle(Clock())
    for number in range(12_000):
        throttle.failed(f"name{number}", f"address{number}")
    assert len(throttle._failures) == 10_000  # noqa: SLF001 - its size is the point
