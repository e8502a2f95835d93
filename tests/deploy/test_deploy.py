"""The files in deploy/ are valid, and name only what the service really has."""

from __future__ import annotations

import configparser
import json
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.docs.blocks import ROOT
from tests.service.ingest.live import token, with_client
from tests.service.metrics.test_collecting import AUTHORIZE, JUDGE, TAILER

from ringfence.service.files import ServiceFolder, write_status
from ringfence.service.metrics.status_metrics import STATUS_METRICS

DEPLOY = ROOT / "deploy"
DASHBOARD = DEPLOY / "grafana" / "ringfence.json"
ALERTS = DEPLOY / "prometheus" / "ringfence-alerts.yml"
UNITS = sorted((DEPLOY / "systemd").iterdir())
NAME = re.compile(r"\b(?:ringfence|process)_[a-z0-9_]+")


def shown_metrics(root: Path) -> set[str]:
    """Return the names of all series of a service whose processes have told everything."""
    folder = ServiceFolder(root)
    folder.create()
    numbers: dict[str, dict[str, Any]] = {}
    for one in STATUS_METRICS:
        place = numbers.setdefault(one.process, {})
        for name in one.path[:-1]:
            place = place.setdefault(name, {})
        place[one.path[-1]] = 1
    numbers["judge"]["sinks"] = JUDGE["sinks"]
    numbers["tailer"]["sources"] = TAILER["sources"]
    numbers["authorize"]["answers"] = AUTHORIZE["answers"]
    numbers["service"] = {"processes": {"judge": {"restarts": 1}}}
    for name, values in numbers.items():
        write_status(folder, name, values)
    shown = token(folder, "prometheus", "metrics")

    async def talk(client: httpx.AsyncClient) -> str:
        await client.post("/api/v1/events", headers=token(folder))
        return (await client.get("/metrics", headers=shown)).text

    return {
        line.partition(" ")[0].partition("{")[0] for line in with_client(root, talk).split("\n")
    }


def dashboard_metrics() -> set[str]:
    """Return the names in the expressions of the dashboard."""
    dashboard = json.loads(DASHBOARD.read_text())
    targets = [one["expr"] for panel in dashboard["panels"] for one in panel.get("targets", ())]
    queries = [one["query"] for one in dashboard["templating"]["list"]]
    return {name for text in [*targets, *queries] for name in NAME.findall(text)}


def alert_metrics() -> set[str]:
    """Return the names in the expressions of the alarms."""
    lines = [line for line in ALERTS.read_text().splitlines() if line.strip().startswith("expr:")]
    return {name for line in lines for name in NAME.findall(line)}


def test_only_metrics_of_the_service_are_named(tmp_path: Path) -> None:
    """A panel or an alarm on a metric that does not exist would be silent for ever."""
    known = shown_metrics(tmp_path)
    assert len(alert_metrics()) > 15
    assert len(dashboard_metrics()) > 20
    assert alert_metrics() - known == set()
    assert dashboard_metrics() - known == set()


def test_the_dashboard_has_panels_that_do_not_overlap() -> None:
    """Each panel has a title, an own number, and a place within 24 columns."""
    panels = json.loads(DASHBOARD.read_text())["panels"]
    assert len({one["id"] for one in panels}) == len(panels)
    taken: set[tuple[int, int]] = set()
    for one in panels:
        place = one["gridPos"]
        cells = {
            (place["x"] + x, place["y"] + y) for x in range(place["w"]) for y in range(place["h"])
        }
        assert one["title"]
        assert not cells & taken
        assert max(x for x, _ in cells) < 24
        taken |= cells


def test_each_alarm_is_explained_in_the_guide() -> None:
    """The guide says what to do about each alarm, and names no other."""
    named = set(re.findall(r"alert: (\w+)", ALERTS.read_text()))
    guide = (ROOT / "docs" / "how-to" / "operate-the-service.md").read_text()
    assert named == set(re.findall(r"`(Ringfence\w+)`", guide))


@pytest.mark.slow
def test_the_alarms_ring_when_they_should() -> None:
    """Prometheus' own tool reads the rules, and finds them as their tests expect."""
    program = shutil.which("promtool")
    if program is None:
        pytest.skip("install: apt-get install prometheus")
    for command in (
        ["check", "rules", ALERTS.name],
        ["test", "rules", "ringfence-alerts-test.yml"],
    ):
        done = subprocess.run(
            [program, *command], cwd=ALERTS.parent, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr


def unit(path: Path) -> dict[str, list[str]]:
    """Return the settings of a unit; some are there several times."""
    found: dict[str, list[str]] = {}
    for line in path.read_text().splitlines():
        name, sign, value = line.partition("=")
        if sign and not line.startswith("#"):
            found.setdefault(name, []).append(value)
    return found


def test_the_unit_stops_the_service_as_it_wants_to_be_stopped() -> None:
    """It waits longer than the supervisor, does not repeat a wrong setting, and needs no right."""
    from ringfence.service.supervising.child import REFUSED, STOP_SECONDS

    settings = unit(DEPLOY / "systemd" / "ringfence.service")
    assert int(settings["TimeoutStopSec"][0]) > STOP_SECONDS + 5
    assert settings["RestartPreventExitStatus"] == [str(REFUSED)]
    assert settings["CapabilityBoundingSet"] == [""]
    assert settings["ProtectSystem"] == ["strict"]
    assert settings["NoNewPrivileges"] == ["yes"]
    # The exposure reads the number of this start of the machine there.
    assert "ProcSubset" not in settings


@pytest.mark.parametrize("path", UNITS, ids=lambda path: path.name)
def test_units_are_valid(path: Path, tmp_path: Path) -> None:
    """Each is a file of settings, and systemd finds nothing wrong in it."""
    parser = configparser.ConfigParser(strict=False, interpolation=None)
    parser.optionxform = str  # type: ignore[method-assign, assignment] # as documented
    parser.read_string(path.read_text())
    assert {"Unit"} < set(parser.sections()) <= {"Unit", "Service", "Timer", "Install"}
    program = shutil.which("systemd-analyze")
    if program is None:
        pytest.skip("install: apt-get install systemd")
    for one in UNITS:
        text = one.read_text().replace("/opt/ringfence/bin/ringfence", sys.executable)
        (tmp_path / one.name).write_text(text)
    done = subprocess.run(
        [program, "verify", "--man=no", str(tmp_path / path.name)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_the_service_is_exposed_little() -> None:
    """The rating of systemd is below 2 of 10."""
    program = shutil.which("systemd-analyze")
    if program is None:
        pytest.skip("install: apt-get install systemd")
    path = DEPLOY / "systemd" / "ringfence.service"
    done = subprocess.run(
        [program, "security", "--offline=true", "--threshold=20", str(path)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout
