"""Client against counts by hand."""

from __future__ import annotations

import numpy as np
import pytest
from tests.evidence.scoring import HOUR, crowd, score

from ringfence.evidence import CannotRun
from ringfence.evidence.client import Client
from ringfence.testing import account, small_ledger
from ringfence.testing.users import SCRIPT


@pytest.mark.slow
def test_client_counts_scripts_by_name() -> None:
    """The p-value is the share of scripts; an account that mostly uses a browser has p = 1."""
    script = account("a", np.arange(60) * HOUR, np.arange(60), client=SCRIPT)
    once = account("b", np.arange(60) * HOUR, np.arange(60))
    once["client"][0] = SCRIPT
    numbers, p, sentence = score(Client(), crowd(), script, once)
    assert numbers["observed"] == 1.0
    assert p == pytest.approx(2 / 43)
    assert (
        "100% of its requests came from a client that identifies itself as a script. 1 account in "
        "this" in sentence
    )
    _, p, _ = score(Client(), crowd(), script, once, name="b")
    assert p == 1.0
    two = {"observed": 1.0, "accounts": 2.0}
    assert "2 accounts in this scan are mostly scripted" in Client().sentence(two)


@pytest.mark.slow
def test_client_cannot_run_without_scripts() -> None:
    """In a log in which no client identifies itself as a script, the test cannot run."""
    with (
        small_ledger(crowd()) as context,
        pytest.raises(CannotRun, match="identifies itself as a script"),
    ):
        Client().score(context)


@pytest.mark.slow
def test_browsers_are_not_scripts() -> None:
    """The browsers that the tests use are counted as neither robots nor scripts."""
    _, p, _ = score(Client(), crowd(), account("a", [0], [0], client=SCRIPT), name="user-00")
    assert p == 1.0
