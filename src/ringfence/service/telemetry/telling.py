"""Report the work of this process, if telemetry is on.

The standard variables of OpenTelemetry decide, such as ``OTEL_EXPORTER_OTLP_ENDPOINT``. Without an
address, no library is loaded, and a report costs almost nothing.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Final, Protocol

from ringfence.service.telemetry.sending import OtlpSender
from ringfence.service.telemetry.work import Work, WorkName

_ADDRESSES: Final = (
    "OTEL_EXPORTER_OTLP_ENDPOINT",
    "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT",
    "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT",
)
_PROTOCOL: Final = "http/protobuf"


class WorkReceiver(Protocol):
    """Receives work that is done."""

    def tell(self, work: Work) -> None:
        """Take note of some work. It must not wait."""
        ...

    def close(self) -> None:
        """Send what is left, and wait a few seconds at most."""
        ...


_receivers: list[WorkReceiver] = []
"""The receiver of this process: at most one."""


@contextmanager
def telemetry_of(
    process: str, note: Callable[[str], None], environment: Mapping[str, str] = os.environ
) -> Iterator[None]:
    """Send the work that is reported in this scope, if the environment names an address.

    Args:
        process: name of this process.
        note: receives one line if nothing can be sent.
        environment: the variables of OpenTelemetry.
    """
    receiver = _receiver(process, note, environment)
    if receiver is None:
        yield
        return
    _receivers.append(receiver)
    try:
        yield
    finally:
        _receivers.remove(receiver)
        receiver.close()


def tell_work(
    name: WorkName,
    began: float,
    seconds: float,
    counts: Mapping[str, int],
    *,
    failed: bool = False,
) -> None:
    """Report finished work. Without a receiver, this does nothing.

    Args:
        name: its kind.
        began: when it began, seconds since 1970.
        seconds: how long it took.
        counts: numbers, by the names in :data:`WORK_COUNTS`.
        failed: whether it failed.

    Raises:
        ValueError: a count has another name or is not a whole number.
    """
    if _receivers:
        work = Work(name, began, seconds, counts, failed)
        for one in _receivers:
            one.tell(work)


def _receiver(
    process: str, note: Callable[[str], None], environment: Mapping[str, str]
) -> WorkReceiver | None:
    if not any(environment.get(name) for name in _ADDRESSES):
        return None
    if environment.get("OTEL_SDK_DISABLED", "").strip().lower() == "true":
        return None
    protocol = environment.get("OTEL_EXPORTER_OTLP_PROTOCOL") or _PROTOCOL
    if protocol != _PROTOCOL:
        note(f"nothing is sent to OpenTelemetry: its protocol must be {_PROTOCOL}")
        return None
    try:
        return OtlpSender(process, environment)
    except ModuleNotFoundError:
        note("nothing is sent to OpenTelemetry: pip install 'ringfence[telemetry]'")
        return None
