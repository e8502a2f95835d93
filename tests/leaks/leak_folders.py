"""Folders with an assessment, an attribution, a pack, canaries and a register, for tests."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from ringfence.catalogue.canary_list import CanaryItem, write_canaries
from ringfence.leaks.register import LinkRegister, open_register
from ringfence.leaks.register.stored_summary import keep_summary

HOSTILE = '"><script>document.title="owned"</script>\u202e'
"""A text that would run in a page which does not escape it."""


def assessment(**changes: Any) -> dict[str, Any]:  # noqa: ANN401 - any JSON value
    """Return the document of an assessment as ``leak assess`` writes it, with some values changed.

    A copy has files of a third of 1,000 items, and metadata of all but one.
    """
    files = {"items": 336, "share": 0.336, "use": 0.996, "low": 330, "high": 336}
    metadata = {"items": 999, "share": 0.999, "use": 1.0, "low": 999, "high": 999}
    row = {"items": 100, "use": 0.9, "metadata": 1.0, "files": 0.99}
    document = {
        "catalogue": "catalogue.csv", "items": 1_000, "dumps": [], "metadata": metadata,
        "files": files, "together": metadata, "taken": None, "leaked_and_taken": None,
        "coverage": {"band": [{**row, "label": "the most used 10 %"}]},
        "missing": 1, "most_used_missing": [], "newest": "2025-07-01",
        "newest_listed": "2025-12-01", "p_value": 1e-12, "notes": [], "files_written": {},
        "headline": "The dump contains files of 336 of 1,000 items.",
        "sentence": "The published data contains files of 336 of our 1,000 items.",
        "related": True, "own_export": False,
    }  # fmt: skip
    return {**document, **changes}


def attribution(*names: str, **changes: Any) -> dict[str, Any]:  # noqa: ANN401 - any JSON value
    """Return the document of an attribution that names some accounts."""
    sources = [
        {
            "kind": "account", "id": name, "accounts": [name], "items": 900, "leaked": 300,
            "expected": 4.2, "credited": 300, "p_value": 1e-30,
            "sentence": f"A published copy has 300 of the items of {name}.",
        }
        for name in names
    ]  # fmt: skip
    document = {
        "sources": sources, "items": 1_000, "explained": 300, "held_by_others_only": 500,
        "held_by_nobody": 150, "unknown": 50, "unreadable": 0, "candidates": 20_001,
        "false_accusation_rate": 0.01, "sample": 1, "variation": None, "notes": [],
    }  # fmt: skip
    return {**document, **changes}


def pack(**changes: Any) -> dict[str, Any]:  # noqa: ANN401 - any JSON value
    """Return the numbers of a pack as ``leak notice`` writes them."""
    document = {
        "ringfence": "0.1.0", "day": "2026-03-09", "laws": ["dmca", "dsa"], "language": "en",
        "links_sha256": "0" * 64, "links": 1_500, "hosts": 2, "refused": 3,
        "notices": {"host": 6, "google": 2, "bing": 2}, "files": 30, "fingerprint": "ab" * 32,
        "warnings": [],
    }  # fmt: skip
    return {**document, **changes}


def write_folders(root: Path, name: str = "2026-03 copy") -> dict[str, Any]:
    """Write one folder of each kind, and return the settings that name them."""
    copy, notices = root / "assessed" / name, root / "packs" / name
    copy.mkdir(parents=True)
    (copy / "leak.json").write_text(json.dumps(assessment()))
    (copy / "leak.html").write_text("<!doctype html><title>The report</title><p>All of it")
    (copy / "attribution.json").write_text(json.dumps(attribution("ann", HOSTILE)))
    write_pack(notices)
    write_register(root / "register")
    canaries = [CanaryItem(f"secret-{n}", {}, f"2026-0{n}-01") for n in range(1, 10)]
    write_canaries(root / "canaries.jsonl", [*canaries, CanaryItem("101", {}, "2026-01-01")])
    leaks = {
        "assessments": str(root / "assessed"),
        "packs": str(root / "packs"),
        "link_register": str(root / "register"),
    }
    return {"leaks": leaks, "canaries": {"file": str(root / "canaries.jsonl")}}


def write_pack(folder: Path, **changes: Any) -> None:  # noqa: ANN401 - any JSON value
    """Write the parts of a pack that are shown."""
    for host, batches in (("a.example.com", 2), ("b.example.com", 1)):
        place = folder / "notices" / "hosts" / host
        place.mkdir(parents=True)
        for number in range(1, batches + 1):
            for ending in ("dmca.en.txt", "dsa.en.txt", "dmca.lumen.json"):
                (place / f"{number:04}.{ending}").touch()
    (folder / "pack.json").write_text(json.dumps(pack(**changes)))
    for name in ("manifest.sha256", "manifest.sig"):
        (folder / name).touch()


def write_register(folder: Path) -> None:
    """Write a register of four links: two are removed on day two, one is back on day three."""
    links = folder.parent / "links.txt"
    links.write_text("".join(f"https://{h}.example/{n}\n" for h in "ab" for n in (1, 2)))
    with open_register(folder, create=True) as register:
        register.add(links, datetime(2026, 1, 1, tzinfo=UTC))
        keep_summary(folder, register.summary(), datetime(2026, 1, 1, 9, tzinfo=UTC))
        _answer(register, "https://a.example/1,404,2026-02-01\nhttps://b.example/1,404,2026-02-01")
        keep_summary(folder, register.summary(), datetime(2026, 2, 1, 9, tzinfo=UTC))
        _answer(register, "https://b.example/1,200,2026-02-10")
        keep_summary(folder, register.summary(), datetime(2026, 2, 10, 9, tzinfo=UTC))


def _answer(register: LinkRegister, rows: str) -> None:
    path = register.folder.root.parent / "answers.csv"
    path.write_text(f"url,status,date\n{rows}\n")
    register.recheck(path)
    path.unlink()


def days_of_register() -> list[date]:
    """Return the days on which the register was counted."""
    return [date(2026, 1, 1), date(2026, 2, 1), date(2026, 2, 10)]
