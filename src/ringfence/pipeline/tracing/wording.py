"""Say how sure an answer is, in sentences that claim only what the records show."""

from __future__ import annotations

from collections.abc import Sequence
from ipaddress import ip_network

from ringfence.model.networks import PRIVATE_NETWORKS, AnyNetwork
from ringfence.pipeline.tracing.criteria import Criteria, span_text
from ringfence.pipeline.tracing.result import Certainty, SearchAnswer, SearchedPeriod, TracedAccount

NOT_A_PERSON = "An account is not a person: a login may be shared or stolen."


def fact(criteria: Criteria, matches: Sequence[str], certainty: Certainty = "seen") -> str:
    """Return what the accesses of an account show, such as ``took this item at this address``.

    Args:
        criteria: of the complaint.
        matches: the criteria that are fulfilled together.
        certainty: ``possible`` if the ledger only does not exclude it.
    """
    parts = ["took" if certainty == "seen" else "may have taken"]
    parts.append("this item" if "item" in matches else "an item")
    if "address" in matches:
        single = criteria.address is not None and criteria.address.num_addresses == 1
        exact = f"at this {'address' if single else 'network'}"
        parts.append(exact if certainty == "seen" else "from networks around this address")
    if "time" in matches:
        parts.append(when(criteria))
    return " ".join(parts)


def when(criteria: Criteria) -> str:
    """Return the window of time in words; empty without a time."""
    if criteria.time is None:
        return ""
    if criteria.time.is_day:
        more = f", {span_text(criteria.within)} more on both sides" if criteria.within else ""
        return f"on {criteria.time.text}{more}"
    if not criteria.within:
        return f"at {criteria.time.text}"
    return f"within {span_text(criteria.within)} of {criteria.time.text}"


def how_sure(candidate: TracedAccount, criteria: Criteria, recorded: int, possible: int) -> str:
    """Return how sure it is that the complaint is about a candidate.

    Args:
        candidate: one of the accounts that fit.
        criteria: of the complaint.
        recorded: number of accounts with a recorded access that fits as well as its own.
        possible: number of further accounts that the ledger does not exclude.
    """
    said = fact(criteria, candidate.matches, candidate.certainty)
    if candidate.certainty == "possible":
        return f"by the ledger, {_one_of(recorded + possible)} that {said}"
    missing = [name for name in criteria.given if name not in candidate.matches]
    but = f", but the {' and the '.join(missing)} does not fit" if missing else ""
    more = f"; the ledger does not exclude {possible:,} more" if possible else ""
    return f"{_one_of(recorded)} that {said}{but}{more}"


def _one_of(accounts: int) -> str:
    return "the only account" if accounts == 1 else f"one of {accounts:,} accounts"


def period_text(period: SearchedPeriod) -> str:
    """Return what was searched: the number of accesses, and their period."""
    whose = "the ledger" if period.origin == "ledger" else "the logs"
    if period.first is None or period.last is None:
        return f"{whose} (no access)"
    ends = f"from {period.first:%Y-%m-%d %H:%M} to {period.last:%Y-%m-%d %H:%M} UTC"
    return f"{whose} ({period.events:,} accesses {ends})"


def address_notes(
    criteria: Criteria, answer: SearchAnswer | None, proxies: Sequence[AnyNetwork]
) -> list[str]:
    """Return remarks about an address that stands for many people.

    Args:
        criteria: of the complaint.
        answer: of the logs; None without logs.
        proxies: networks of the operator's own proxies.
    """
    network = criteria.address
    if network is None:
        return []
    said = []
    if any(_overlap(network, ip_network(one)) for one in PRIVATE_NETWORKS):
        said.append("The address is private or shared by a carrier, so it fits many people.")
    elif any(_overlap(network, one) for one in proxies):
        said.append("The address is one of your own proxies (events.trusted_proxies).")
    crowd = answer.crowd if answer else None
    if crowd and crowd > 1:
        name = "address" if network.num_addresses == 1 else "network"
        said.append(
            f"In the logs, {crowd:,} accounts used this {name}: it fits many people, as that of a "
            "proxy, a household or an institution does."
        )
    return said


def _overlap(one: AnyNetwork, other: AnyNetwork) -> bool:
    return one.version == other.version and one.overlaps(other)
