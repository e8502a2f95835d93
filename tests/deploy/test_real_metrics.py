"""A running service has every metric that the dashboard and the alarms use."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from contextlib import suppress

import httpx
import pytest
from tests.deploy.test_deploy import alert_metrics, dashboard_metrics
from tests.service.judge.logs import lines, take
from tests.service.supervising.test_serve import PROGRAM, Serving, serve
from tests.service.supervising.test_supervisor import until

from ringfence.service.files import read_status
from ringfence.service.metrics.status_metrics import STATUS_METRICS

__all__ = ["serve"]

WITHOUT_SINKS = {"ringfence_sink_failing"}


def run(service: Serving, *arguments: str) -> str:
    """Run a command with the settings of a service, and return what it printed."""
    done = subprocess.run(
        [*PROGRAM, *arguments, "--config", str(service.config)],
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.strip()


@pytest.mark.slow
def test_every_metric_comes_from_a_real_process(serve: Callable[..., Serving]) -> None:
    """After a fold, a scan, a question and a backup, no name is without a number."""
    service = serve("scan_every = 0.5\n[[service.files]]\npath = 'a.log'")
    web = f"http://127.0.0.1:{service.port}"
    key = {"Authorization": f"Bearer {run(service, 'token', 'add', 'root', '--scope', 'admin')}"}
    events = lines(take(f"secret-account-{n % 5}", f"secret-item-{n}", n) for n in range(200))
    headers = {**key, "Content-Type": "application/x-ndjson"}

    def post() -> bool:
        with suppress(httpx.TransportError):
            return httpx.post(f"{web}/api/v1/events", content=events, headers=headers).is_success
        return False

    until(post)
    until(lambda: (read_status(service.folder, "judge") or {}).get("last_scan"))
    question = {"X-Ringfence-Account": "secret-account-1", "X-Ringfence-Item": "secret-item-1"}
    authorize = f"http://127.0.0.1:{service.port + 1}/api/v1/authorize"
    until(lambda: httpx.get(authorize, headers=question).is_success)
    run(service, "backup", str(service.config.parent / "copy"))

    def names() -> set[str]:
        text = httpx.get(f"{web}/metrics", headers=key).text
        assert "secret" not in text
        found = (line.partition(" ")[0].partition("{")[0] for line in text.splitlines())
        return {name for name in found if name != "#"}

    ending = {"counter": "_total"}
    wanted = {one.name + ending.get(one.kind, "") for one in STATUS_METRICS}
    wanted |= dashboard_metrics() | alert_metrics()
    until(lambda: "ringfence_authorize_answers_total" in names())
    assert wanted - names() == WITHOUT_SINKS
    assert service.stop() == 0
