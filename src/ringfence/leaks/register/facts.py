"""Add facts about known links: notices that were sent, and answers of people who looked."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ringfence.engine import Engine, Statement
from ringfence.leaks.register.folder import RegisterFolder
from ringfence.leaks.register.incoming import LINKS_IN
from ringfence.leaks.register.merging import load_rows, write_delta
from ringfence.leaks.register.states import FACTS_OF_LINKS, MERGED_EVENTS
from ringfence.visible import visible

_EXAMPLES: Final = 5
_LONGEST_EXAMPLE: Final = 200

REMOVED: Final = ("404", "410", "451", "removed", "gone", "deleted")
"""Answers that say that a link is removed: states, and status codes of RFC 9110 and RFC 7725."""

THERE: Final = ("200", "203", "206", "there", "found", "back", "online")
"""Answers that say that a link is there."""

ACKNOWLEDGED: Final = ("acknowledged", "received", "accepted")
"""Answers that say that the recipient has the notice."""

ANSWER_COLUMNS: Final = {"answer": ("status", "state"), "date": ("date",)}
"""Columns of a file of answers beside the link, and the names that each may have."""


def answers_sql() -> str:
    """Return SELECT of the answers in a staged file as events; ``event`` is NULL if unclear."""
    words = {"removed": REMOVED, "there": THERE, "acknowledged": ACKNOWLEDGED}
    cases = " ".join(
        f"WHEN lower(trim(answer)) IN ({', '.join(repr(one) for one in listed)}) THEN '{event}'"
        for event, listed in words.items()
    )
    # The time zone of a session is UTC, so a text without a zone is taken as UTC.
    at = "CAST(date_trunc('second', TRY_CAST(date AS TIMESTAMPTZ)) AS TIMESTAMP)"
    event = f"CASE {cases} END AS event"
    return f"SELECT url, {event}, answer, {at} AS moment, '' AS recipient FROM {LINKS_IN}"  # noqa: S608 - constants


RECIPIENTS: Final = f"SELECT DISTINCT coalesce(recipient, '') FROM {LINKS_IN} ORDER BY 1"  # noqa: S608 - constants
"""The recipients that a staged file of notices names."""

NOTICES_SENT: Final = (
    "CREATE OR REPLACE TEMP TABLE said AS SELECT url, 'sent' AS event, '' AS answer, s.moment, "  # noqa: S608 - constants
    f"l.recipient FROM {LINKS_IN} AS l, link_source AS s WHERE $only IN ('', l.recipient)"
)
"""The notices in a staged file, those to the recipient ``$only`` or all if it is empty."""

NEW_EVENTS: Final = Statement(
    "leaks.register_new_events",
    """
CREATE OR REPLACE TEMP TABLE new_events AS
SELECT concat('p', left(md5(d.url), $depth)) AS part, d.url, d.event, d.moment, d.recipient,
  s.source
FROM said AS d
CROSS JOIN link_source AS s
WHERE d.event IS NOT NULL AND d.moment >= $earliest AND d.moment <= $latest
""",
)
"""The facts among what was said, with the partition of their links."""

UNDATED: Final = Statement(
    "leaks.register_undated",
    "SELECT count(*) FROM said "
    "WHERE event IS NOT NULL AND NOT coalesce(moment >= $earliest AND moment <= $latest, FALSE)",
)
"""The number of facts without a usable date."""

UNCLEAR: Final = Statement(
    "leaks.register_unclear",
    "SELECT coalesce(answer, '') AS answer, count(*) AS links FROM said WHERE event IS NULL "
    "GROUP BY answer ORDER BY links DESC, answer",
)
"""The answers from which no fact follows."""

TOUCHED_PARTS: Final = Statement(
    "leaks.register_touched_parts",
    "SELECT DISTINCT part FROM new_events ORDER BY part",
)

_KNOWN: Final = """
CREATE OR REPLACE TEMP TABLE known_links AS
SELECT DISTINCT url FROM link_rows WHERE url IN (SELECT url FROM part_events)
"""

_UNKNOWN: Final = """
INSERT INTO unknown_links
SELECT DISTINCT url FROM part_events WHERE url NOT IN (SELECT url FROM known_links)
"""

_TRULY_NEW: Final = """
CREATE OR REPLACE TEMP TABLE fresh_events AS
SELECT DISTINCT n.url, n.event, n.moment, n.recipient, n.source
FROM part_events AS n
JOIN known_links AS k ON k.url = n.url
LEFT JOIN link_events AS e ON e.url = n.url AND e.event = n.event AND e.moment = n.moment
  AND e.recipient = n.recipient
WHERE e.url IS NULL
"""

_CHANGES: Final = """
SELECT coalesce(b.state, 'found') AS before, coalesce(a.state, 'found') AS after, count(*)
FROM known_links AS k
LEFT JOIN states_before AS b ON b.url = k.url
LEFT JOIN link_states AS a ON a.url = k.url
GROUP BY ALL
"""


@dataclass(frozen=True)
class AddedFacts:
    """The effect of facts on the register.

    Attributes:
        links: known links that they are about.
        added: facts that the register did not have yet.
        changes: number of links by state before and state after.
        unknown: links that are not in the register; nothing is kept about them.
        unknown_examples: some of them, hidden characters shown as codes.
    """

    links: int
    added: int
    changes: dict[tuple[str, str], int]
    unknown: int
    unknown_examples: tuple[str, ...]


def add_facts(engine: Engine, folder: RegisterFolder) -> tuple[AddedFacts, list[Path]]:
    """Add the facts in the table ``new_events`` to the register.

    Facts that the register has already are left out, so nothing is written the second time.

    Args:
        engine: has ``new_events``: part, url, event, moment, recipient, source.
        folder: of the register.

    Returns:
        How this changed the register, and the files that it does not need any more.
    """
    engine.run("CREATE OR REPLACE TEMP TABLE unknown_links (url VARCHAR)")
    engine.run("CREATE OR REPLACE TEMP TABLE events_to_add AS SELECT * FROM new_events LIMIT 0")
    changes: Counter[tuple[str, str]] = Counter()
    for (part,) in engine.rows(TOUCHED_PARTS):
        changes.update(_compare(engine, folder, part))
    added = engine.rows("SELECT count(*) FROM events_to_add")[0][0]
    old: list[Path] = []
    if added:
        query = "SELECT url, event, moment, recipient, source FROM events_to_add"
        old = write_delta(engine, folder, "events", query, added)
    unknown = engine.rows("SELECT count(*) FROM unknown_links")[0][0]
    examples = engine.rows(
        "SELECT url FROM unknown_links ORDER BY url LIMIT $most", {"most": _EXAMPLES}
    )
    facts = AddedFacts(
        sum(changes.values()),
        added,
        dict(changes),
        unknown,
        tuple(visible(url, _LONGEST_EXAMPLE) for (url,) in examples),
    )
    return facts, old


def _compare(engine: Engine, folder: RegisterFolder, part: str) -> Counter[tuple[str, str]]:
    """Compare the facts of one partition with what is known, and keep the new ones."""
    engine.run(
        "CREATE OR REPLACE TEMP TABLE part_events AS SELECT * FROM new_events WHERE part = $part",
        {"part": part},
    )
    load_rows(engine, folder, part, "url IN (SELECT url FROM part_events)")
    engine.run(_KNOWN)
    engine.run(_UNKNOWN)
    engine.run(MERGED_EVENTS)
    engine.run(FACTS_OF_LINKS)
    engine.run("CREATE OR REPLACE TEMP TABLE states_before AS SELECT url, state FROM link_states")
    engine.run(_TRULY_NEW)
    engine.run("INSERT INTO link_events SELECT * FROM fresh_events")
    engine.run(FACTS_OF_LINKS)
    engine.run(
        "INSERT INTO events_to_add "
        "SELECT $part, url, event, moment, recipient, source FROM fresh_events",
        {"part": part},
    )
    return Counter({(before, after): count for before, after, count in engine.rows(_CHANGES)})
