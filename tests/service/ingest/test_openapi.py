"""The description of the API is true: a real service answers as it says."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from tests.service.ingest.live import settings, token, with_client
from tests.service.ingest.test_guarding import NEEDED, OPEN
from tests.service.ingest.test_process import free_port, serving

from ringfence.cases import open_store
from ringfence.service.files import ServiceFolder
from ringfence.service.ingest.application import ingest_application
from ringfence.service.ingest.openapi import api_description


def test_the_paths_are_the_routes(tmp_path: Path) -> None:
    """Each route is described with its method and the scope that it needs, and no other is."""
    paths = api_description(8471)["paths"]
    own = {path: one for path, one in paths.items() if "servers" not in one}
    routes = ingest_application(ServiceFolder(tmp_path), settings()).routes
    assert {route.path for route in routes} == set(own) == OPEN | set(NEEDED)
    for route in routes:
        ((method, described),) = own[route.path].items()
        assert method.upper() in route.methods
        needed = [scope for one in described["security"] for (scope,) in one.values()]
        assert needed == ([NEEDED[route.path]] if route.path in NEEDED else [])


def test_the_description_is_served_to_anybody(tmp_path: Path) -> None:
    """It needs no token, and names the port that answers gateways."""

    async def talk(client):  # type: ignore[no-untyped-def] # noqa: ANN001, ANN202 - of httpx
        return await client.get("/openapi.json")

    answer = with_client(tmp_path, talk, settings(port=9000))
    assert answer.json() == api_description(9001)


def program() -> str:
    """Return the command of schemathesis."""
    beside = Path(sys.executable).with_name("schemathesis")
    found = str(beside) if beside.exists() else shutil.which("schemathesis")
    if found is None:
        pytest.skip("install: pip install schemathesis")
    return found


@pytest.mark.slow
def test_a_real_service_answers_as_described(tmp_path: Path) -> None:
    """Requests that the description permits and others get the statuses and forms that it names."""
    folder, port = ServiceFolder(tmp_path / "live"), free_port()
    folder.create()
    open_store(folder.cases).close()
    shown = token(folder, "root", "admin")["Authorization"]
    key = shown.removeprefix("Bearer ")
    with serving(folder.root, port):
        done = subprocess.run(
            [
                *(program(), "run", f"http://127.0.0.1:{port}/openapi.json"),
                *("--header", f"Authorization: {shown}", "--header", f"X-Api-Key: {key}"),
                *("--exclude-path-regex", "authorize|allowance", "--max-examples", "15"),
                # Whether a record can be read, and which parameters go together, is not described.
                *("--exclude-checks", "positive_data_acceptance", "--seed", "1"),
            ],
            capture_output=True,
            text=True,
            check=False,
            cwd=tmp_path,
        )
    assert done.returncode == 0, done.stdout[-8_000:] + done.stderr
    # All but the description itself and what gateways ask.
    assert f"{len(OPEN | set(NEEDED)) - 1} selected" in done.stdout
