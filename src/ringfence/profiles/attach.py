"""Give the first findings of a scan the profiles that their pages show."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from ringfence.engine import Engine
from ringfence.model.finding import Finding
from ringfence.model.ring import Ring
from ringfence.profiles.account_profile import prepare_profiles, profile
from ringfence.profiles.ring_profile import ring_profiles
from ringfence.verdicts import ScoredAccounts


def with_profiles(
    engine: Engine,
    findings: Sequence[Finding],
    scored: ScoredAccounts,
    rings: Sequence[Ring],
    limit: int,
) -> tuple[Finding, ...]:
    """Return the findings in their order, the first of each kind with a profile.

    Args:
        engine: holds the ledger and the tables of the verdicts.
        findings: rings in the order of ``rings``, and accounts, most certain first.
        scored: all accounts.
        rings: the rings of the ring findings.
        limit: how many findings of each kind get a profile.
    """
    of_rings = iter(ring_profiles(engine, rings[:limit]))
    accounts = [finding for finding in findings if finding.kind == "account"][:limit]
    of_accounts = _account_profiles(engine, accounts, scored)
    return tuple(
        replace(finding, ring=next(of_rings, None))
        if finding.kind == "ring"
        else next(of_accounts, finding)
        for finding in findings
    )


def _account_profiles(
    engine: Engine, findings: Sequence[Finding], scored: ScoredAccounts
) -> Iterator[Finding]:
    names = scored.accounts["account"]
    rows = np.flatnonzero(np.isin(names, [finding.id for finding in findings]))
    row_of = {str(names[row]): int(row) for row in rows}
    keys = {name: int(scored.accounts["account_key"][row]) for name, row in row_of.items()}
    prepare_profiles(engine, list(keys.values()))
    for finding in findings:
        standing = scored.standing(row_of[finding.id])
        yield replace(finding, profile=profile(engine, keys[finding.id], standing))
