"""Divide links into notices: by host, and for each search engine, within their limits."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from ringfence.leaks.notices.links import ReportedLink
from ringfence.notice_settings import NoticeLimitSettings, Recipient


@dataclass(frozen=True)
class BatchLimit:
    """Size that one notice may have.

    Attributes:
        links: number of links, at least 1.
        bytes: size of the list with one link per line; None for any.
    """

    links: int
    bytes: int | None = None


@dataclass(frozen=True)
class NoticeBatch:
    """The links of one notice.

    Attributes:
        recipient: the host, or a search engine.
        host: of all links; empty for a search engine, which gets links of all hosts.
        number: from 1, for this host or search engine.
        links: at least one, in the order of the input.
    """

    recipient: Recipient
    host: str
    number: int
    links: tuple[ReportedLink, ...]


def limits_of(
    settings: NoticeLimitSettings, *, engines: bool, header: int
) -> dict[Recipient, BatchLimit]:
    """Return the limits of all recipients.

    Args:
        settings: the operator's numbers.
        engines: whether search engines get notices.
        header: bytes that precede the links in a list for Google.
    """
    limits: dict[Recipient, BatchLimit] = {"host": BatchLimit(settings.host_links)}
    if engines:
        limits["google"] = BatchLimit(settings.google_links, settings.google_bytes - header)
        limits["bing"] = BatchLimit(settings.bing_links)
    return limits


def batches(
    links: Iterable[ReportedLink], limits: Mapping[Recipient, BatchLimit]
) -> Iterator[NoticeBatch]:
    """Yield the notices of a stream of links. At most one notice per recipient is in memory.

    Each link is in one notice of each recipient of ``limits`` that was not told about it.

    Args:
        links: sorted by host.
        limits: of each recipient that gets notices.

    Raises:
        ValueError: the links are not sorted by host.
    """
    open_ones = {one: _OpenBatch(one, limit) for one, limit in limits.items()}
    host = ""
    for link in links:
        if link.host < host:
            raise ValueError("the links are not sorted by host")
        if link.host != host and (by_host := open_ones.get("host")):
            yield from by_host.close()
            by_host.begin(link.host)
        host = link.host
        for name, one in open_ones.items():
            if name not in link.told:
                yield from one.add(link)
    for one in open_ones.values():
        yield from one.close()


@dataclass
class _OpenBatch:
    """The next notice of a recipient, while it is filled."""

    recipient: Recipient
    limit: BatchLimit
    host: str = ""
    number: int = 0
    links: list[ReportedLink] = field(default_factory=list)
    size: int = 0

    def begin(self, host: str) -> None:
        """Begin to count for another host."""
        self.host, self.number = host, 0

    def add(self, link: ReportedLink) -> Iterator[NoticeBatch]:
        """Add a link. Yield the notice before it if there is no room for the link."""
        size = len(link.url) + 1
        full = len(self.links) >= self.limit.links
        if full or (self.limit.bytes is not None and self.size + size > self.limit.bytes):
            yield from self.close()
        self.links.append(link)
        self.size += size

    def close(self) -> Iterator[NoticeBatch]:
        """Yield the notice, unless it is empty."""
        if self.links:
            self.number += 1
            yield NoticeBatch(self.recipient, self.host, self.number, tuple(self.links))
            self.links, self.size = [], 0
