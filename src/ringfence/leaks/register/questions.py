"""Answer questions about single links and hosts of a register."""

from __future__ import annotations

from ringfence.engine import Engine, Statement
from ringfence.errors import LeakError
from ringfence.leaks.register.folder import RegisterFolder, part_of
from ringfence.leaks.register.merging import load_rows
from ringfence.leaks.register.results import LinkFact
from ringfence.leaks.register.states import (
    FACTS_OF_LINKS,
    LINK_EVENTS,
    MERGED_EVENTS,
    MERGED_LINKS,
    LinkState,
)
from ringfence.leaks.register.streaming import (
    LINK_FIELDS,
    LinkChoice,
    RegisteredLink,
    count_hosts,
    merged_links,
    registered_links,
)

LARGEST_HOSTS = Statement(
    "leaks.register_largest_hosts",
    "SELECT host, links FROM host_counts ORDER BY links DESC, host LIMIT $most",
)
"""The hosts with the most links."""


def first_links(
    engine: Engine, folder: RegisterFolder, choice: LinkChoice, most: int
) -> list[RegisteredLink]:
    """Return the first links by host and link of a register that is merged."""
    if not folder.manifest.partitions:
        return []
    rows = engine.rows(
        f"SELECT {LINK_FIELDS} FROM {merged_links(folder)} WHERE {choice.condition} "  # noqa: S608 - quoted
        "ORDER BY host, url LIMIT $most",
        choice.parameters | {"most": most},
    )
    return list(registered_links(rows))


def largest_hosts(
    engine: Engine, folder: RegisterFolder, choice: LinkChoice, most: int
) -> tuple[int, tuple[tuple[str, int], ...]]:
    """Return the number of hosts, and those with the most links, of a register that is merged."""
    if not folder.manifest.partitions:
        return 0, ()
    count = count_hosts(engine, folder, choice)
    rows = engine.rows(LARGEST_HOSTS, {"most": most})
    return count, tuple((host, links) for host, links in rows)


def history_of(
    engine: Engine, folder: RegisterFolder, url: str
) -> tuple[LinkState, tuple[LinkFact, ...]]:
    """Return the state of a link and all facts about it, by date, merged or not.

    Args:
        engine: reads the register.
        folder: of the register.
        url: the link in its normal form.

    Raises:
        LeakError: the link is not in the register.
    """
    part = part_of(url, folder.manifest.depth)
    engine.run("CREATE OR REPLACE TEMP TABLE asked_links AS SELECT $url AS url", {"url": url})
    load_rows(engine, folder, part, "url IN (SELECT url FROM asked_links)")
    engine.run(MERGED_EVENTS)
    engine.run(FACTS_OF_LINKS)
    found = engine.records(MERGED_LINKS)
    if not found:
        raise LeakError("is not in the register", where=url)
    facts = engine.rows("SELECT event, moment, source, recipient FROM link_events")
    first = LinkFact("found", found[0]["found"], found[0]["source"], "")
    return found[0]["state"], tuple(sorted([first, *map(LinkFact._make, facts)], key=_place))


def _place(fact: LinkFact) -> tuple[object, ...]:
    return fact.moment, LINK_EVENTS.index(fact.event), fact.recipient
