"""Events in segments of the service give the findings of one scan of a file with these events."""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

import duckdb
import numpy as np
import pytest
from benchmarks.changing_people import HONEST, in_one_place, people, thief
from tests.rings.crowd_visits import crowd, surfers
from tests.rings.crowd_visits import together as visits_together
from tests.service.judge.logs import add_segment, fold, lines, service

import ringfence
from ringfence.service.judge.scanning import scan_ledger
from ringfence.service.judge.snapshot import take_snapshot
from ringfence.stats.arrays import Columns
from ringfence.testing import account, together
from ringfence.testing.small_ledger import ONE_THREAD

SEGMENTS: Final = 6
ALONE: Final = 40
"""Requests per hour of a program on a day on which nobody else is there."""

HOUR: Final = 3_600
DAY: Final = 24 * HOUR
BUSY: Final = 280 * DAY
"""Begin of the programs, in seconds from the start of their log: among the readers' 42 days."""

QUIET: Final = 320 * DAY
"""A moment after the last use of any reader."""


def answered(events: Columns, **values: object) -> Columns:
    """Return events with a status, bytes, records, assets and a referrer, if not told otherwise."""
    usual = {"status": 200, "bytes": 5_000_000, "records": 1, "assets": None, "referrer": None}
    size = events["ts"].size
    return {
        **events,
        **{
            name: value if isinstance(value, np.ndarray) else np.full(size, value, dtype=object)
            for name, value in {**usual, **values}.items()
        },
    }


def readers(seed: int = 21) -> Columns:
    """Return readers with browsers, six stolen logins, and a crew of 20 behind one network.

    Requests of the readers fail now and then.
    """
    rng = np.random.default_rng(seed)
    crew = in_one_place(thief(14, 40, crew=True), 20)
    lives = {
        "reader": (400, HONEST["no change"]),
        "stolen": (6, thief(14, 80)),
        "crew": (20, crew),
    }
    events = people(lives, seed)
    size = events["ts"].size
    browses = rng.random(size) < 0.8
    return answered(
        events,
        status=np.where(rng.random(size) < 0.02, 404, 200).astype(object),
        bytes=np.where(rng.random(size) < 0.02, 90_000_000, rng.integers(10_000, 3_000_000, size)),
        assets=np.where(browses, rng.integers(1, 9, size).astype(object), None),
        referrer=np.where(browses & (rng.random(size) < 0.9), "https://library.example/", None),
        surface=np.full(size, "stream", dtype=object),
    )


def machine(
    name: str,
    per_hour: int,
    noun: str,
    *,
    days: int = 3,
    begin: int = BUSY,
    **values: object,
) -> Columns:
    """Return requests of a program, evenly over some days, each for another item."""
    which = np.arange(per_hour * 24 * days)
    events = account(name, begin + which * HOUR // per_hour, which)
    return answered({**events, "item": np.array([f"{noun}-{n}" for n in which], object)}, **values)


def events_of_all() -> Columns:
    """Return readers, and programs that each do one thing that only one of the tests sees best."""
    search = np.full(400 * 24, "search", dtype=object)
    machines = (
        machine("guesser", 300, "no", days=1, status=404),
        machine("guesser", 4, "item"),
        machine("lister", 400, "page", days=1, surface=search, records=100),
        machine("archiver", 20, "archive", bytes=90_000_000, records=None),
        machine("robot", 30, "item"),
        machine("robot", ALONE, "more", days=1, begin=QUIET),
    )
    return together(readers(), *machines)


def segments(events: Columns, number: int) -> list[bytes]:
    """Return the events in the order of time as records, in some parts.

    A record has no nulls. The last part has the requests of the program that is alone.
    """
    order = np.argsort(events["ts"], kind="stable")
    told = {**events, "ts": np.datetime_as_string(events["ts"], unit="s", timezone="UTC")}
    columns = [told[name][order].tolist() for name in told]
    records = [
        {name: value for name, value in zip(told, row, strict=True) if known(value)}
        for row in zip(*columns, strict=True)
    ]
    cuts = [*np.linspace(0, len(records) - 24 * ALONE, number).astype(int), len(records)]
    return [lines(records[a:b]) for a, b in pairwise(cuts)]


def known(value: object) -> bool:
    """Return whether a record has this value."""
    return value is not None and value == value  # noqa: PLR0124 - not a number


def found_in(folder: Path) -> list[dict[str, Any]]:
    """Return the findings that a scan has written, without the time at which cases were opened."""
    said = (folder / "findings.jsonl").read_text("utf-8").splitlines()
    found = [json.loads(one) for one in said]
    for one in found:
        del one["case"]["since"]
    return found


def accounts_in(folder: Path) -> Columns:
    """Return the table of accounts that a scan has written, by name."""
    file = str(folder / "accounts.parquet")
    with duckdb.connect() as connection:
        found = connection.execute(
            "FROM read_parquet($file) ORDER BY account", {"file": file}
        ).fetchnumpy()
    return {
        name: np.ma.filled(values, np.nan) if values.dtype.kind == "f" else values
        for name, values in found.items()
    }


def visits_of_a_site() -> Columns:
    """Return 1,500 visitors of a site and a crowd of 120 addresses in the order of the site map."""
    rng = np.random.default_rng(4)
    honest = surfers(rng, 1_500)
    visits = visits_together(honest, crowd(rng, 120, 15, in_order=True, traced=False))
    network = [f"{name}.{n % 250 + 1}" for n, name in enumerate(visits.network)]
    # Addresses of the crowd are of networks that no honest visitor has.
    network[honest.visitors :] = [f"100.64.{n}.7" for n in range(120)]
    address = np.array(network, dtype=object)[visits.account]
    traced = visits.traced[visits.account]
    events = {
        "ts": np.datetime64("2026-03-02T00:00:00") + visits.second.astype("timedelta64[s]"),
        "account": address,
        "item": np.array([f"p-{n}" for n in visits.item], dtype=object),
        "ip": address,
        "client": visits.client[visits.account],
    }
    return answered(
        events,
        assets=np.where(traced, np.array(3, dtype=object), None),
        referrer=np.where(traced, "https://library.example/", None),
    )


def judge_both_ways(parts: list[bytes], root: Path) -> tuple[Path, Path]:
    """Judge records by a service that folds each part alone, and by one scan of one file.

    Returns:
        The folders with the results of the service and of the scan.
    """
    file = root / "events.ndjson"
    file.write_bytes(b"".join(parts))
    ringfence.scan(file, settings=ONE_THREAD, cases=root / "batch.sqlite", out=root / "batch")
    folder = service(root / "service")
    for part in parts:
        add_segment(folder, ("http", part))
        assert fold(folder) == 1
    take_snapshot(folder)
    assert scan_ledger(folder, ONE_THREAD).error == ""
    return folder.report, root / "batch"


@pytest.mark.slow
def test_all_events_are_judged_as_in_one_scan(tmp_path: Path) -> None:
    """Each segment is folded alone; every account has the p-values of a scan of one file."""
    report, one_scan = judge_both_ways(segments(events_of_all(), SEGMENTS), tmp_path)
    live, batch = accounts_in(report), accounts_in(one_scan)
    assert live.keys() == batch.keys()
    for name, values in batch.items():
        if values.dtype.kind == "f":
            np.testing.assert_allclose(live[name], values, rtol=1e-9, err_msg=name)
        else:
            assert live[name].tolist() == values.tolist(), name
    mine, theirs = found_in(report), found_in(one_scan)
    assert mine == theirs
    tests = {one["id"]: {evidence["test"] for evidence in one["evidence"]} for one in mine}
    assert tests.keys() >= {"guesser", "lister", "archiver", "robot", "stolen-0"}
    assert {"attempts"} <= tests["guesser"]
    assert {"listings"} <= tests["lister"]
    assert {"weight"} <= tests["archiver"]
    assert {"traces"} <= tests["robot"]
    assert {"own_past"} <= tests["stolen-0"]
    crews = [one for one in mine if one["kind"] == "ring" and one.get("may_be_stolen")]
    assert any(sum(name.startswith("crew") for name in one["accounts"]) >= 8 for one in crews)
    assert any("foreign places" in one["evidence"][0]["sentence"] for one in crews)


@pytest.mark.slow
def test_a_crowd_is_the_finding_of_one_scan(tmp_path: Path) -> None:
    """Visitors in several segments are the crowd of one file."""
    report, one_scan = judge_both_ways(segments(visits_of_a_site(), SEGMENTS), tmp_path)
    mine, theirs = found_in(report), found_in(one_scan)
    assert mine == theirs
    (found,) = [one for one in mine if one["kind"] == "ring"]
    assert found["evidence"][0]["test"] == "crowd"
    assert sum(name.startswith("100.64.") for name in found["accounts"]) >= 0.8 * 120
