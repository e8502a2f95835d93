"""Test how an account is recognised that is unlike its own past."""

from __future__ import annotations

from datetime import date, timedelta

from ringfence.model.evidence import Evidence
from ringfence.policy import sign_of_theft

TODAY = date(2026, 3, 1)
NETWORKS = (Evidence("provenance", 40, 4, 0.001, "Came from 40 networks."),)


def use(past: int, now: int, *, past_days: int = 60, days: int = 5) -> list[tuple[date, int]]:
    """Return items per day: some weeks of use, a gap of a month, and the last days."""
    before = [(TODAY - timedelta(days=30 + past_days - n), past) for n in range(past_days)]
    return before + [(TODAY - timedelta(days=days - 1 - n), now) for n in range(days)]


def test_a_sudden_change_is_a_sign() -> None:
    """The sentence gives both numbers."""
    assert sign_of_theft(use(20, 400), ()) == (
        "The account is unlike its own past: 20 new items per day of use before, 400 now."
    )


def test_a_steady_account_is_none() -> None:
    """Neither one that has always taken much nor one that takes somewhat more now."""
    assert not sign_of_theft(use(400, 400), ())
    assert not sign_of_theft(use(20, 190), ())
    assert not sign_of_theft([], ())


def test_many_networks_make_a_smaller_change_a_sign() -> None:
    """Many networks alone are none: mobile networks change every day."""
    assert "from many networks" in sign_of_theft(use(20, 70), NETWORKS)
    assert not sign_of_theft(use(20, 50), NETWORKS)
    usual = (Evidence("provenance", 3, 4, 0.6, "Came from 3 networks."),)
    assert not sign_of_theft(use(20, 70), usual)


def test_an_account_without_a_past_was_not_stolen() -> None:
    """An extractor opens accounts and begins at once."""
    assert not sign_of_theft(use(1, 400, past_days=0), ())
    assert not sign_of_theft(use(1, 400, past_days=9), ())
    assert sign_of_theft(use(1, 400, past_days=10), ())


def test_quiet_days_of_the_owner_do_not_hide_a_theft() -> None:
    """The owner goes on as before between the days of the thief."""
    days = use(20, 20, days=25)
    days[-3:] = [(day, 2_000) for day, _ in days[-3:]]
    assert "2,000 now" in sign_of_theft(days, ())
