"""Assessments, attributions, packs and canaries are found in their folders, whatever lies there."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from tests.leaks.leak_folders import HOSTILE, assessment, attribution, write_folders, write_pack
from tests.leaks.leaked_catalogue import items, most_used, write_catalogue, write_listing
from tests.leaks.notices_sample import make

from ringfence.errors import LeakError
from ringfence.leaks.assess import assess_leak
from ringfence.leaks.notices import create_notice_key
from ringfence.leaks.outputs import write_assessment
from ringfence.leaks.overview import (
    count_canaries,
    folders,
    hosts_of,
    written_leak,
    written_leaks,
    written_pack,
    written_packs,
)


def test_a_real_assessment_is_read_back(tmp_path: Path) -> None:
    """The numbers and sentences are those that the assessment had."""
    listed = items(400)
    catalogue = write_catalogue(listed, tmp_path / "catalogue.csv")
    dump = write_listing(most_used(listed, 100), tmp_path / "files.txt")
    leak = assess_leak([dump], catalogue=catalogue)
    (tmp_path / "all" / HOSTILE.replace("/", "_")).mkdir(parents=True)
    (folder,) = (tmp_path / "all").iterdir()
    write_assessment(leak, folder)
    (found,), unreadable = written_leaks(tmp_path / "all")
    assert unreadable == []
    assert found.assessment is not None
    assert found.assessment.files.items == 100
    assert found.assessment.files.use == leak.files.use
    assert found.assessment.sentence == leak.to_json()["sentence"]
    assert found.assessment.coverage.keys() == leak.coverage.keys()
    assert found.report == folder / "leak.html"
    assert written_leak(tmp_path / "all", found.key) == found
    assert written_leak(tmp_path / "all", folder.name) is None


def test_a_real_pack_is_read_back(tmp_path: Path) -> None:
    """Each host has its batches, and each recipient its number of notices."""
    create_notice_key(tmp_path / "key")
    from ringfence.leaks.notices import open_notice_key

    made = make(tmp_path, open_notice_key(tmp_path / "key"), out="packs/one")
    (found,), unreadable = written_packs(tmp_path / "packs")
    assert (found.signed, unreadable) == (True, [])
    assert found.pack is not None
    assert found.pack.notices == made.notices
    assert (found.pack.links, found.pack.hosts) == (2, 2)
    assert [(one.host, one.batches) for one in hosts_of(found)] == [
        ("a.example.com", 1),
        ("b.example.com", 1),
    ]


def test_a_pack_that_was_not_finished_is_told_from_others(tmp_path: Path) -> None:
    """A pack without numbers or signature is listed as not complete."""
    write_pack(tmp_path / "one")
    (tmp_path / "one/manifest.sig").unlink()
    (tmp_path / "two").mkdir()
    (tmp_path / "two/manifest.sha256").touch()
    found, _ = written_packs(tmp_path)
    assert {one.path.name: (one.pack is not None, one.signed) for one in found} == {
        "one": (True, False),
        "two": (False, False),
    }
    two = written_pack(tmp_path, next(one.key for one in found if one.pack is None))
    assert two is not None
    assert hosts_of(two) == []


DAMAGED = {
    "half": json.dumps(assessment())[:200],
    "a list": "[]",
    "deep": "[" * 100_000,
    "a share above 1": json.dumps(assessment(files={**assessment()["files"], "share": 7})),
    "not a number": json.dumps(assessment(p_value=float("nan"))),
    "no text": "\udcff",
    "a word": json.dumps(assessment(items="many")),
}


@pytest.mark.parametrize("content", DAMAGED.values(), ids=DAMAGED)
def test_a_damaged_document_is_named_and_hides_no_other(tmp_path: Path, content: str) -> None:
    """The folder is listed with a reason in one line; the assessment beside it is shown."""
    for name, text in (("good", json.dumps(assessment())), ("bad", content)):
        (tmp_path / name).mkdir()
        (tmp_path / name / "leak.json").write_bytes(text.encode("utf-8", "surrogateescape"))
    leaks, (bad,) = written_leaks(tmp_path)
    assert [one.name for one in leaks] == ["good"]
    assert bad.name == "bad"
    assert bad.why.startswith("leak.json is damaged")
    assert "\n" not in bad.why


def test_what_is_no_document_stops_nothing(tmp_path: Path) -> None:
    """Files, empty folders, links in a circle and names without UTF-8 are passed over or read."""
    (tmp_path / "notes.txt").touch()
    (tmp_path / "empty").mkdir()
    (tmp_path / "circle").symlink_to("circle")
    (tmp_path / "folder/leak.json").mkdir(parents=True)
    odd = os.fsencode(tmp_path) + b"/\xff"
    os.mkdir(odd)  # noqa: PTH102 - a name in bytes
    Path(os.fsdecode(odd), "attribution.json").write_text(json.dumps(attribution("ann")))
    (found,), (unreadable,) = written_leaks(tmp_path)
    assert found.assessment is None
    assert found.attribution is not None
    assert unreadable.name == "folder"
    with pytest.raises(LeakError, match="cannot be read"):
        written_leaks(tmp_path / "none")


def test_the_newest_folders_are_listed_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Beyond a number of folders, only the newest ones are read."""
    monkeypatch.setattr(folders, "MOST_FOLDERS", 3)
    for number in range(5):
        path = tmp_path / f"f{number}" / "attribution.json"
        path.parent.mkdir()
        path.write_text(json.dumps(attribution()))
        os.utime(path, (1_000_000 + number, 1_000_000 + number))
    assert [one.name for one in written_leaks(tmp_path)[0]] == ["f4", "f3", "f2"]


def test_canaries_are_counted_only(tmp_path: Path) -> None:
    """The numbers of the list have no id in them."""
    write_folders(tmp_path)
    found = count_canaries(str(tmp_path / "canaries.jsonl"))
    assert (found.planted, found.first, found.last) == (10, "2026-01-01", "2026-09-01")
    assert "secret" not in repr(found)
