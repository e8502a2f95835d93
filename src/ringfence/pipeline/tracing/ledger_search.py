"""Search a ledger: which accounts hold the item, and which were active at the time.

A ledger knows the first and the last use of an item, the minutes in which an account was active,
and the networks of its addresses, but not which of them belong together. So it rarely proves an
access. It tells which accounts cannot be excluded, long after the logs are gone.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from ipaddress import IPv4Network
from typing import Any, Final

from ringfence.engine import Statement
from ringfence.ledger import LedgerReader
from ringfence.model.networks import AnyNetwork
from ringfence.pipeline.tracing.criteria import Criteria
from ringfence.pipeline.tracing.log_search import ACCOUNTS_LISTED, WINDOW_WIDTHS
from ringfence.pipeline.tracing.result import (
    Holding,
    SearchAnswer,
    SearchedPeriod,
    TracedAccount,
    WindowCount,
)

LEDGER_PERIOD: Final = Statement(
    "pipeline.ledger_period",
    """
SELECT (SELECT coalesce(sum(takes), 0) FROM sources) AS events,
  (SELECT min(first) FROM holdings) AS first, (SELECT max(last) FROM holdings) AS last
""",
)

LEDGER_LOCATED: Final = Statement(
    "pipeline.ledger_located", "SELECT count(*) > 0 AS located FROM networks"
)
"""Whether a ledger has the network of any access."""

LEDGER_ITEMS: Final = Statement(
    "pipeline.ledger_items",
    "SELECT DISTINCT item FROM items WHERE item IN (SELECT unnest($items) AS item)",
)

SIMILAR_LEDGER_ITEMS: Final = Statement(
    "pipeline.similar_ledger_items",
    """
SELECT item
FROM (SELECT DISTINCT item FROM items WHERE length(item) < $longest) AS named
ORDER BY levenshtein(lower(item), lower($typed)), item
LIMIT 50
""",
)

LEDGER_CANDIDATES: Final = Statement(
    "pipeline.ledger_candidates",
    """
WITH wanted AS (
  SELECT DISTINCT item_key FROM items WHERE item IN (SELECT unnest($items) AS item)
),
bounds AS (
  SELECT account_key, uses, minutes,
    CASE WHEN hour = $first // 3600 THEN $first % 3600 // 60 ELSE 0 END AS low,
    CASE WHEN hour = $last // 3600 THEN $last % 3600 // 60 ELSE 59 END AS high
  FROM hours
  WHERE $has_time AND hour BETWEEN $first // 3600 AND $last // 3600
),
active AS (
  SELECT account_key, sum(uses) AS uses
  FROM bounds
  WHERE (minutes & ((CAST(1 AS BIGINT) << CAST(high + 1 AS INT))
    - (CAST(1 AS BIGINT) << CAST(low AS INT)))) <> 0
  GROUP BY account_key
),
located AS (
  SELECT account_key, sum(events) AS events
  FROM networks
  WHERE $has_address AND network IN (SELECT unnest($networks) AS network)
  GROUP BY account_key
),
held AS (
  SELECT h.account_key, min(h.first) AS first, max(h.last) AS last, sum(h.uses) AS uses,
    bool_or(h.first BETWEEN $first AND $last OR h.last BETWEEN $first AND $last) AS proven
  FROM holdings AS h
  JOIN wanted AS w ON w.item_key = h.item_key
  WHERE NOT $has_time OR h.first <= $last AND h.last >= $first
  GROUP BY h.account_key
)
SELECT a.account, coalesce(a.visitor, FALSE) AS visitor, h.first, h.last,
  CAST(CASE WHEN $has_item THEN h.uses WHEN $has_time THEN t.uses ELSE l.events END AS BIGINT)
    AS uses,
  $has_item AND NOT $has_address AND (NOT $has_time OR h.proven) AS proven,
  count(*) OVER () AS total
FROM accounts AS a
LEFT JOIN active AS t ON t.account_key = a.account_key
LEFT JOIN located AS l ON l.account_key = a.account_key
LEFT JOIN held AS h ON h.account_key = a.account_key
WHERE (NOT $has_time OR t.account_key IS NOT NULL)
  AND (NOT $has_address OR l.account_key IS NOT NULL)
  AND (NOT $has_item OR h.account_key IS NOT NULL)
ORDER BY proven DESC, uses DESC, account
LIMIT $most
""",
)
"""The accounts that fit. ``proven`` means that a use of the item in the window is recorded. A use
from the address cannot be, because networks are kept for the account as a whole."""

HOLDINGS_OF: Final = Statement(
    "pipeline.holdings_of",
    """
SELECT a.account, min(h.first) AS first, max(h.last) AS last, CAST(sum(h.uses) AS BIGINT) AS uses
FROM holdings AS h
JOIN items AS i ON i.item_key = h.item_key
JOIN accounts AS a ON a.account_key = h.account_key
WHERE i.item IN (SELECT unnest($items) AS item)
  AND a.account IN (SELECT unnest($accounts) AS account)
GROUP BY a.account
""",
)

_IPV4_NETWORK: Final = 24
_WIDEST_IPV4: Final = 8
_IPV6_NETWORK: Final = 48
_IPV6_NAME: Final = re.compile(r"[0-9a-f]+(?::[0-9a-f]+)?(?::[0-9a-f]*)?")


def ledger_period(ledger: LedgerReader) -> SearchedPeriod:
    """Return number and period of the accesses that a ledger was made from."""
    events, first, last = ledger.sql(LEDGER_PERIOD.sql).rows()[0]
    return SearchedPeriod("ledger", int(events), _moment(first), _moment(last))


def is_located(ledger: LedgerReader) -> bool:
    """Return whether a ledger knows the network of any access."""
    return bool(ledger.sql(LEDGER_LOCATED.sql).rows()[0][0])


def search_ledger(
    ledger: LedgerReader, period: SearchedPeriod, criteria: Criteria, items: Sequence[str]
) -> SearchAnswer:
    """Return the accounts that fit by what the ledger holds.

    Args:
        ledger: to search.
        period: of the ledger.
        criteria: of the complaint.
        items: the names of its item; empty if no item is given.
    """
    networks = kept_networks(criteria.address) if criteria.address else []
    rows = _rows(ledger, criteria, items, networks, criteria.within, ACCOUNTS_LISTED)
    windows = []
    for width in sorted({*WINDOW_WIDTHS, criteria.within}) if criteria.time else ():
        one = _rows(ledger, criteria, items, networks, width, 1)
        windows.append(WindowCount(width, one[0]["total"] if one else 0, None, "ledger"))
    return SearchAnswer(
        period,
        tuple(_candidate(row, criteria.given) for row in rows),
        rows[0]["total"] if rows else 0,
        windows=tuple(windows),
    )


def holdings_of(
    ledger: LedgerReader, items: Sequence[str], accounts: Sequence[str]
) -> dict[str, Holding]:
    """Return what the ledger knows about some accounts and an item, by account."""
    if not items or not accounts:
        return {}
    wanted = {"items": list(items), "accounts": list(accounts)}
    rows = ledger.sql(HOLDINGS_OF.sql, wanted).rows()
    return {
        account: Holding(_stored(first), _stored(last), uses) for account, first, last, uses in rows
    }


def kept_networks(network: AnyNetwork) -> list[str]:
    """Return the networks of a ledger that contain an address, or that a network contains.

    A ledger keeps /24 of IPv4 and /48 of IPv6. None is returned for a network wider than that of
    IPv6, or than /8 of IPv4.
    """
    if isinstance(network, IPv4Network):
        if network.prefixlen < _WIDEST_IPV4:
            return []
        if network.prefixlen >= _IPV4_NETWORK:
            return [str(network.network_address).rpartition(".")[0]]
        parts = network.subnets(new_prefix=_IPV4_NETWORK)
        return [str(one.network_address).rpartition(".")[0] for one in parts]
    if network.prefixlen < _IPV6_NETWORK:
        return []
    text = str(network.network_address)
    match = _IPV6_NAME.match(text)
    return [text if text.startswith("::") or match is None else match[0]]


def _rows(  # noqa: PLR0913, PLR0917 - the parts of a search
    ledger: LedgerReader,
    criteria: Criteria,
    items: Sequence[str],
    networks: Sequence[str],
    width: int,
    most: int,
) -> list[dict[str, Any]]:
    first, last = (max(0, _seconds(end)) for end in criteria.window(width))
    found = ledger.sql(
        LEDGER_CANDIDATES.sql,
        {
            "items": list(items),
            "networks": list(networks),
            "first": first,
            "last": last,
            "most": most,
            **{f"has_{name}": name in criteria.given for name in ("item", "address", "time")},
        },
    )
    return [dict(zip(found.columns, row, strict=True)) for row in found.rows()]


def _candidate(row: dict[str, Any], given: tuple[str, ...]) -> TracedAccount:
    first, last = _moment(row["first"]), _moment(row["last"])
    return TracedAccount(
        account=row["account"],
        visitor=row["visitor"],
        origin="ledger",
        certainty="seen" if row["proven"] else "possible",
        matches=given,
        accesses=row["uses"],
        first=first,
        last=last,
        holding=Holding(first, last, row["uses"]) if first and last else None,
    )


def _seconds(moment: datetime) -> int:
    return int(moment.replace(tzinfo=UTC).timestamp())


def _moment(seconds: int | None) -> datetime | None:
    return None if seconds is None else _stored(seconds)


def _stored(seconds: int) -> datetime:
    return datetime.fromtimestamp(int(seconds), UTC).replace(tzinfo=None)
