"""A backup has what the service had, and a damaged one restores nothing."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path

import pytest
from tests.enforcement.acts import open_case, order
from tests.service.judge.logs import add_segment, fed, fold, holdings, lines, service, take

from ringfence.cases import open_store
from ringfence.errors import RingfenceError
from ringfence.service.backup import back_up, restore
from ringfence.service.event_log import Batch, LogWriter, closed_segments, read_batches
from ringfence.service.exposure.keys import load_secret
from ringfence.service.files import ServiceFolder, fold_turn, read_status
from ringfence.service.tokens import add_token, new_token, read_tokens


def made(root: Path) -> ServiceFolder:
    """Return a service with a fold, events that wait, a case, a token and a quarantined record."""
    folder = service(root)
    add_segment(folder, ("events", lines(take("ann", f"t{n}", n) for n in range(50))))
    fold(folder)
    add_segment(folder, ("events", lines(take("bob", f"t{n}", n) for n in range(9))))
    with open_store(folder.cases) as store:
        order(store, open_case(store, "ann"), "suspend")
    add_token(folder, new_token("web", ("ingest",), "2026-11-29T09:00:00Z")[0])
    (folder.quarantine / "one.ndjson").write_text("{}\n")
    return folder


def dump(path: Path) -> list[str]:
    """Return the content of a case store as statements."""
    with sqlite3.connect(path) as connection:
        return list(connection.iterdump())


def test_a_restored_folder_has_what_the_service_had(tmp_path: Path) -> None:
    """Cases, tokens, the secret, the ledger, the feed and waiting events are the same."""
    folder = made(tmp_path / "live")
    back_up(folder, folder.cases, tmp_path / "copies" / "monday")
    restored = ServiceFolder(tmp_path / "other" / "live")
    contents = restore(tmp_path / "copies" / "monday", restored, restored.cases)
    assert contents.has_cases
    assert dump(restored.cases) == dump(folder.cases)
    assert load_secret(restored) == load_secret(folder)
    assert read_tokens(restored) == read_tokens(folder)
    assert (restored.quarantine / "one.ndjson").read_text() == "{}\n"
    assert fed(restored) == fed(folder)
    assert fold(restored) == fold(folder) == 1
    assert holdings(restored) == holdings(folder)
    assert fed(restored) == fed(folder)
    assert (read_status(folder, "backup") or {})["bytes"] == contents.size


def test_everything_in_it_is_private(tmp_path: Path) -> None:
    """Neither the backup nor the restored folder can be read by others."""
    folder = made(tmp_path / "live")
    back_up(folder, folder.cases, tmp_path / "backup")
    restored = ServiceFolder(tmp_path / "restored")
    restore(tmp_path / "backup", restored, restored.cases)
    for root in (tmp_path / "backup", restored.root):
        for path in (root, *root.rglob("*")):
            if path.name != "backup.json":
                assert path.stat().st_mode & 0o077 == 0, path


def test_a_backup_of_a_running_log_has_its_open_segment(tmp_path: Path) -> None:
    """Batches are in it that were acknowledged a moment ago, and no half of a later one."""
    folder = made(tmp_path / "live")
    with LogWriter(folder.log, seconds=3600) as writer:
        writer.append([Batch("events", "k1", b"{}\n")])
        (opened,) = folder.log.glob("*.open")
        with opened.open("ab") as file:
            file.write(b"half of a frame")
        back_up(folder, folder.cases, tmp_path / "backup")
        writer.append([Batch("events", "k2", b"{}\n")])
    restored = ServiceFolder(tmp_path / "restored")
    restore(tmp_path / "backup", restored, restored.cases)
    with LogWriter(restored.log, seconds=3600) as writer:
        assert writer.append([Batch("events", "k1", b"{}\n")]) == [False]
        assert writer.append([Batch("events", "k2", b"{}\n")]) == [True]
    keys = [one.key for path in closed_segments(restored.log) for one in read_batches(path)]
    assert keys == ["", "k1", "k2"]


def test_a_backup_waits_for_the_end_of_a_fold(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While a fold is done, nothing is copied; if it does not end, there is no backup."""
    folder = made(tmp_path / "live")
    monkeypatch.setattr("ringfence.service.backup.writing._LONGEST_FOLD", 0.2)
    with fold_turn(folder) as mine:
        assert mine
        with pytest.raises(RingfenceError, match="a fold takes longer"):
            back_up(folder, folder.cases, tmp_path / "backup")
    assert {path.name for path in tmp_path.iterdir()} == {"live"}
    back_up(folder, folder.cases, tmp_path / "backup")


@pytest.mark.parametrize(
    ("target", "said"),
    [
        ("live", "exists"),
        ("live/backup", "is in the folder of the service"),
        ("live/../live/log/backup", "is in the folder of the service"),
    ],
)
def test_a_target_that_cannot_be_used_is_one_line(tmp_path: Path, target: str, said: str) -> None:
    """Nothing is overwritten, and no backup grows inside of what it copies."""
    folder = made(tmp_path / "live")
    with pytest.raises(RingfenceError, match=said):
        back_up(folder, folder.cases, tmp_path / target)


def test_a_folder_that_is_no_service_is_one_line(tmp_path: Path) -> None:
    """An empty backup would be found out too late."""
    folder = ServiceFolder(tmp_path / "none")
    with pytest.raises(RingfenceError, match="is not the folder of a service"):
        back_up(folder, folder.cases, tmp_path / "backup")


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        ("changed", "is not as it was written"),
        ("missing", "is missing"),
        ("list", "is not the list of a backup"),
        ("form", "of the form 2"),
        ("outside", "names a file outside of the backup"),
        ("gone", "is not a backup"),
    ],
)
def test_a_damaged_backup_restores_nothing(tmp_path: Path, damage: str, said: str) -> None:
    """The error names what is wrong, and no folder is left behind."""
    folder = made(tmp_path / "live")
    backup = tmp_path / "backup"
    back_up(folder, folder.cases, backup)
    contents = json.loads((backup / "backup.json").read_text())
    if damage == "changed":
        with (backup / "ledger.duckdb").open("r+b") as file:
            file.seek(5_000)
            file.write(b"x")
    elif damage == "missing":
        (backup / "secret").unlink()
    elif damage == "gone":
        (backup / "backup.json").unlink()
    else:
        if damage == "form":
            contents["form"] = 2
        elif damage == "outside":
            contents["files"]["../evil"] = contents["files"]["secret"]
        else:
            contents = {}
        (backup / "backup.json").write_text(json.dumps(contents))
    restored = ServiceFolder(tmp_path / "restored")
    with pytest.raises(RingfenceError, match=said):
        restore(backup, restored, restored.cases)
    assert {path.name for path in tmp_path.iterdir()} == {"live", "backup"}


def test_a_folder_with_files_is_not_restored_over(tmp_path: Path) -> None:
    """The folder of a running service keeps what it has; an empty one is used."""
    folder = made(tmp_path / "live")
    back_up(folder, folder.cases, tmp_path / "backup")
    with pytest.raises(RingfenceError, match="has files already"):
        restore(tmp_path / "backup", folder, folder.cases)
    (tmp_path / "empty").mkdir()
    restore(tmp_path / "backup", ServiceFolder(tmp_path / "empty"), None)


def test_a_case_store_elsewhere_is_restored_there(tmp_path: Path) -> None:
    """One that exists there is kept, and nothing is restored."""
    folder = made(tmp_path / "live")
    cases = tmp_path / "cases" / "our.sqlite"
    with open_store(cases) as store:
        open_case(store, "bob")
    back_up(folder, cases, tmp_path / "backup")
    before = dump(cases)
    restored = ServiceFolder(tmp_path / "restored")
    with pytest.raises(RingfenceError, match="there is a case store already"):
        restore(tmp_path / "backup", restored, cases)
    cases.unlink()
    restore(tmp_path / "backup", restored, cases)
    assert dump(cases) == before
    assert not restored.cases.exists()
