"""Findings name the clients of their accounts, in files, report and terminal."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from rich.console import Console
from tests.report import sample

import ringfence
from ringfence.cli.result import render
from ringfence.profiles.common_clients import LONGEST_CLIENT, with_clients
from ringfence.stats.arrays import Columns
from ringfence.testing import account, small_ledger, together

HOSTILE = "\x1b[31m<script>alert(1)</script>\u202e=cmd()"


def uses(name: str, client: str, number: int) -> Columns:
    """Return events of an account with one client."""
    return account(name, np.arange(number) * 60, np.arange(number), client=client)


def test_the_most_used_client_comes_first() -> None:
    """An account's clients are ordered by events and cut at three; of equal ones, by name."""
    finding = next(one for one in sample.contents().findings if one.kind == "account")
    events = together(
        uses(finding.id, "c", 5), uses(finding.id, "a", 9), uses(finding.id, "e", 1),
        uses(finding.id, "d", 5), uses("other", "x", 50),
    )  # fmt: skip
    with small_ledger(events) as context:
        (named,) = with_clients(context.engine, [finding])
    assert named.clients == ("a", "c", "d")
    assert replace(named, clients=finding.clients) == finding


def test_a_ring_names_the_clients_of_most_members() -> None:
    """One busy member does not decide what the others are called."""
    finding = replace(
        sample.contents().findings[0], kind="ring", id="ring-1", accounts=("m1", "m2", "m3")
    )
    events = together(
        uses("m1", "common", 2), uses("m2", "common", 2), uses("m3", "busy", 90), uses("x", "y", 9)
    )
    with small_ledger(events) as context:
        (named,) = with_clients(context.engine, [finding])
    assert named.clients == ("common", "busy")


def test_findings_without_clients_have_none() -> None:
    """A log without client names, an account that is not in it, and no finding at all."""
    finding = sample.contents().findings[0]
    with small_ledger(uses("other", "x", 3)) as context:
        assert with_clients(context.engine, [finding])[0].clients == ()
        assert with_clients(context.engine, []) == ()


def test_a_long_name_is_cut() -> None:
    """A client may be of any length; what is kept of it is bounded."""
    finding = next(one for one in sample.contents().findings if one.kind == "account")
    with small_ledger(uses(finding.id, "x" * 100_000, 3)) as context:
        (named,) = with_clients(context.engine, [finding])
    assert named.clients == ("x" * LONGEST_CLIENT,)


@pytest.fixture(scope="module")
def scanned(tmp_path_factory: pytest.TempPathFactory) -> ringfence.ScanResult:
    """A scan that finds one account, whose client name is hostile."""
    folder = tmp_path_factory.mktemp("clients")
    rows = [{"ts": 1_748_800_000 + n * 17, "account": "taker", "item": f"i{n}", "client": HOSTILE}
            for n in range(5_000)]  # fmt: skip
    rows += [
        {"ts": 1_748_800_000 + n * 900, "account": f"u{user}",
         "item": f"i{n * n * (user + 1) % 99}", "client": "a browser"}
        for user in range(30) for n in range(60)
    ]  # fmt: skip
    path = folder / "events.ndjson"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return ringfence.scan(path, out=folder / "out")


def test_files_hold_the_client_as_in_the_log(scanned: ringfence.ScanResult) -> None:
    """findings.jsonl is ASCII with escapes; accounts.parquet has the client of every account."""
    (finding,) = scanned.findings
    assert finding.clients == (HOSTILE,)
    line = Path(scanned.files["findings"]).read_text(encoding="ascii")
    assert json.loads(line)["clients"] == [HOSTILE]
    clients = dict(
        zip(scanned.accounts.column("account"), scanned.accounts.column("client"), strict=True)
    )
    assert (clients["taker"], clients["u1"]) == (HOSTILE, "a browser")


def test_report_and_terminal_show_it_harmless(scanned: ringfence.ScanResult) -> None:
    """The name is shown, and can neither drive a terminal nor become markup."""
    page = Path(scanned.files["report"]).read_text(encoding="utf-8")
    screen = io.StringIO()
    render(scanned, Console(file=screen, width=200))
    for text in (page, screen.getvalue()):
        assert "alert(1)" in text
        assert "\x1b[31m" not in text
        assert "\u202e" not in text
    assert "<script>alert" not in page
