"""Find the accounts that fit a complaint, in a copy of the ledger and in the kept logs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from glob import escape
from pathlib import Path
from typing import Any, Final

from ringfence.errors import TraceError
from ringfence.events.globbing import matching_names
from ringfence.pipeline.tracing.trace import trace
from ringfence.pipeline.tracing.trace_result import TraceResult
from ringfence.progress import Progress
from ringfence.service.files import ServiceFolder
from ringfence.service.questions.ledger_copy import copied_ledger
from ringfence.settings import Settings

CANDIDATES_ON_PAGE: Final = 50
"""Accounts with their accesses in an answer. The answer states the number of all."""

_LETTERS: Final = 10
"""Accounts for whose holders there is a text."""


def answer_trace(
    folder: ServiceFolder, settings: Settings, task: Mapping[str, Any], progress: Progress
) -> dict[str, Any]:
    """Return the accounts that fit a complaint, and the texts for the people concerned.

    Args:
        folder: of the service.
        settings: all settings.
        task: ``item``, ``address``, ``time`` and ``within``, as they were typed.
        progress: receives each step.

    Raises:
        RingfenceError: the complaint cannot be understood, or there is nothing to search.
    """
    logs = list(trace_logs(settings))
    least = settings.service.free_disk_mb * 1_000_000
    progress.step("copying the ledger")
    with copied_ledger(folder, least) as ledger:
        if ledger is None and not logs:
            raise TraceError(
                "there is nothing to search yet",
                hint="the ledger begins with the first events; see also service.trace_logs",
            )
        result = trace(
            *logs,
            item=task.get("item") or None,
            address=task.get("address") or None,
            time=task.get("time") or None,
            within=task.get("within") or None,
            ledger=ledger,
            settings=_reading(settings),
            progress=progress,
        )
    return _told(result, len(logs))


def trace_logs(settings: Settings) -> Iterator[str]:
    """Yield the logs that a trace searches: those of the settings, else the followed ones.

    A rotated file begins with the name of the followed one. Patterns without a file are left out.
    """
    service = settings.service
    patterns = service.trace_logs or tuple(_with_rotated(one.path) for one in service.files)
    for pattern in dict.fromkeys(patterns):
        if Path(pattern).exists() or matching_names(pattern):
            yield pattern


def _with_rotated(path: str) -> str:
    """Return a pattern for a followed path and its rotated files; a folder stays as it is."""
    if Path(path).is_dir() or path.endswith("*"):
        return path
    return f"{escape(path) if Path(path).exists() else path}*"


def _reading(settings: Settings) -> Settings:
    """Return settings by which the logs are read: those of the followed files if they are one."""
    ways = {one.events(settings.events).model_dump_json() for one in settings.service.files}
    if settings.service.trace_logs or len(ways) != 1:
        return settings
    return settings.model_copy(update={"events": settings.service.files[0].events(settings.events)})


def _told(result: TraceResult, logs: int) -> dict[str, Any]:
    few = replace(result, candidates=result.candidates[:CANDIDATES_ON_PAGE])
    fitting = few.candidates if few.accounts else ()
    holders = [one.account for one in fitting if not one.visitor][:_LETTERS]
    return {
        **few.to_json(),
        "logs": logs,
        "shown": len(few.candidates),
        "found": len(result.candidates),
        "complainant": result.text_for("complainant"),
        "holders": [[name, few.text_for("holder", name)] for name in holders],
    }
