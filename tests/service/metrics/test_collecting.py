"""The numbers of all processes are metrics; no account, item or text ever is."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry, generate_latest
from tests.service.ingest.live import token, with_client

from ringfence.service import authorize, backup, judge, supervising, tailer
from ringfence.service.files import ServiceFolder, write_status
from ringfence.service.metrics import StatusCollector
from ringfence.service.metrics.collecting import PROCESSES
from ringfence.service.metrics.collecting import TAILER as TAILER_NAME
from ringfence.service.metrics.status_metrics import STATUS_METRICS

HOSTILE = 'ann"} 1\n# HELP évil <b>'

JUDGE = {
    "time": 1.0, "doing": "waiting", "folds": 3, "events": 900, "fold_seconds": 0.5,
    "error": f"{HOSTILE} has too many items", "scanning": True, "waiting_bytes": 12,
    "last_scan": {"began": 5.0, "seconds": 2.0, "findings": 4, "error": "", "withheld": HOSTILE},
    "sinks": [
        {"sink": "proxy", "error": HOSTILE}, {"sink": HOSTILE, "error": ""},
        {"sink": "dns", "error": ""},
    ],
    "delivery_error": "",
}  # fmt: skip
AUTHORIZE = {
    "answers": {
        "allow": {"repeat": 7, HOSTILE: 1},
        "deny": {"held": 2},
        HOSTILE: {"held": 1},
        "shadow": {"day": 5},
    },
    "accounts": 11,
    "shadow": True,
    "problems": {"read_feed": HOSTILE},
}


TAILER = {
    "lines": 70, "waiting_bytes": 9, "error": HOSTILE, "lagging": [HOSTILE],
    "sources": [
        {"name": HOSTILE, "error": "", "behind": 3, "seconds_behind": 12.5},
        {"name": "/var/log/two", "error": "is not a file", "behind": 0, "seconds_behind": 400.0},
        {"name": "/var/log/three", "error": "", "behind": 0, "seconds_behind": 0.0},
    ],
}  # fmt: skip


@pytest.fixture
def folder(tmp_path: Path) -> ServiceFolder:
    """Return the folder of a service."""
    made = ServiceFolder(tmp_path)
    made.create()
    return made


def read(folder: ServiceFolder, cases: Path | None = None) -> dict[str, float]:
    """Return all samples of a folder, by name and labels."""
    registry = CollectorRegistry()
    registry.register(StatusCollector(folder, cases))
    text = generate_latest(registry).decode()
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    return {name: float(value) for name, _, value in (line.rpartition(" ") for line in lines)}


def test_numbers_of_the_processes_are_metrics(folder: ServiceFolder) -> None:
    """Numbers, answers by reason, and whether something fails are shown."""
    write_status(folder, "judge", JUDGE)
    write_status(folder, "authorize", AUTHORIZE)
    write_status(folder, "service", {"processes": {"judge": {"restarts": 2}}})
    write_status(folder, "backup", {"time": 77.0, "bytes": 5})
    folder.cases.write_bytes(b"12345")
    found = read(folder, folder.cases)
    expected = {
        "ringfence_judge_folds_total": 3,
        "ringfence_judge_failing": 1,
        "ringfence_judge_scanning": 1,
        "ringfence_judge_scan_failed": 0,
        "ringfence_judge_scan_withheld": 1,
        "ringfence_judge_scan_findings": 4,
        "ringfence_judge_waiting_bytes": 12,
        "ringfence_judge_delivery_failing": 0,
        'ringfence_sink_failing{sink="proxy"}': 1,
        'ringfence_sink_failing{sink="dns"}': 0,
        'ringfence_authorize_answers_total{action="allow",reason="repeat"}': 7,
        'ringfence_authorize_answers_total{action="shadow",reason="day"}': 5,
        "ringfence_authorize_accounts": 11,
        "ringfence_authorize_failing": 1,
        'ringfence_process_restarts_total{process="judge"}': 2,
        'ringfence_process_up{process="judge"}': 1,
        'ringfence_process_up{process="ingest"}': 0,
        "ringfence_backup_timestamp_seconds": 77,
        "ringfence_cases_bytes": 5,
        "ringfence_cases_log_bytes": 0,
    }
    assert expected.items() <= found.items()


def test_log_files_that_are_followed_are_metrics(folder: ServiceFolder) -> None:
    """Their number, errors and waits are shown, and none of their names."""
    assert not [name for name in read(folder) if "tailer" in name]
    write_status(folder, "tailer", TAILER)
    write_status(folder, "service", {"processes": {"tailer": {"restarts": 4}}})
    found = read(folder)
    expected = {
        "ringfence_tailer_lines_total": 70,
        "ringfence_tailer_waiting_bytes": 9,
        "ringfence_tailer_failing": 1,
        "ringfence_tailer_sources": 3,
        "ringfence_tailer_sources_failing": 1,
        "ringfence_tailer_sources_lagging": 1,
        "ringfence_tailer_seconds_behind": 400,
        'ringfence_process_up{process="tailer"}': 1,
        'ringfence_process_restarts_total{process="tailer"}': 4,
    }
    assert expected.items() <= found.items()
    assert not [name for name in found if "évil" in name or "/var/log" in name]


def test_no_text_of_a_status_is_shown(folder: ServiceFolder) -> None:
    """Labels are words of the program. Errors and other names do not become any."""
    write_status(folder, "judge", JUDGE)
    write_status(folder, "authorize", AUTHORIZE)
    write_status(folder, "service", {"processes": {HOSTILE: {"restarts": 2}}})
    assert not [name for name in read(folder) if "évil" in name or 'ann"' in name]


@pytest.mark.parametrize("value", [None, [], "x", {"judge": 1}, float("nan"), 10**400, True])
def test_a_status_of_another_version_breaks_nothing(folder: ServiceFolder, value: object) -> None:
    """Values of other types are left out, and everything else is shown."""
    names = {one.path[0] for one in STATUS_METRICS} | {"answers", "sinks", "processes", "sources"}
    for process in (*PROCESSES, TAILER_NAME):
        write_status(folder, process, dict.fromkeys(names, value))
    assert 'ringfence_process_up{process="judge"}' in read(folder)


def test_a_process_that_stopped_or_hangs_is_not_up(folder: ServiceFolder) -> None:
    """Its status says that it has stopped, or is old."""
    write_status(folder, "judge", {"doing": "stopped"})
    write_status(folder, "ingest", {"running": False})
    write_status(folder, "authorize", {})
    before = time.time() - 60
    os.utime(folder.status / "authorize.json", (before, before))
    found = read(folder)
    assert {found[f'ringfence_process_up{{process="{name}"}}'] for name in PROCESSES} == {0}


def test_on_a_read_only_disk_no_process_is_said_to_be_down(folder: ServiceFolder) -> None:
    """Nobody can write a status there, so an old one does not mean that a process hangs."""
    mount, unmount = shutil.which("mount"), shutil.which("umount")
    place = str(folder.status)
    read_only = ["-t", "tmpfs", "-o", "ro,size=1m", "none", place]
    if not mount or not unmount or subprocess.run([mount, *read_only], check=False).returncode:
        pytest.skip("needs the right to mount a disk")
    try:
        assert not [name for name in read(folder) if "process_up" in name]
    finally:
        subprocess.run([unmount, place], check=True)
    assert 'ringfence_process_up{process="judge"}' in read(folder)


def test_the_names_are_those_of_the_processes() -> None:
    """A process that changed the name of its status would have no metrics."""
    names = {
        judge.judge_status.JUDGE_STATUS,
        authorize.running.STATUS_NAME,
        supervising.supervisor.SERVICE_STATUS,
        "ingest",
    }
    assert names == set(PROCESSES)
    assert tailer.process.TAILER_STATUS == TAILER_NAME
    assert {one.process for one in STATUS_METRICS} <= {*names, TAILER_NAME, backup.BACKUP_STATUS}


def test_the_service_shows_them_to_a_token(folder: ServiceFolder) -> None:
    """They are on /metrics beside those of the web process, for the scope metrics."""
    write_status(folder, "judge", JUDGE)
    shown = token(folder, "prometheus", "metrics")

    async def talk(client):  # type: ignore[no-untyped-def] # noqa: ANN001, ANN202 - of httpx
        return await client.get("/metrics", headers=shown)

    text = with_client(folder.root, talk).text
    assert "ringfence_judge_events_total 900.0" in text
    assert "ringfence_ingest_events_total 0.0" in text
