"""The steps of the guide lead to what the units of systemd need, in this order."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from tests.docs.blocks import FENCE, ROOT

GUIDE = (ROOT / "docs" / "how-to" / "operate-the-service.md").read_text()
UNITS = ROOT / "deploy" / "systemd"
ABSOLUTE = re.compile(r"(?<![\w.$}])/(?:opt|etc|var)/[\w./-]+")
STARTS = "systemctl enable --now"


def steps() -> str:
    """Return the commands of the guide that make the service, in their order."""
    part = GUIDE[GUIDE.index("## Run it by systemd") : GUIDE.index("## Run it in a container")]
    return "".join(match[2] for match in FENCE.finditer(part) if match[1] == "sh")


def needed() -> set[str]:
    """Return the paths that must be there when a unit starts."""
    lines = [
        line
        for path in UNITS.iterdir()
        for line in path.read_text().splitlines()
        if not line.startswith(("#", "EnvironmentFile=-"))
    ]
    return {path for line in lines for path in ABSOLUTE.findall(line)}


def test_each_path_of_the_units_is_made_before_the_service_starts() -> None:
    """The command, the settings, and the folders that are written are made by earlier steps."""
    assert "/opt/ringfence/bin/ringfence" in needed()
    assert "/var/backups/ringfence" in needed()
    made = steps()[: steps().index(STARTS)]
    for path in needed():
        place = "/opt/ringfence" if path.startswith("/opt/ringfence/") else path
        assert re.search(
            rf"(?:install -d .*|-m venv |cat > ){re.escape(place)}(?: |$)", made, re.MULTILINE
        ), path
    assert re.findall(r"systemctl enable --now (.*)", steps()) == [
        "ringfence ringfence-backup.timer"
    ]


@pytest.mark.slow
def test_the_steps_work_in_another_folder(tmp_path: Path) -> None:
    """They make private settings, a token and a person, which a backup then holds."""
    script = steps()[: steps().index("install -m 644 deploy/systemd")]
    for path in (
        "/opt/ringfence",
        "/var/lib/ringfence",
        "/var/backups/ringfence",
        "/etc/ringfence",
    ):
        script = script.replace(path, str(tmp_path) + path)
    for old, new in (
        (r"^useradd .*$", ""),
        (r"-o \w+ -g \w+", ""),
        (r"^python3 -m venv (.*)$", r"mkdir -p \1/bin; ln -s $COMMAND \1/bin/ringfence"),
        (r"^.*bin/pip install .*$", ""),
        (r"^chown .*$", ""),
        (r"sudo -u ringfence ", ""),
        (r"(reviewer add .*)$", r"\1 --password-stdin <<< 'four random words here'"),
    ):
        script, times = re.subn(old, new, script, flags=re.MULTILINE)
        assert times, old
    command = tmp_path / "ringfence"
    command.write_text(f'#!/bin/sh\nexec {sys.executable} -m ringfence "$@"\n')
    command.chmod(0o755)
    (tmp_path / "opt").mkdir()
    backup = f"{tmp_path}/opt/ringfence/bin/ringfence backup {tmp_path}/var/backups/ringfence/one"
    script += f"{backup} --config {tmp_path}/etc/ringfence/ringfence.toml\n"
    subprocess.run(
        ["/bin/bash", "-euc", script],
        cwd=tmp_path,
        env={**os.environ, "COMMAND": str(command)},
        check=True,
        timeout=60,
    )
    assert (tmp_path / "web.token").read_text().startswith("ringfence_")
    assert (tmp_path / "web.token").stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "etc/ringfence/ringfence.toml").stat().st_mode & 0o777 == 0o640
    assert list((tmp_path / "var/backups/ringfence/one").rglob("reviewers.json"))
    assert list((tmp_path / "var/backups/ringfence/one").rglob("tokens.json"))
