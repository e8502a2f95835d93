"""The links that notices name: from a file, or those of a register about which nobody was told."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, NamedTuple

from arro3.core import RecordBatchReader

from ringfence.engine import Engine, open_engine
from ringfence.errors import LeakError, SourceError, reason
from ringfence.leaks.notices.addresses import NOT_PUBLIC, is_public_host, stated_link
from ringfence.leaks.register import OPEN_STATES, LinkChoice, RefusedLinks, open_register
from ringfence.leaks.register.incoming import LINKS_IN, StagedLinks, stage_links
from ringfence.leaks.register.url_sql import host_sql
from ringfence.notice_settings import Recipient
from ringfence.settings import Settings
from ringfence.visible import visible

_LONGEST_WORK: Final = 200
_LONGEST_EXAMPLE: Final = 200

_SORTED: Final = (
    f"SELECT {host_sql('url')} AS host, url, "  # noqa: S608 - constants
    f"coalesce(min(nullif(trim(left(work, 1000)), '')), '') AS work FROM {LINKS_IN} "
    "GROUP BY url ORDER BY host, url"
)
"""The staged links, each once, by host. A work comes before none."""


class ReportedLink(NamedTuple):
    """A link that a notice can name.

    Attributes:
        url: its normal form, in ASCII.
        host: its host.
        work: what is there, with hidden characters made visible; empty if nobody says.
        told: recipients that got a notice about it already.
    """

    url: str
    host: str
    work: str = ""
    told: frozenset[str] = frozenset()


@dataclass
class LinksToReport:
    """Links by host, counted while they are read. Those whose host is not public are left out.

    Attributes:
        stream: links sorted by host, each once.
        digest: SHA-256 of the file that they come from; empty for a register.
        refused: records that no notice can name, by reason.
        links: number of links until now.
        hosts: number of their hosts.
    """

    stream: Iterable[ReportedLink]
    digest: str = ""
    refused: list[RefusedLinks] = field(default_factory=list)
    links: int = 0
    hosts: int = 0

    def __iter__(self) -> Iterator[ReportedLink]:
        """Yield the links that notices can name."""
        host, public, within, example = "", False, 0, ""
        for link in self.stream:
            if link.host != host:
                host, public = link.host, is_public_host(link.host)
                self.hosts += public
            if public:
                self.links += 1
                yield link
            else:
                within, example = within + 1, example or link.url
        if within:
            self.refused.append(
                RefusedLinks(NOT_PUBLIC, within, visible(example, _LONGEST_EXAMPLE))
            )


@contextmanager
def links_of_file(path: Path, settings: Settings) -> Iterator[LinksToReport]:
    """Provide the links of a file by host. The engine sorts them, on disk if memory is too small.

    Args:
        path: in a format of the register. The column ``work`` says what is there.
        settings: resources of the engine.

    Raises:
        LeakError: the file cannot be read.
    """
    with open_engine(settings.engine) as engine:
        staged = stage_links(engine, path, {}, optional=("work",), normal=stated_link)
        yield LinksToReport(_sorted(engine), _digest(path), _refused(staged))


@contextmanager
def links_of_register(
    folder: Path, recipients: Iterable[Recipient], settings: Settings
) -> Iterator[LinksToReport]:
    """Provide the links of a register about which at least one recipient has not been told.

    Args:
        folder: of the register. No other process can use it meanwhile.
        recipients: of the notices.
        settings: resources of the engine.

    Raises:
        LeakError: the folder is not a register, or another process uses it.
    """
    choice = LinkChoice(OPEN_STATES, untold=tuple(recipients))
    with open_register(folder, settings) as register:
        yield LinksToReport(
            ReportedLink(one.url, one.host, "", one.told) for one in register.links_by_host(choice)
        )


def no_links(found: LinksToReport, where: Path) -> LeakError:
    """Return the error that says why no notice can be made."""
    if not found.refused:
        return LeakError("has no link about which a recipient must be told", where=str(where))
    first = max(found.refused, key=lambda one: one.count)
    return LeakError(
        f"has no link that a notice can name; {first.count:,} refused: {first.reason}",
        where=str(where),
        hint=f"an example is {first.example}" if first.example else "",
    )


def _sorted(engine: Engine) -> Iterator[ReportedLink]:
    for batch in RecordBatchReader.from_arrow(engine.arrow(_SORTED)):
        columns = (batch.column(name).to_pylist() for name in ("url", "host", "work"))
        for url, host, work in zip(*columns, strict=True):
            yield ReportedLink(url, host, visible(work, _LONGEST_WORK))


def _refused(staged: StagedLinks) -> list[RefusedLinks]:
    unreadable = staged.unreadable
    lost = RefusedLinks("could not be read", unreadable.count, unreadable.example)
    return [*staged.refused, *([lost] if lost.count else [])]


def _digest(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise SourceError(f"cannot be read: {reason(error)}", where=str(path)) from error
