"""The file of the key for pseudonyms: what is accepted, what is refused, and what is shown."""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
import pickle
from pathlib import Path

import pytest

from ringfence import Settings
from ringfence.errors import SettingsError
from ringfence.pseudonym_key import PseudonymKey, is_pseudonym, name_in_use, open_key

SECRET = hashlib.sha256(b"a key of the tests").digest()


def key_file(path: Path, content: bytes = SECRET, mode: int = 0o600) -> str:
    """Write a key file, and return its path."""
    path.write_bytes(content)
    path.chmod(mode)
    return str(path)


@pytest.mark.parametrize(
    "content",
    [SECRET, SECRET.hex().encode(), SECRET.hex().upper().encode() + b"\n",
     base64.b64encode(SECRET) + b"\r\n", base64.urlsafe_b64encode(SECRET),
     base64.encodebytes(SECRET)],
)  # fmt: skip
def test_one_key_in_every_form(tmp_path: Path, content: bytes) -> None:
    """Bytes, hexadecimal digits and base64 give the same pseudonyms."""
    assert open_key(key_file(tmp_path / "key", content)) == PseudonymKey(SECRET)


@pytest.mark.parametrize(
    ("content", "error"),
    [(b"", "too short"), (SECRET[:31], "too short"), (SECRET[:31].hex().encode(), "short"),
     (base64.b64encode(SECRET[:30]), "too short"), (b"\xff" * 64, "not random"),
     (b"00" * 40, "not random"), (b"correct horse battery staple, and 32 more\n", "a text"),
     ("der Schlüssel zum Königreich der Pferde\n".encode(), "is a text"),
     (SECRET * 200, "too long")],
)  # fmt: skip
def test_a_weak_key_is_refused_in_one_line(tmp_path: Path, content: bytes, error: str) -> None:
    """The line says why, names the file, and does not repeat the content."""
    path = key_file(tmp_path / "key", content)
    with pytest.raises(SettingsError) as raised:
        open_key(path)
    said = str(raised.value)
    assert error in said
    assert path in said
    assert "\n" not in said
    assert not content or content.hex() not in said
    assert "horse" not in said


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o601, 0o644, 0o666])
def test_a_key_of_others_is_refused(tmp_path: Path, mode: int) -> None:
    """If others may read, write or run the file, the line tells how to change that."""
    path = key_file(tmp_path / "key", mode=mode)
    with pytest.raises(SettingsError, match=f"other users.*chmod 600 {path}"):
        open_key(path)


def test_what_is_no_file_is_refused(tmp_path: Path) -> None:
    """A missing file, a folder, a pipe without a writer and a wrong name are one line each."""
    os.mkfifo(tmp_path / "pipe", 0o600)
    (tmp_path / "folder").mkdir(0o700)
    for name in ("missing", "folder", "pipe", "na\0me"):
        with pytest.raises(SettingsError, match=r"privacy\.pseudonym_key"):
            open_key(str(tmp_path / name))


def test_pseudonyms_are_hmac_under_a_derived_key() -> None:
    """Any program with the key can compute a pseudonym as RFC 2104 says."""
    derived = hmac.new(SECRET, b"ringfence account", "sha256").digest()
    for name in ("ada", "Zoë O'Brien", "192.0.2.7 1a2b3c4d", "", "x" * 10_000):
        digest = hmac.new(derived, name.encode(), "sha256").hexdigest()
        assert PseudonymKey(SECRET).pseudonym(name) == f"pseudonym-{digest[:20]}"


def test_names_of_two_keys_cannot_be_linked() -> None:
    """Two keys share no pseudonym, no block and no check value; kinds of one key neither."""
    names = [f"user {number}" for number in range(500)]
    one, other = PseudonymKey(SECRET), PseudonymKey(SECRET[::-1])
    assert len({key.pseudonym(name) for key in (one, other) for name in names}) == 1_000
    blocks = {key.pads(kind) for key in (one, other) for kind in ("account", "device", "payment")}
    assert len(blocks) == 6
    assert one.check_value != other.check_value


def test_no_text_form_shows_the_key(tmp_path: Path) -> None:
    """Neither the key nor the settings that name its file show a byte of it."""
    path = key_file(tmp_path / "key")
    key = open_key(path)
    shown = f"{key!r} {key!s} {Settings(privacy={'pseudonym_key': path})!r}"
    assert SECRET.hex() not in shown
    assert repr(SECRET)[2:-1] not in shown
    assert pickle.loads(pickle.dumps(key)) == key  # noqa: S301 - our own bytes


def test_a_typed_name_becomes_the_one_in_use(tmp_path: Path) -> None:
    """A name becomes its pseudonym, a pseudonym stays, and without a key a name stays."""
    path = key_file(tmp_path / "key")
    known = PseudonymKey(SECRET).pseudonym("ada")
    assert name_in_use("ada", path) == known == name_in_use(known, path)
    assert name_in_use("ada", "") == "ada"
    assert is_pseudonym(known)
    assert not is_pseudonym(known + "0")
    assert not is_pseudonym("pseudonym-ada")


def test_networks_of_robots_and_pseudonyms_exclude_each_other() -> None:
    """The check of robots needs addresses, so both settings together are one clear line."""
    with pytest.raises(SettingsError, match=r"robots\.networks needs the addresses"):
        Settings(robots={"networks": "lists"}, privacy={"pseudonym_key": "key"})
