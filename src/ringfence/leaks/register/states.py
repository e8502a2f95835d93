"""The states of links, and the statements that derive them from what is known about each link.

A register is a set of facts: a link was found, a notice was sent, it was acknowledged, the link was
there or was removed, each with a date and a source. The state of a link follows from its facts in
the order of their dates. So the order in which files are read does not matter, and a file that is
read twice changes nothing.
"""

from __future__ import annotations

import re
from typing import Final, Literal, get_args

from ringfence.engine import Statement
from ringfence.errors import LeakError

LinkState = Literal["found", "sent", "acknowledged", "removed", "back"]
"""The state of a link: found and not yet reported, reported, the report acknowledged, removed, or
there again after it had been removed."""

LINK_STATES: Final[tuple[LinkState, ...]] = get_args(LinkState)

LinkEvent = Literal["found", "there", "sent", "acknowledged", "removed"]
"""A fact about a link: it was found, somebody looked and it was there, a notice about it was sent
or acknowledged, or it was removed."""

LINK_EVENTS: Final[tuple[LinkEvent, ...]] = get_args(LinkEvent)
"""The kinds of facts. Facts with the same date count in this order, so that a removal has the last
word."""

HOSTING: Final = "host"
"""The recipient of a notice that is sent to the host of the link."""

_RECIPIENT: Final = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")

FACTS_OF_LINKS: Final = Statement(
    "leaks.register_facts_of_links",
    """
CREATE OR REPLACE TEMP TABLE link_states AS
WITH removals AS (
  SELECT url, max(moment) AS removed_at
  FROM link_events
  WHERE event = 'removed'
  GROUP BY url
),
returns AS (
  SELECT e.url, r.removed_at,
    max(CASE WHEN e.event = 'there' THEN e.moment END) AS seen_at,
    min(CASE WHEN e.event = 'there' AND e.moment > r.removed_at THEN e.moment END) AS back_at
  FROM link_events AS e
  JOIN removals AS r ON r.url = e.url
  GROUP BY e.url, r.removed_at
),
dates AS (
  SELECT e.url,
    min(CASE WHEN e.event = 'removed' AND r.back_at IS NULL
      AND (r.seen_at IS NULL OR e.moment >= r.seen_at) THEN e.moment END) AS gone_at,
    min(r.back_at) AS back_at,
    max(CASE WHEN e.event = 'sent' AND (r.back_at IS NULL OR e.moment >= r.back_at)
      THEN e.moment END) AS sent_at,
    max(CASE WHEN e.event = 'acknowledged' AND (r.back_at IS NULL OR e.moment >= r.back_at)
      THEN e.moment END) AS acknowledged_at,
    string_agg(DISTINCT CASE WHEN e.event = 'sent'
      AND (r.back_at IS NULL OR e.moment >= r.back_at) THEN e.recipient END, ' ') AS told
  FROM link_events AS e
  LEFT JOIN returns AS r ON r.url = e.url
  GROUP BY e.url
),
named AS (
  SELECT url, gone_at, back_at, sent_at, acknowledged_at, told,
    CASE WHEN gone_at IS NOT NULL THEN 'removed'
      WHEN acknowledged_at >= coalesce(sent_at, acknowledged_at) THEN 'acknowledged'
      WHEN sent_at IS NOT NULL THEN 'sent'
      WHEN back_at IS NOT NULL THEN 'back'
      ELSE 'found' END AS state
  FROM dates
)
SELECT url, state, told,
  CASE state WHEN 'removed' THEN gone_at WHEN 'acknowledged' THEN acknowledged_at
    WHEN 'sent' THEN sent_at WHEN 'back' THEN back_at END AS since
FROM named
""",
)
"""The state of each link of which more is known than that it was found: url, state, since, and the
recipients that were told since it was found or came back, with spaces between. ``since`` is NULL
for a link that was only seen again."""

MERGED_LINKS: Final = Statement(
    "leaks.register_merged_links",
    """
WITH links AS (
  SELECT url, min(host) AS host, min(found) AS found, arg_min(source, (found, source)) AS source
  FROM link_rows
  GROUP BY url
)
SELECT l.host, l.url, l.found, l.source, coalesce(s.state, 'found') AS state,
  coalesce(s.since, l.found) AS since, s.told
FROM links AS l
LEFT JOIN link_states AS s ON s.url = l.url
ORDER BY l.host, l.url
""",
)
"""The links of a partition, each once, with the earliest date at which it was found."""

MERGED_EVENTS: Final = Statement(
    "leaks.register_merged_events",
    """
CREATE OR REPLACE TEMP TABLE link_events AS
SELECT url, event, moment, recipient, min(source) AS source
FROM event_rows
GROUP BY url, event, moment, recipient
""",
)
"""The facts about the links of a partition, except that they were found, each once."""


def check_recipient(name: str) -> None:
    """Refuse a name of a recipient that could not be told from others in every file.

    Raises:
        LeakError: it is empty, too long, or has other signs than small letters, digits, dot, hyphen
            and underscore.
    """
    if not _RECIPIENT.fullmatch(name):
        raise LeakError(
            f"{name[:80]!r} is not the name of a recipient",
            hint="use up to 64 small letters, digits, dots or hyphens, such as host or google",
        )
