"""The work of the service reaches a collector, and nothing about accounts and items does."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from importlib.util import find_spec
from pathlib import Path

import httpx
import pytest
from tests.service.judge.logs import lines, take
from tests.service.supervising.test_serve import Serving
from tests.service.supervising.test_supervisor import until
from tests.service.telemetry.collector import collector

from ringfence.service.files import read_status
from ringfence.service.telemetry import WORK_COUNTS, telemetry_of, tell_work

needs_extra = pytest.mark.skipif(
    find_spec("opentelemetry") is None, reason="pip install 'ringfence[telemetry]'"
)
SECRETS = ("ann-the-account", "the-item", "203.0.113.9", "ringfence_")
ADDRESS = "OTEL_EXPORTER_OTLP_ENDPOINT"


@pytest.mark.slow
@needs_extra
def test_a_service_tells_batches_folds_and_scans(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A collector gets spans and sums of the work, and not one name of an account or item."""
    records = lines(take(SECRETS[0], f"{SECRETS[1]}-{n}", n) for n in range(9))
    with collector() as collected:
        monkeypatch.setenv(ADDRESS, collected.address)
        monkeypatch.setenv("OTEL_METRIC_EXPORT_INTERVAL", "500")
        service = Serving(tmp_path, "scan_every = 0.1\n")
        try:
            headers = {
                "Authorization": f"Bearer {service.token()}",
                "Content-Type": "application/x-ndjson",
            }
            address = f"http://127.0.0.1:{service.port}/api/v1/events"
            until(lambda: (read_status(service.folder, "ingest") or {}).get("running"))
            assert httpx.post(address, content=records, headers=headers).status_code == 202
            assert httpx.post(address, content=b"nonsense", headers=headers).status_code == 422
            until(lambda: (read_status(service.folder, "judge") or {}).get("last_scan"))
            assert service.stop() == 0
        finally:
            service.process.kill()
            service.process.wait()
    known = {name: attributes for name, attributes, failed in collected.spans if not failed}
    assert known["ingest.batch"]["ringfence.events"] == 9
    assert known["judge.fold"]["ringfence.events"] == 9
    assert "ringfence.findings" in known["judge.scan"]
    assert ("ingest.batch", {"ringfence.rejected": 1}, True) in collected.spans
    assert collected.sums["ringfence.ingest.batch.events"] == 9
    assert collected.sums["ringfence.ingest.batch.duration"] == 2
    assert {one["ringfence.process"] for one in collected.about} == {"ingest", "judge"}
    for _, attributes, _ in collected.spans:
        assert all(type(value) is int for value in attributes.values())
    assert not [one for one in SECRETS if one.encode() in collected.raw]


@needs_extra
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_each_kind_of_work_is_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    """Everything that was told before the end arrives, with the name that the operator chose."""
    with collector() as collected:
        monkeypatch.setenv(ADDRESS, collected.address)
        monkeypatch.setenv("OTEL_SERVICE_NAME", "catalogue-guard")
        with telemetry_of("judge", print):
            for name, counts in WORK_COUNTS.items():
                tell_work(name, time.time(), 0.5, dict.fromkeys(counts, 2))
    assert {one[0] for one in collected.spans} == set(WORK_COUNTS)
    assert collected.sums["ringfence.judge.delivery.dead"] == 2
    assert collected.about[0]["service.name"] == "catalogue-guard"


@needs_extra
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_a_collector_that_is_down_keeps_nobody_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    """To tell takes no time, and the end of the process waits a few seconds at most."""
    monkeypatch.setenv(ADDRESS, "http://127.0.0.1:1")
    began = time.monotonic()
    with telemetry_of("judge", print):
        for _ in range(5_000):
            tell_work("judge.fold", time.time(), 0.1, {"events": 1})
        told = time.monotonic()
    assert told - began < 5
    assert time.monotonic() - told < 10


@pytest.mark.parametrize(
    ("environment", "said"),
    [
        ({}, []),
        ({"OTEL_SERVICE_NAME": "x"}, []),
        ({ADDRESS: "http://127.0.0.1:1", "OTEL_SDK_DISABLED": "true"}, []),
        (
            {ADDRESS: "http://127.0.0.1:1", "OTEL_EXPORTER_OTLP_PROTOCOL": "grpc"},
            ["nothing is sent to OpenTelemetry: its protocol must be http/protobuf"],
        ),
    ],
    ids=str,
)
def test_without_an_address_nothing_is_loaded(environment: dict[str, str], said: list[str]) -> None:
    """Work is told into nothing, and a protocol that is not spoken is said once."""
    notes: list[str] = []
    with telemetry_of("judge", notes.append, environment):
        tell_work("judge.fold", time.time(), 0.1, {"nonsense": 1})
    assert notes == said


def test_without_the_extra_one_line_says_how_to_install_it() -> None:
    """The process goes on, and loads nothing of OpenTelemetry."""
    program = (
        "import sys; sys.modules['opentelemetry'] = None\n"
        "from ringfence.service.telemetry import telemetry_of\n"
        "with telemetry_of('judge', print): print('works')\n"
    )
    given = {**os.environ, ADDRESS: "http://127.0.0.1:1"}
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, env=given, check=True
    )
    assert done.stdout.splitlines() == [
        "nothing is sent to OpenTelemetry: pip install 'ringfence[telemetry]'",
        "works",
    ]


@pytest.mark.parametrize("counts", [{"account": 1}, {"events": "ann"}, {"events": 0.5}], ids=str)
def test_only_known_numbers_can_be_told(counts: dict[str, int]) -> None:
    """A text, or a count that no kind of work has, is a fault of the program."""
    from ringfence.service.telemetry.work import Work

    with pytest.raises(ValueError, match=r"is not a count of judge\.fold"):
        Work("judge.fold", 0.0, 0.0, counts)


def test_the_process_that_answers_gateways_tells_nothing() -> None:
    """Its module loads nothing that tells work, so no answer can wait for it."""
    program = (
        "import sys, ringfence.service.authorize.running\n"
        "print([one for one in sys.modules if 'telemetry' in one])"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"
