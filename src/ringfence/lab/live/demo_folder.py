"""The folder of the demo's service: made for each demo, with its settings."""

from __future__ import annotations

import json
import shutil
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from ringfence.errors import OutputError, SettingsError
from ringfence.lab.live.own_service import LOOPBACK
from ringfence.lab.live.processes import clock_file
from ringfence.private_files import new_file
from ringfence.service.files import ServiceFolder
from ringfence.service.supervising.folder_lock import FolderLock
from ringfence.service.tokens import add_token, new_token

_SETTINGS: Final = """\
# The settings of the live demo. Budgets and decisions are enforced, because nobody real is refused.

[service]
folder = {folder}
host = "{host}"
port = {port}
scan_every = {scan_every}

[service.budget]
enforce = true

[policy]
mode = "enforce"
most_suspensions_per_day = 1_000_000
most_share_per_day = 1.0

[[policy.rules]]
kind = "account"
verdict = "extracting"
action = "suspend"
automatic = true

[[policy.rules]]
kind = "ring"
action = "challenge"
automatic = true
"""


def make_demo_folder(root: Path, port: int, scan_every: float) -> tuple[ServiceFolder, Path, str]:
    """Make the folder of a service for a demo. The files of an earlier demo in it are removed.

    Args:
        root: the folder.
        port: for events.
        scan_every: seconds between two scans.

    Returns:
        The folder, its settings file, and the token of the demo.

    Raises:
        OutputError: the folder has other files than those of a demo.
        SettingsError: an earlier demo still runs in it, or it cannot be made.
    """
    folder = ServiceFolder(root)
    _remove_earlier(folder)
    folder.create()
    config = root / "ringfence.toml"
    text = _SETTINGS.format(
        folder=json.dumps(str(root.absolute()), ensure_ascii=False),
        host=LOOPBACK,
        port=port,
        scan_every=scan_every,
    )
    with new_file(config) as file:
        file.write(text.encode())
    now = datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    token, secret = new_token("demo", ("ingest", "authorize"), now)
    add_token(folder, token)
    return folder, config, secret


def _remove_earlier(folder: ServiceFolder) -> None:
    root = folder.root
    if not root.is_dir() or not any(root.iterdir()):
        return
    if not clock_file(folder).exists() or root.is_symlink():
        raise OutputError(
            "has files that are not of a live demo",
            where=str(root),
            hint="name another folder with --out",
        )
    try:
        with FolderLock(folder, 0):
            shutil.rmtree(root)
    except OSError as error:
        raise SettingsError(f"cannot be removed: {error}", where=str(root)) from error
