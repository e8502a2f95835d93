"""Count signs in a sample of requests: ignored forwarded lists, unread keys, bulk requests."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import urlsplit

from ringfence.engine import Engine
from ringfence.events import LIST_PAGE, SampledRequest, may_name_account
from ringfence.population import robots_among

OTHER_REQUESTS: Final = frozenset({"no-item", "static-asset", LIST_PAGE})
"""Outcomes of successful requests that no item rule counts."""

_PORT: Final = re.compile(r"^(\[[^\]]*\]|[0-9.]+):[0-9]+$")


@dataclass(frozen=True)
class ForwardedFacts:
    """Numbers about the lists of addresses that proxies passed on.

    Attributes:
        requests: number of sampled requests.
        listed: requests with a list that names another address than the one that connected.
        ignored: those whose client is nevertheless the address that connected.
        visitors: those of them by accounts without a login.
        peers: distinct addresses that connected with an ignored list.
        named: distinct addresses before them in these lists.
        peer: the most frequent of the peers; empty if it may not be shown.
    """

    requests: int = 0
    listed: int = 0
    ignored: int = 0
    visitors: int = 0
    peers: int = 0
    named: int = 0
    peer: str = ""


@dataclass(frozen=True)
class ParameterFacts:
    """The query parameter with the name of a login or key that most visitors' takes carry.

    Attributes:
        takes: sampled takes of visitors, and requests that would be takes if they had an account.
        carried: those of them with the parameter.
        values: number of its distinct values.
        name: its name; empty if there is none.
    """

    takes: int = 0
    carried: int = 0
    values: int = 0
    name: str = ""


@dataclass(frozen=True)
class OtherRequestFacts:
    """The account with the most successful requests besides takes, declared robots left out.

    Attributes:
        requests: sampled requests of this kind of all accounts.
        most: those of this account.
        urls: their distinct URLs.
        accounts: number of accounts with any sampled request.
        takes: sampled takes of all accounts.
        own_takes: those of this account.
        name: its name.
        client: its most frequent client.
        url: the path of one of the URLs, with query; empty if it may not be shown.
    """

    requests: int = 0
    most: int = 0
    urls: int = 0
    accounts: int = 0
    takes: int = 0
    own_takes: int = 0
    name: str = ""
    client: str = ""
    url: str = ""


@dataclass(frozen=True)
class GroupFacts:
    """Whether items of different groups share a name.

    Attributes:
        repeated: items with at least two sampled takes.
        shared: those of them that were taken in at least two groups.
        item: the item in the most groups; empty if it may not be shown.
        groups: number of its groups.
    """

    repeated: int = 0
    shared: int = 0
    item: str = ""
    groups: int = 0


@dataclass(frozen=True)
class RequestFacts:
    """The signs in a sample of requests, about lists, parameters, other pages and groups."""

    forwarded: ForwardedFacts = field(default_factory=ForwardedFacts)
    parameter: ParameterFacts = field(default_factory=ParameterFacts)
    other: OtherRequestFacts = field(default_factory=OtherRequestFacts)
    groups: GroupFacts = field(default_factory=GroupFacts)

    @property
    def assumptions(self) -> Iterator[tuple[str, str, str]]:
        """Whether the forwarded lists were used, as (name, value, setting that changes it)."""
        seen = self.forwarded
        if seen.listed:
            used = f"used for {seen.listed - seen.ignored:,} of {seen.listed:,} sampled requests"
            yield "forwarded list", used + " that have one", "events.trusted_proxies"


def measure_requests(engine: Engine, requests: Sequence[SampledRequest]) -> RequestFacts:
    """Measure the signs in a sample of requests.

    Args:
        engine: classifies the clients.
        requests: from all sources.
    """
    if not requests:
        return RequestFacts()
    robots = robots_among(engine, (one.client for one in requests if one.client))
    return RequestFacts(
        _forwarded(requests), _parameter(requests), _other(requests, robots), _groups(requests)
    )


def _forwarded(requests: Sequence[SampledRequest]) -> ForwardedFacts:
    listed = [(one, parts) for one in requests if len(set(parts := _addresses(one))) > 1]
    ignored = [(one, parts) for one, parts in listed if one.address == parts[-1]]
    peers = Counter(parts[-1] for _, parts in ignored)
    named = {part for _, parts in ignored for part in parts[:-1]}
    return ForwardedFacts(
        requests=len(requests),
        listed=len(listed),
        ignored=len(ignored),
        visitors=sum(one.visitor is True for one, _ in ignored),
        peers=len(peers),
        named=len(named),
        peer=next(iter(peers.most_common(1)), ("", 0))[0] if requests[0].shown else "",
    )


def _addresses(one: SampledRequest) -> list[str]:
    """Return the forwarded addresses and the one that connected, last."""
    parts = f"{one.forwarded or ''},{one.peer or ''}".split(",")
    return [_PORT.sub(r"\1", part.strip()).strip("[]") for part in parts if part.strip()]


def _parameter(requests: Sequence[SampledRequest]) -> ParameterFacts:
    takes = [one for one in requests if one.outcome is None and one.visitor is True]
    takes += [one for one in requests if one.outcome == "no-account"]
    values: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for one in takes:
        for name, value in _parameters(one.url or "").items():
            values[name][value] += 1
    repeated = {
        name: found for name, found in values.items() if 2 <= len(found) <= found.total() / 2
    }
    if not repeated:
        return ParameterFacts(len(takes))
    name = max(repeated, key=lambda one: (repeated[one].total(), len(repeated[one]), one))
    return ParameterFacts(len(takes), repeated[name].total(), len(repeated[name]), name)


def _parameters(url: str) -> Mapping[str, str]:
    """Return the first value of each parameter with the name of a login or key."""
    _, _, query = url.partition("?")
    pairs = (pair.partition("=") for pair in reversed(query.partition("#")[0].split("&")))
    return {name: value for name, _, value in pairs if value and may_name_account(name)}


def _other(requests: Sequence[SampledRequest], robots: frozenset[str]) -> OtherRequestFacts:
    people = [one for one in requests if one.account and one.client not in robots]
    counted = Counter(one.account for one in people if one.outcome in OTHER_REQUESTS)
    if not counted:
        return OtherRequestFacts()
    name, most = max(counted.items(), key=lambda one: (one[1], one[0] or ""))
    own = [one for one in people if one.account == name]
    others = [one for one in own if one.outcome in OTHER_REQUESTS]
    clients = Counter(one.client or "" for one in others)
    return OtherRequestFacts(
        requests=counted.total(),
        most=most,
        urls=len({one.url for one in others}),
        accounts=len({one.account for one in people}),
        takes=sum(one.outcome is None for one in people),
        own_takes=sum(one.outcome is None for one in own),
        name=name or "",
        client=clients.most_common(1)[0][0],
        url=_shown_url(others[len(others) // 2].url or "") if others[0].shown else "",
    )


def _groups(requests: Sequence[SampledRequest]) -> GroupFacts:
    groups: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for one in requests:
        if one.outcome is None and one.item and one.group:
            groups[one.item][one.group] += 1
    repeated = {item: found for item, found in groups.items() if found.total() > 1}
    if not repeated:
        return GroupFacts()
    item = max(repeated, key=lambda one: (len(repeated[one]), one))
    shared = sum(len(found) > 1 for found in repeated.values())
    shown = item if requests[0].shown else ""
    return GroupFacts(len(repeated), shared, shown, len(repeated[item]))


def _shown_url(url: str) -> str:
    try:
        parts = urlsplit(url)
    except ValueError:
        return url
    return parts.path + (f"?{parts.query}" if parts.query else "")
