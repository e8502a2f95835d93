"""Read the status of each process when Prometheus asks, and show its numbers.

Labels are names of processes and sinks, actions and reasons. Any other label is left out, so a
label never names an account or an item.
"""

from __future__ import annotations

import math
import os
import re
import time
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from ringfence.enforcement_settings import SINK_NAME
from ringfence.service.files import ServiceFolder, read_status
from ringfence.service.metrics.status_metrics import STATUS_METRICS, StatusMetric

PROCESSES: Final = ("authorize", "ingest", "judge", "service")
"""The processes that write a status each second. The last one watches the others."""

TAILER: Final = "tailer"
"""The process that only some services have. It writes a status as well."""

_FRESH_SECONDS: Final = 10.0
_WORD: Final = re.compile("[a-z][a-z0-9-]{0,39}")
_SINK: Final = re.compile(SINK_NAME)
_ACTIONS: Final = frozenset({"allow", "throttle", "challenge", "deny", "shadow"})

Values = Mapping[str, Any]
"""A status file. It may have been written by another version, so it may contain anything."""


class StatusCollector(Collector):
    """Shows the numbers in the status files of a service.

    Args:
        folder: of the service.
        cases: the file of the case store; None if it is in another database.
    """

    def __init__(self, folder: ServiceFolder, cases: Path | None) -> None:
        self._folder = folder
        self._cases = cases

    def describe(self) -> Iterable[Metric]:
        """Return nothing: the metrics are read when they are asked for, and not before."""
        return ()

    def collect(self) -> Iterator[Metric]:
        """Yield all metrics that the status files have now."""
        names = dict.fromkeys([*PROCESSES, TAILER, *(one.process for one in STATUS_METRICS)])
        found = {name: read_status(self._folder, name) or {} for name in names}
        for metric in STATUS_METRICS:
            yield from _plain(metric, found[metric.process])
        yield self._processes(found)
        yield _restarts(found["service"])
        yield _answers(found["authorize"])
        yield _sinks(found["judge"])
        yield from _tailed(found[TAILER])
        yield from self._case_store()

    def _processes(self, found: Mapping[str, Values]) -> Metric:
        family = GaugeMetricFamily(
            "ringfence_process_up", "Whether a process writes its status", labels=["process"]
        )
        if not os.access(self._folder.status, os.W_OK):
            # On a read-only disk no process can say that it runs.
            return family
        tailer = (TAILER,) * (TAILER in dict(_items(found["service"].get("processes"))))
        for name in (*PROCESSES, *tailer):
            values = found[name]
            stopped = values.get("doing") == "stopped" or values.get("running") is False
            up = not stopped and self._age(name) < _FRESH_SECONDS
            family.add_metric([name], float(up))
        return family

    def _age(self, name: str) -> float:
        """Return the seconds since a status was written; infinity if it never was."""
        try:
            return abs(time.time() - (self._folder.status / f"{name}.json").stat().st_mtime)
        except OSError:
            return math.inf

    def _case_store(self) -> Iterator[Metric]:
        if self._cases is None:
            return
        log = self._cases.with_name(self._cases.name + "-wal")
        for name, meaning, path in (
            ("ringfence_cases_bytes", "Size of the case store", self._cases),
            ("ringfence_cases_log_bytes", "Size of the case store's own log", log),
        ):
            try:
                size = path.stat().st_size
            except OSError:
                size = 0
            yield GaugeMetricFamily(name, meaning, value=size)


def _plain(metric: StatusMetric, values: Values) -> Iterator[Metric]:
    value: Any = values
    for name in metric.path:
        value = value.get(name) if isinstance(value, Mapping) else None
    if metric.kind == "flag":
        value = None if value is None else bool(value)
    number = _number(value)
    if number is not None:
        family = CounterMetricFamily if metric.kind == "counter" else GaugeMetricFamily
        yield family(metric.name, metric.meaning, value=number)


def _restarts(values: Values) -> Metric:
    family = CounterMetricFamily(
        "ringfence_process_restarts", "Starts of a process after it ended", labels=["process"]
    )
    for name, told in _items(values.get("processes")):
        number = _number(told.get("restarts")) if isinstance(told, Mapping) else None
        if number is not None and name in {*PROCESSES, TAILER}:
            family.add_metric([name], number)
    return family


def _answers(values: Values) -> Metric:
    family = CounterMetricFamily(
        "ringfence_authorize_answers", "Answers to gateways", labels=["action", "reason"]
    )
    for action, reasons in _items(values.get("answers")):
        for reason, value in _items(reasons):
            number = _number(value)
            if number is not None and action in _ACTIONS and _WORD.fullmatch(reason):
                family.add_metric([action, reason], number)
    return family


def _sinks(values: Values) -> Metric:
    family = GaugeMetricFamily(
        "ringfence_sink_failing", "Whether the last delivery to a sink failed", labels=["sink"]
    )
    told = values.get("sinks")
    for one in told if isinstance(told, list) else ():
        name = one.get("sink") if isinstance(one, Mapping) else None
        if isinstance(name, str) and _SINK.fullmatch(name):
            family.add_metric([name], float(bool(one.get("error"))))
    return family


def _tailed(values: Values) -> Iterator[Metric]:
    """Yield numbers about all log files and topics together; their names are not shown."""
    told = values.get("sources")
    if not isinstance(told, list):
        return
    sources = [one for one in told if isinstance(one, Mapping)]
    lagging = values.get("lagging")
    waits = [
        number for one in sources if (number := _number(one.get("seconds_behind"))) is not None
    ]
    for name, meaning, value in (
        ("sources", "Log files and topics that are followed", len(sources)),
        (
            "sources_failing",
            "Log files and topics that cannot be read",
            sum(bool(one.get("error")) for one in sources),
        ),
        (
            "sources_lagging",
            "Log files and topics that lag by more than service.source_lag_seconds",
            len(lagging) if isinstance(lagging, list) else 0,
        ),
        (
            "seconds_behind",
            "Longest time for which something waits to be read",
            max(waits, default=0),
        ),
    ):
        yield GaugeMetricFamily(f"ringfence_tailer_{name}", meaning, value=value)


def _items(value: object) -> Iterable[tuple[str, Any]]:
    return value.items() if isinstance(value, Mapping) else ()


def _number(value: object) -> float | None:
    if not isinstance(value, int | float):
        return None
    try:
        return float(value)
    except OverflowError:
        return None
