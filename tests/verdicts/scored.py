"""Accounts as scored, drawn at random: what the verdicts on rings are tried on."""

from __future__ import annotations

import numpy as np
from numpy.random import Generator

from ringfence.model.ring import Ring
from ringfence.verdicts import ScoredAccounts
from ringfence.verdicts.judge import judge_tests


def honest(rng: Generator, accounts: int = 400) -> ScoredAccounts:
    """Draw accounts whose p-values are uniform; who holds more, takes more."""
    items = np.sort(rng.lognormal(5, 1, accounts)).astype(np.int64)
    uniform = {name: rng.random(accounts) for name in ("volume", "novelty", "rhythm")}
    uniform["volume"] = np.clip(uniform["volume"] * np.linspace(1, 0.1, accounts), 1e-9, 1)
    columns = {
        "account_key": np.arange(accounts, dtype=np.uint64) * np.uint64(7) + np.uint64(3),
        "account": np.array([f"user-{n}" for n in range(accounts)], dtype=object),
        "items": items,
        "uses": items,
        "first": np.zeros(accounts, np.int64),
        "last": np.ones(accounts, np.int64),
        "popularity": np.ones(accounts),
    }
    return judge_tests(columns, uniform, {}, ())


def a_ring(scored: ScoredAccounts, rows: np.ndarray, p_value: float = 1e-9) -> Ring:
    """Make a ring of these rows that has been found."""
    toward = np.column_stack([np.zeros(rows.size), np.full(rows.size, 9.0)])
    return Ring(
        keys=scored.accounts["account_key"][np.sort(rows)],
        level="group",
        observed=0.0,
        expected=9.0 * rows.size / 2,
        dispersion_k=1e6,
        log_p=float(np.log(p_value)),
        shared_items=np.full(rows.size, 20.0),
        member_collisions=toward,
        member_log_p=np.full(rows.size, -12.0),
    )
