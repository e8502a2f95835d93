"""Test what is measured for the policy."""

from __future__ import annotations

from ringfence.pipeline.policy_facts import ACTIVE_ACCOUNTS, ACTIVE_HOURS
from ringfence.testing import small_ledger, together
from ringfence.testing.users import account

DAY = 86_400


def test_accounts_that_have_left_are_not_active() -> None:
    """Of forty accounts of a year ago and three of now, three were active in the last 30 days."""
    old = [account(f"old-{n}", [n * 60], [n]) for n in range(40)]
    late = [account("late", [335 * DAY + 7_200], [2]), account("now", [365 * DAY], [1])]
    back = account("back", [0, 364 * DAY], [1, 2])
    early = account("early", [335 * DAY - 7_200], [2])
    with small_ledger(together(*old, *late, back, early)) as context:
        assert context.engine.rows(ACTIVE_ACCOUNTS, {"hours": ACTIVE_HOURS}) == [(3,)]
