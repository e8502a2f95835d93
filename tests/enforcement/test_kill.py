"""A process that is killed at any moment loses no effect, and the order stays."""

from __future__ import annotations

import random
import subprocess
import sys
import time
from pathlib import Path

import pytest
from sqlalchemy import select
from tests.enforcement.acts import open_case
from tests.enforcement.worker import FileSink

from ringfence.cases import CaseStore
from ringfence.cases.moments import now
from ringfence.cases.outbox import all_states
from ringfence.cases.schema import OUTBOX
from ringfence.enforcement import deliver

TRIALS = 10
ROOT = Path(__file__).parents[2]


def kill_soon(url: str, out: Path, cases: list[int], seconds: float) -> None:
    """Start a process that decides and delivers, and kill it after some time."""
    command = [sys.executable, "-m", "tests.enforcement.worker", url, str(out), *map(str, cases)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, cwd=ROOT) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"ready\n"
        time.sleep(seconds)
        process.kill()


@pytest.mark.slow
def test_nothing_is_lost_or_out_of_order(url: str, store: CaseStore, tmp_path: Path) -> None:
    """After ten kills, the sink has every effect in order, and the state of the decisions."""
    out = tmp_path / "told"
    sink = FileSink(out)
    deliver(store, [sink])
    cases = [open_case(store, "ann"), open_case(store, "ann", "bob", "cal")]
    chance = random.Random(17)  # noqa: S311 - moments to kill at
    for _ in range(TRIALS):
        kill_soon(url, out, cases, chance.uniform(0.0, 0.4))
    # Later than every lease and every wait.
    deliver(store, [sink], lambda: now() * 2_000)
    told = [line.split() for line in out.read_text().splitlines()]
    with store.reading() as connection:
        written = list(connection.execute(select(OUTBOX.c.id)).scalars())
        implied = {account: hold.effect for account, hold in all_states(connection)}
    assert len(written) > TRIALS
    assert {int(number) for number, _, _ in told} == set(written)
    for account in ("ann", "bob", "cal"):
        numbers = [int(number) for number, one, _ in told if one == account]
        assert numbers == sorted(numbers)
    state = {account: effect for _, account, effect in told}
    assert {account: effect for account, effect in state.items() if effect != "lift"} == implied
