"""Small logs in the form of other people's: what ``ringfence check`` must read from each.

``tests/data/reading/expected.json`` says what is right: the numbers of takes and accounts, the
items by their path or its last part, logins, addresses, clients, and the exit status.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

import pytest
from tests.cli.conftest import Run

FOLDER: Final = Path(__file__).parents[1] / "data" / "reading"

CASES: Final[dict[str, dict[str, Any]]] = json.loads((FOLDER / "expected.json").read_text())


def same_items(found: set[str], wanted: list[str]) -> bool:
    """Return whether the names are the same; ``/record/101`` and ``101`` are one item."""

    def fits(one: str, other: str) -> bool:
        return one == other or one.endswith(f"/{other}") or other.endswith(f"/{one}")

    return len(found) == len(wanted) and all(
        sum(fits(one, other) for one in found) == 1 for other in wanted
    )


def differences(said: dict[str, Any], want: dict[str, Any]) -> list[str]:
    """Return the names of the values that differ from the expected ones."""
    events = said["events"]
    values = {
        name: {event[name] for event in events}
        for name in ("account", "item", "ip", "client", "seconds")
    }
    right = {
        "takes": said["counts"]["takes"] == want.get("takes", said["counts"]["takes"]),
        "accounts": said["counts"]["accounts"] == want.get("accounts", said["counts"]["accounts"]),
        "items": "items" not in want or same_items(values["item"], want["items"]),
        "logins": set(want.get("logins", ())) <= values["account"],
        "addresses": values["ip"] == set(want.get("addresses", values["ip"])),
        "clients": values["client"] == set(want.get("clients", values["client"])),
        "seconds": not want.get("no_seconds") or values["seconds"] == {None},
        "warns": any(
            want.get("warns", "") in f"{one['kind']} {one['text']}".lower()
            for one in said["warnings"] or [{"kind": "", "text": ""}]
        ),
    }
    return [name for name, as_expected in right.items() if not as_expected]


@pytest.mark.slow
@pytest.mark.parametrize("name", CASES)
def test_a_log_of_other_people_is_read_rightly(name: str, run: Run, tmp_path: Path) -> None:
    """Accounts, items, addresses and clients are those that a person reads in the log."""
    want = CASES[name]
    settings = tmp_path / "settings.toml"
    settings.write_text(want.get("settings", ""))
    done = run("check", FOLDER / f"{name}.log", "--config", settings, "--json")
    assert done.returncode == want.get("exit", 0), done.stderr
    assert differences(json.loads(done.stdout), want) == []


def test_a_difference_is_noticed() -> None:
    """The comparison finds a wrong account, item, address and time played."""
    event = {"account": "- -", "item": "/r/1", "ip": "web1", "client": None, "seconds": 3.0}
    said = {"counts": {"takes": 1, "accounts": 1}, "events": [event], "warnings": []}
    want = {
        "takes": 2, "accounts": 3, "items": ["/r/2"], "logins": ["ann"], "addresses": ["192.0.2.1"],
        "clients": ["Player"], "no_seconds": True, "warns": "unread",
    }  # fmt: skip
    assert len(differences(said, want)) == len(want)
