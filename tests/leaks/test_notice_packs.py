"""Packs of evidence: complete, reproducible, and checkable by programs that everybody has."""

from __future__ import annotations

import json
import os
import shutil
import stat
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from stix2validator import ValidationOptions, validate_instance
from tests.leaks.notices_sample import CLAIM, DAY, make, write_assessment

from ringfence.errors import OutputError, SettingsError, SourceError
from ringfence.leaks.notices import (
    NoticeKey,
    NoticeRequest,
    check_pack,
    create_notice_key,
    make_notices,
    open_notice_key,
)
from ringfence.leaks.notices.assessed_copy import read_assessment
from ringfence.leaks.notices.partners import copy_bundle
from ringfence.notice_settings import PUBLISHED_LIMITS
from ringfence.settings import Settings


@pytest.fixture
def key(tmp_path: Path) -> NoticeKey:
    """Make a key."""
    return create_notice_key(tmp_path / "notices.key")


def contents(folder: Path) -> dict[str, bytes]:
    """Return every file of a folder."""
    return {
        one.relative_to(folder).as_posix(): one.read_bytes()
        for one in folder.rglob("*")
        if one.is_file()
    }


LINKS = "".join(f"https://h{n % 7}.example.com/{n}\n" for n in range(500))


def test_the_same_inputs_give_the_same_bytes(tmp_path: Path, key: NoticeKey) -> None:
    """All files are equal, the signature as well; the order of the links does not matter."""
    make(tmp_path, key, LINKS, out="one")
    make(tmp_path, open_notice_key(tmp_path / "notices.key"), LINKS, out="two")
    assert contents(tmp_path / "one") == contents(tmp_path / "two")
    shuffled = "\n".join(LINKS.split()[::-1] * 2)
    make(tmp_path, key, shuffled, out="three")
    one, three = contents(tmp_path / "one"), contents(tmp_path / "three")
    for own in ("pack.json", "manifest.sha256", "manifest.sig"):
        assert one.pop(own) != three.pop(own)
    assert one == three


def test_the_limits_divide_the_links(tmp_path: Path, key: NoticeKey) -> None:
    """The settings take the place of the published limits."""
    limits = {"host_links": 50, "google_links": 400, "bing_links": 125, "google_bytes": 20_000}
    made = make(tmp_path, key, LINKS, laws=["dmca"], limits=limits)
    assert (made.links, made.hosts) == (500, 7)
    assert made.notices == {"host": 14, "google": 2, "bing": 4}
    for file in (tmp_path / "pack/notices/google").glob("*.addresses.txt"):
        assert file.stat().st_size <= 20_000
    long = "".join(f"https://h.example.com/{n}{'x' * 900}\n" for n in range(100))
    made = make(tmp_path, key, long, laws=["dmca"], limits=limits, out="long")
    sizes = [
        one.stat().st_size for one in (tmp_path / "long/notices/google").glob("*.addresses.txt")
    ]
    assert len(sizes) == made.notices["google"] == 5
    assert max(sizes) <= 20_000


def test_the_list_for_google_has_the_form_of_its_program(tmp_path: Path, key: NoticeKey) -> None:
    """The works and where they can be seen come first, as comments; then one address per line."""
    make(tmp_path, key)
    text = (tmp_path / "pack/notices/google/0001.addresses.txt").read_text()
    assert text.splitlines() == [
        f"# {CLAIM['works']}", f"# {CLAIM['works_url']}",
        "https://a.example.com/1", "https://b.example.com/2",
    ]  # fmt: skip


@pytest.mark.skipif(
    not (shutil.which("sha256sum") and shutil.which("openssl")),
    reason="needs sha256sum and openssl",
)
def test_other_programs_can_check_a_pack(tmp_path: Path, key: NoticeKey) -> None:
    """Coreutils and OpenSSL agree with the manifest and the signature."""
    make(tmp_path, key)
    for command in (
        ["sha256sum", "--check", "--strict", "manifest.sha256"],
        ["openssl", "pkeyutl", "-verify", "-pubin", "-inkey", "public-key.pem", "-rawin",
         "-in", "manifest.sha256", "-sigfile", "manifest.sig"],
    ):  # fmt: skip
        done = subprocess.run(
            command, cwd=tmp_path / "pack", capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr


def test_a_pack_has_every_file_in_its_manifest(tmp_path: Path, key: NoticeKey) -> None:
    """Only the manifest, its signature and the key are not listed; the evidence is unchanged."""
    write_assessment(tmp_path / "leak")
    (tmp_path / "leak/coverage.csv").write_text("by,label\n")
    made = make(tmp_path, key)
    files = contents(tmp_path / "pack")
    assert made.files == len(files) - 3
    assert files["evidence/leak.json"] == (tmp_path / "leak/leak.json").read_bytes()
    assert files["evidence/coverage.csv"] == b"by,label\n"
    assert str(tmp_path).encode() not in b"".join(files.values())
    found = check_pack(tmp_path / "pack")
    assert found.intact
    assert (found.fingerprint, found.files) == (key.fingerprint, made.files)


def _change(pack: Path) -> None:
    with (pack / "links.csv").open("ab") as file:
        file.write(b"https://c.example.com/3,c.example.com,,\n")


def _forge(pack: Path) -> None:
    """Change a file and the manifest, which an attacker without the key can do."""
    import hashlib

    before = hashlib.sha256((pack / "links.csv").read_bytes()).hexdigest()
    _change(pack)
    after = hashlib.sha256((pack / "links.csv").read_bytes()).hexdigest()
    manifest = pack / "manifest.sha256"
    manifest.write_text(manifest.read_text().replace(before, after))


def _link(pack: Path) -> None:
    shutil.copy(pack / "links.csv", pack.parent / "elsewhere.csv")
    (pack / "links.csv").unlink()
    (pack / "links.csv").symlink_to(pack.parent / "elsewhere.csv")


Found = tuple[bool, list[str], list[str], list[str]]

CHANGES: dict[str, tuple[Callable[[Path], object], Found]] = {
    "changed": (_change, (True, ["links.csv"], [], [])),
    "removed": (lambda pack: (pack / "links.csv").unlink(), (True, [], ["links.csv"], [])),
    "added": (lambda pack: (pack / "x").write_text(""), (True, [], [], ["x"])),
    "added folder": (
        lambda pack: (pack / "y").symlink_to("/etc"), (True, [], [], ["y"]),
    ),
    "link": (_link, (True, ["links.csv"], [], [])),
    "pipe": (
        lambda pack: ((pack / "links.csv").unlink(), os.mkfifo(pack / "links.csv")),
        (True, ["links.csv"], [], []),
    ),
    "forged": (_forge, (False, [], [], [])),
    "signature": (lambda pack: (pack / "manifest.sig").write_bytes(b"x" * 64), (False, [], [], [])),
    "key": (lambda pack: (pack / "public-key.pem").write_text("no key"), (False, [], [], [])),
}  # fmt: skip
"""Changes of a pack: whether its signature stays right, and the files that are named."""


@pytest.mark.parametrize("name", CHANGES)
def test_every_change_is_found(tmp_path: Path, key: NoticeKey, name: str) -> None:
    """A changed, missing or added file, a link, and a wrong signature are found."""
    make(tmp_path, key)
    change, expected = CHANGES[name]
    change(tmp_path / "pack")
    found = check_pack(tmp_path / "pack")
    assert not found.intact
    assert (found.fingerprint == key.fingerprint) == expected[0]
    assert [[*found.changed], [*found.missing], [*found.added]] == list(expected[1:])


def test_another_key_is_another_signer(tmp_path: Path, key: NoticeKey) -> None:
    """A pack that somebody signs again is intact, but has another fingerprint."""
    other = create_notice_key(tmp_path / "other.key")
    make(tmp_path, other)
    assert check_pack(tmp_path / "pack").fingerprint == other.fingerprint != key.fingerprint


@pytest.mark.parametrize("line", ["../../etc/passwd", "/etc/passwd", "a\\b", ""])
def test_a_hostile_manifest_reads_nothing_outside(
    tmp_path: Path, key: NoticeKey, line: str
) -> None:
    """A path outside the pack is missing or no path; it is never opened."""
    make(tmp_path, key)
    (tmp_path / "pack/manifest.sha256").write_text(f"{'0' * 64}  {line}\n")
    try:
        found = check_pack(tmp_path / "pack")
    except SourceError as error:
        assert "line 1 is not that of a manifest" in str(error)  # noqa: PT017 - one of two answers
    else:
        assert found.missing == (line,)
        assert found.fingerprint is None


def test_a_folder_that_is_not_a_pack_is_refused(tmp_path: Path) -> None:
    """Without a manifest there is nothing to check."""
    with pytest.raises(SourceError, match=r"manifest\.sha256: cannot be read"):
        check_pack(tmp_path)


def test_a_pack_is_never_mixed_with_other_files(tmp_path: Path, key: NoticeKey) -> None:
    """A folder with any file is refused, and the file stays."""
    (tmp_path / "pack").mkdir()
    (tmp_path / "pack/x").write_text("own")
    with pytest.raises(OutputError, match="is not empty"):
        make(tmp_path, key)
    assert contents(tmp_path / "pack") == {"x": b"own"}


def test_only_the_owner_can_read_packs_and_keys(tmp_path: Path, key: NoticeKey) -> None:
    """A pack has the claimant's data, and the key signs in the claimant's name."""
    make(tmp_path, key)
    for one in (tmp_path / "notices.key", *(tmp_path / "pack").rglob("*")):
        assert stat.S_IMODE(one.stat().st_mode) in {0o600, 0o700}, one


def test_a_key_is_never_replaced_or_shown(tmp_path: Path, key: NoticeKey) -> None:
    """An existing file, one that others may read, and one of another kind are refused."""
    path = tmp_path / "notices.key"
    before = path.read_bytes()
    with pytest.raises(SettingsError, match="exists already"):
        create_notice_key(path)
    assert path.read_bytes() == before
    assert "PRIVATE" not in repr(key)
    path.chmod(0o644)
    with pytest.raises(SettingsError, match="other users of this machine may use it"):
        open_notice_key(path)
    for content in (b"", b"x" * 500, before[:60], key.public):
        path.write_bytes(content)
        path.chmod(0o600)
        with pytest.raises(SettingsError, match="is not a key for notices") as caught:
            open_notice_key(path)
        assert "PRIVATE" not in str(caught.value)


def test_a_work_is_never_a_formula(tmp_path: Path, key: NoticeKey) -> None:
    """A spreadsheet shows it as text."""
    make(tmp_path, key, 'url,work\nhttps://a.example.com/1,"=HYPERLINK(1)"\n', file="links.csv")
    assert ",'=HYPERLINK(1)," in (tmp_path / "pack/links.csv").read_text()


def test_partners_get_valid_stix_without_personal_data(tmp_path: Path, key: NoticeKey) -> None:
    """The bundle keeps the standard, and has no address, host, or data of the claimant."""
    assessment = write_assessment(tmp_path / "leak")
    (tmp_path / "links.txt").write_text("https://maria-exemplo.example.com/maria\n")
    request = NoticeRequest(tmp_path / "links.txt", assessment, ("dmca",), "en", DAY, partners=True)
    make_notices(request, tmp_path / "pack", key, Settings.model_validate({"notices": CLAIM}))
    text = (tmp_path / "pack/partners.stix.json").read_text()
    bundle = json.loads(text)
    assert bundle == copy_bundle(read_assessment(assessment), 1, 1, DAY)
    options = ValidationOptions(version="2.1", strict=True, disabled="uuid-check")
    result = validate_instance(bundle, options)
    assert result.is_valid, [str(error) for error in result.errors]
    assert "30,000 of 100,000 items of a catalogue, 30.0%" in text
    assert not [one for one in ("maria", *CLAIM.values()) if str(one).lower() in text.lower()]


def test_every_limit_has_a_source_and_a_day() -> None:
    """The defaults of the settings are the numbers of the table."""
    limits = Settings().notices.limits
    assert limits.host_links == PUBLISHED_LIMITS["host"].links
    assert limits.google_links == PUBLISHED_LIMITS["google"].links
    assert limits.google_bytes == PUBLISHED_LIMITS["google"].bytes
    assert limits.bing_links == PUBLISHED_LIMITS["bing"].links
    for name, field in type(limits).model_fields.items():
        if name.endswith("_links"):
            one = PUBLISHED_LIMITS[name.removesuffix("_links")]  # type: ignore[index]
            assert one.source in (field.description or "")
            assert one.day.isoformat() in (field.description or "")
