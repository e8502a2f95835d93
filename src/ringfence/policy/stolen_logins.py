"""Recognise an account whose login may be stolen: it is unlike its own past.

A thief inherits the past of an honest person. So a login may be stolen if the account was used
moderately for weeks, and takes many times as much now. Fewer times are enough if it also comes
from unusually many networks.

This fails if the owner extracts after an honest past. Such an account is only challenged: the
policy gives it the benefit of the doubt, and a person may decide otherwise.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Final

from ringfence.model.evidence import Evidence
from ringfence.policy.facts import AccountFacts

RECENT_DAYS: Final = 30
"""Use in the last days is compared with all use before."""

LEAST_PAST_DAYS: Final = 10
"""Days of use before. With fewer, an account has no past."""

LEAST_OF_BUSIEST: Final = 0.1
"""Recent days of use that count have at least this share of the items of the busiest one."""

TIMES: Final = 10.0
"""The account takes this many times its usual number of new items."""

TIMES_WITH_NETWORKS: Final = 3.0
"""The same, if it also comes from more networks than users do."""

_EARLIER_SIGN: Final = "An earlier decision about the account says so."


def sign_of_theft(days: Sequence[tuple[date, int]], evidence: Sequence[Evidence]) -> str:
    """Return why the login may be stolen, as a sentence; empty if nothing suggests it.

    Args:
        days: day and number of new items, for each day with new items, in order.
        evidence: of the account.
    """
    if not days:
        return ""
    begin = days[-1][0] - timedelta(days=RECENT_DAYS)
    past = [items for day, items in days if day <= begin]
    recent = _busy([items for day, items in days if day > begin])
    if len(past) < LEAST_PAST_DAYS:
        return ""
    before, now = sum(past) / len(past), sum(recent) / len(recent)
    networks = any(one.test == "provenance" and one.supports == "extraction" for one in evidence)
    if now < (TIMES_WITH_NETWORKS if networks else TIMES) * before:
        return ""
    return (
        f"The account is unlike its own past: {before:,.0f} new items per day of use before, "
        f"{now:,.0f} now{', from many networks' if networks else ''}."
    )


def with_earlier_signs(
    facts: Mapping[str, AccountFacts], stolen: Collection[str]
) -> Mapping[str, AccountFacts]:
    """Return facts in which accounts without a sign of theft have the one of an earlier decision.

    Args:
        facts: by account.
        stolen: accounts whose last decision says that the login may be stolen.
    """
    remembered = {}
    for name in stolen:
        known = facts.get(name, AccountFacts())
        remembered[name] = replace(known, stolen=known.stolen or _EARLIER_SIGN)
    return {**facts, **remembered}


def _busy(days: list[int]) -> list[int]:
    """Return the days that are not quiet beside the busiest one: the owner may use it as well."""
    return [items for items in days if items >= LEAST_OF_BUSIEST * max(days)]
