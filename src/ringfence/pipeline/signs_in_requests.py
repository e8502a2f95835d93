"""Rules that look for signs of a misread client, login or item in a sample of requests."""

from __future__ import annotations

from typing import Final

from ringfence.events import mask_secrets
from ringfence.pipeline.input_facts import InputFacts
from ringfence.pipeline.request_facts import ParameterFacts
from ringfence.pipeline.suspicion import (
    CROWD,
    ENOUGH,
    MAJORITY,
    NEARLY_ALL,
    Suspicion,
    percent_of,
    share_of,
)
from ringfence.visible import visible

_TIMES_AS_MANY: Final = 2
"""Addresses in lists per address that connected, from which the latter are certainly proxies."""

_FEWEST_ACCOUNTS: Final = 3


def forwarded_ignored(facts: InputFacts) -> Suspicion | None:
    """Find requests that a proxy passed on, and that count as the proxy's own."""
    seen = facts.requests.forwarded
    few = seen.listed < CROWD or seen.listed < MAJORITY * seen.requests
    if few or seen.ignored < MAJORITY * seen.listed:
        return None
    many = seen.named >= _TIMES_AS_MANY * seen.peers and seen.named >= CROWD
    return Suspicion(
        f"{percent_of(seen.ignored, seen.requests)} of the requests name the client in a forwarded "
        f"list, and the list is not used: the {seen.peers:,} addresses that connected"
        f"{_such_as(seen.peer, 60, end=',')} are not trusted proxies. If they are a proxy's or a "
        "content network's, people with the same browser are one account.",
        many and seen.visitors >= NEARLY_ALL * seen.requests,
    )


def parameter_not_read(facts: InputFacts) -> Suspicion | None:
    """Find a login or key in the URLs of most takes of visitors."""
    if not is_unread(facts.requests.parameter):
        return None
    seen = facts.requests.parameter
    return Suspicion(
        f"{percent_of(seen.carried, seen.takes)} of the uses without a login carry the parameter "
        f"{visible(seen.name, 40)}, with {seen.values:,} values. It may tell accounts apart, and "
        "it is not read. The uses of one customer may be spread over several accounts, or mixed."
    )


def is_unread(seen: ParameterFacts) -> bool:
    """Return whether most takes of visitors carry a login or key that is not read."""
    return seen.takes >= CROWD and share_of(seen.carried, seen.takes) > MAJORITY


def requests_of_one_account(facts: InputFacts) -> Suspicion | None:
    """Find an account that requests many different pages without an item."""
    seen = facts.requests.other
    most = seen.most >= ENOUGH and seen.most > MAJORITY * seen.requests
    different = seen.urls > MAJORITY * seen.most and seen.own_takes < MAJORITY * seen.most
    if not most or not different or seen.accounts < _FEWEST_ACCOUNTS:
        return None
    return Suspicion(
        f"One account, {visible(seen.name, 60)}, has {percent_of(seen.most, seen.requests)} of the "
        f"successful requests that are no use of an item"
        f"{_such_as(mask_secrets(seen.url), 80)}. They are {seen.urls:,} different addresses. If "
        "these are lists of items, or files of items, it extracts the catalogue unseen."
    )


def _such_as(example: str, most: int, *, end: str = "") -> str:
    """Return an example for a sentence; nothing if there is none."""
    return f", such as {visible(example, most)}{end}" if example else ""
