"""Tokens of gateways count as soon as they are added, and no longer when they are revoked."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tests.service.authorize.processes import await_port, free_port, get

from ringfence.errors import SettingsError
from ringfence.service.authorize.tokens import RecentTokens, TokenRefusals
from ringfence.service.files import ServiceFolder, read_status
from ringfence.service.supervising.entries import authorize, token_checks
from ringfence.service.tokens import TokenCheck, TokenScope, add_token, new_token, revoke_token
from ringfence.settings import Settings

RUN = """
import sys
from pathlib import Path
from ringfence.service.files import ServiceFolder
from ringfence.service.supervising.entries import authorize
from ringfence.settings import Settings

folder = ServiceFolder(Path(sys.argv[1]))
folder.create()
authorize(folder, Settings(service={"authorize_port": int(sys.argv[2])}), print)
"""
Ask = Callable[..., int]


@pytest.fixture
def folder(tmp_path: Path) -> ServiceFolder:
    """Return the folder of a service."""
    return ServiceFolder(tmp_path / "live")


@pytest.fixture
def ask(folder: ServiceFolder) -> Iterator[Ask]:
    """Run the process as the service does, and ask it as a gateway does."""
    port = free_port()
    command = [sys.executable, "-c", RUN, str(folder.root), str(port)]
    with subprocess.Popen(command) as process:
        try:
            await_port(port, process)
            yield (
                lambda token="": (
                    get(
                        port,
                        "/api/v1/authorize",
                        X_Ringfence_Account="ann",
                        **({"X_Ringfence_Token": token} if token else {}),
                    ).status
                )
            )
        finally:
            process.send_signal(signal.SIGTERM)


def add(folder: ServiceFolder, name: str, scope: TokenScope = "authorize") -> str:
    """Add a token, and return its text."""
    token, text = new_token(name, (scope,), "2026-11-29T09:00:00Z")
    add_token(folder, token)
    return text


def soon(status: int, ask: Callable[[], int]) -> None:
    """Wait until an answer has this status, at most ten seconds."""
    end = time.monotonic() + 10
    while ask() != status:
        assert time.monotonic() < end
        time.sleep(0.1)


def test_tokens_count_while_the_process_runs(folder: ServiceFolder, ask: Ask) -> None:
    """The first token closes the gate, each is known and forgotten at once, and it stays closed."""
    assert ask() == 200
    web = add(folder, "web", "ingest")
    time.sleep(1.5)
    assert ask() == 200, "a token with another scope changes nothing"
    first = add(folder, "first")
    soon(403, ask)
    assert (ask(first), ask(web), ask(first + "x")) == (200, 403, 403)
    second = add(folder, "second")
    assert ask(second) == 200
    revoke_token(folder, "first")
    soon(403, lambda: ask(first))
    assert ask(second) == 200
    revoke_token(folder, "second")
    soon(403, lambda: ask(second))
    time.sleep(1.5)
    assert ask() == 403, "revoking the last token lets nobody in"
    assert ask(add(folder, "third")) == 200


def test_gateways_without_their_token_are_a_problem(folder: ServiceFolder, ask: Ask) -> None:
    """The status counts the refused requests, and says nothing while all gateways are answered."""

    def problems() -> dict[str, str]:
        return (read_status(folder, "authorize") or {}).get("problems", {})

    assert ask() == 200
    assert "gateway token" not in problems()
    right = add(folder, "nginx")
    soon(403, ask)
    soon(403, lambda: ask("another"))
    end = time.monotonic() + 10
    while not problems().get("gateway token", "").startswith("2 requests"):
        assert time.monotonic() < end
        time.sleep(0.1)
    assert [ask(right) for _ in range(9)] == [200] * 9
    time.sleep(1.5)
    assert problems()["gateway token"].startswith("2 requests")


def test_the_problem_ends_a_minute_after_the_last_refusal() -> None:
    """A later series is counted from its own beginning, and answered requests are not told."""
    refusals = TokenRefusals()
    assert refusals.problem(0, 0.0) == ""
    assert refusals.problem(3, 10.0).startswith("3 requests")
    assert refusals.problem(1_203, 65.0).startswith("1,203 requests")
    assert refusals.problem(1_203, 124.0).startswith("1,203 requests")
    assert refusals.problem(1_203, 126.0) == ""
    assert refusals.problem(1_205, 300.0).startswith("2 requests")


def test_a_damaged_file_opens_no_gate(folder: ServiceFolder) -> None:
    """The process does not start with it, and one that runs goes on to need a token."""
    add(folder, "first")
    states = [True]

    def exist() -> bool:
        if not states[0]:
            raise SettingsError("is not a file of tokens")
        return states[0]

    tokens = RecentTokens(lambda token, _: token == "right", exist)  # noqa: S105 - of a test
    states[0] = False
    tokens.look()
    assert tokens.needed
    assert (tokens.allows("right"), tokens.allows("wrong"), tokens.allows(None)) == (
        True,
        False,
        False,
    )
    folder.tokens.write_text("nonsense")
    with pytest.raises(SettingsError, match="is not a file of tokens"):
        authorize(folder, Settings(service={"authorize_port": free_port()}), print)


def test_other_machines_need_a_token_in_any_case(folder: ServiceFolder) -> None:
    """Without one, anybody in the network could use up the allowance of any account."""
    folder.create()
    known = TokenCheck(folder)
    for host, needed in (("127.0.0.1", False), ("::1", False), ("0.0.0.0", True), ("gate", True)):  # noqa: S104
        check, exist = token_checks(folder, known, host)
        assert RecentTokens(check, exist).needed is needed
