"""The first page: the present state of the service."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import Any, Final

from sqlalchemy import Row
from starlette.responses import Response

from ringfence.cases.listing import WAITING, count_cases, count_without_effect, list_cases
from ringfence.enforcement import deliveries
from ringfence.errors import CasesError
from ringfence.service.dashboard.office import Office
from ringfence.service.dashboard.page_request import DashboardRequest
from ringfence.service.files import ServiceFolder, read_status

_PROCESSES: Final = ("ingest", "judge", "authorize")
_TAILER: Final = "tailer"
_LATE_SECONDS: Final = 10.0
_NEWEST: Final = 5
_MOST: Final = 1_000


def show(page: DashboardRequest) -> Response:
    """Answer with the whole page."""
    return page.page("now", **_values(page))


def show_part(page: DashboardRequest) -> Response:
    """Answer with the part that refreshes automatically."""
    return page.page("now_part", **_values(page))


def _values(page: DashboardRequest) -> dict[str, Any]:
    values = service_state(page.office)
    problem, counts, rows, dead, waiting, trial = "", {}, [], [], [], 0
    try:
        with page.reading() as connection:
            counts = count_cases(connection)
            trial = count_without_effect(connection)
            rows = list_cases(connection, WAITING, limit=_NEWEST)
            dead = deliveries(connection, "dead", _MOST)
            waiting = deliveries(connection, "waiting", _MOST)
    except CasesError as error:
        problem = error.what
    return {
        **values,
        "counts": counts,
        "waiting": sum(counts.get(state, 0) for state in WAITING),
        "rows": rows,
        "dead": len(dead),
        "sinks": _sinks(page.office, values["judge"], waiting, dead),
        "at_risk": _at_risk(values["judge"]),
        "has_catalogue": bool(page.office.settings.service.catalogue),
        "store_problem": problem,
        "least_free": page.office.settings.service.free_disk_mb * 1_000_000,
        "has_report": (page.office.folder.report / "report.html").is_file(),
        "shadow": page.office.settings.policy.mode == "shadow",
        "without_effect": trial,
    }


def service_state(office: Office) -> dict[str, Any]:
    """Return the status of the processes, and their problems.

    Args:
        office: the objects that all pages share.
    """
    service = office.settings.service
    names = (*_PROCESSES, *([_TAILER] if service.files or service.kafka else ()))
    told = {name: read_status(office.folder, name) or {} for name in (*_PROCESSES, _TAILER)}
    processes = [_process(office.folder, name, told[name]) for name in names]
    return {**told, "processes": processes, "healthy": all(one["healthy"] for one in processes)}


def _at_risk(judge: Mapping[str, Any]) -> Mapping[str, float]:
    """Return what the accounts of open cases held at the last whole scan; empty if not known."""
    found = (judge.get("last_scan") or {}).get("at_risk") or {}
    return found if {"accounts", "catalogue", "use"} <= set(found) else {}


def _sinks(
    office: Office, judge: Mapping[str, Any], waiting: Sequence[Row[Any]], dead: Sequence[Row[Any]]
) -> list[dict[str, Any]]:
    """Return how each connected system is. At most 1,000 effects are counted."""
    reports = {one["sink"]: one for one in judge.get("sinks") or ()}
    return [
        {
            "name": sink.name,
            "waiting": sum(row.sink == sink.name for row in waiting),
            "dead": sum(row.sink == sink.name for row in dead),
            "error": str(reports.get(sink.name, {}).get("error") or ""),
        }
        for sink in office.settings.enforcement.sinks
    ]


def _process(folder: ServiceFolder, name: str, told: Mapping[str, Any]) -> dict[str, Any]:
    """Return how a process is. One that has said nothing for a while does not work."""
    age = _age(folder, name)
    problems = list(_problems(name, told))
    late = age is None or age > _LATE_SECONDS
    return {"name": name, "age": age, "late": late, "problems": problems,
            "healthy": not late and not problems}  # fmt: skip


def _age(folder: ServiceFolder, name: str) -> float | None:
    try:
        return max(0.0, time.time() - (folder.status / f"{name}.json").stat().st_mtime)
    except OSError:
        return None


def _problems(name: str, told: Mapping[str, Any]) -> list[str]:
    """Return what a process says is wrong. Its words are in English."""
    if name == "ingest":
        stopped = [] if told.get("running", True) else ["it has stopped"]
        return [*stopped, *map(str, told.get("problems") or ())]
    if name == "authorize":
        return [f"{what}: {why}" for what, why in (told.get("problems") or {}).items()]
    if name == _TAILER:
        failing = [
            f"{one.get('name')}: {one['error']}"
            for one in told.get("sources") or ()
            if one.get("error")
        ]
        return [*([str(told["error"])] if told.get("error") else []), *failing[:_NEWEST]]
    scan = told.get("last_scan") or {}
    read = (told.get("input") or {}).get("problem")
    said = (told.get("error"), scan.get("error"), told.get("delivery_error"), read)
    return [str(one) for one in said if one]
