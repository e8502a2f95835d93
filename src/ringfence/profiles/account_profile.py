"""Read the data of an account's charts from the ledger, for the few accounts that need it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

import numpy as np

from ringfence.engine import Engine, Statement
from ringfence.model.profile import Profile
from ringfence.stats.seconds import DAY

ACCOUNT_DAYS: Final = Statement(
    "profiles.days",
    """
SELECT day, uses, new_items FROM days WHERE account_key = $key ORDER BY day
""",
)

ACCOUNT_WEEK: Final = Statement(
    "profiles.week",
    """
SELECT CAST((hour + 72) % 168 AS INT) AS hour_of_week, CAST(sum(uses) AS BIGINT) AS uses
FROM hours
WHERE account_key = $key
GROUP BY (hour + 72) % 168
""",
)
"""1 January 1970 was a Thursday: 72 hours after Monday."""

HOLDER_BUCKETS: Final = Statement(
    "profiles.holders",
    """
CREATE OR REPLACE TEMP TABLE holder_buckets AS
SELECT CAST(floor(log2(greatest(holders, 1))) AS INT) AS bucket,
  CAST(sum(holders) AS DOUBLE) AS holdings
FROM catalogue
GROUP BY floor(log2(greatest(holders, 1)))
""",
)

PROFILE_HOLDINGS: Final = Statement(
    "profiles.shown",
    """
CREATE OR REPLACE TEMP TABLE shown AS
WITH wanted AS (
  SELECT unnest($keys) AS account_key
)
SELECT h.account_key, h.first, h.item_key, c.holders
FROM holdings AS h
JOIN wanted AS w ON w.account_key = h.account_key
JOIN catalogue AS c ON c.item_key = h.item_key
""",
)
"""The holdings of all accounts with a page, in one pass."""

POPULARITY: Final = Statement(
    "profiles.popularity",
    """
WITH own AS (
  SELECT CAST(floor(log2(greatest(holders, 1))) AS INT) AS bucket, count(*) AS items
  FROM shown
  WHERE account_key = $key
  GROUP BY floor(log2(greatest(holders, 1)))
)
SELECT b.bucket, coalesce(o.items, 0) AS items, b.holdings
FROM holder_buckets AS b
LEFT JOIN own AS o ON o.bucket = b.bucket
ORDER BY b.bucket
""",
)

ACCOUNT_CLIENTS: Final = Statement(
    "profiles.clients",
    """
SELECT client, events FROM clients WHERE account_key = $key ORDER BY events DESC, client LIMIT 10
""",
)

NETWORKS_AND_CLIENTS: Final = Statement(
    "profiles.networks_and_clients",
    """
SELECT (SELECT count(*) FROM networks WHERE account_key = $key) AS networks,
  (SELECT count(*) FROM clients WHERE account_key = $key) AS clients
""",
)


def prepare_profiles(engine: Engine, keys: list[int]) -> None:
    """Make the tables that the profiles of these accounts share."""
    engine.run(HOLDER_BUCKETS)
    engine.run(PROFILE_HOLDINGS, {"keys": keys})


def profile(engine: Engine, key: int, standing: tuple[tuple[str, float], ...]) -> Profile:
    """Return one account's profile.

    Args:
        engine: holds the ledger and the tables of :func:`prepare_profiles`.
        key: key of the account.
        standing: (test, share of accounts that are less extreme) per test.
    """
    one: dict[str, object] = {"key": key}
    networks, clients = engine.rows(NETWORKS_AND_CLIENTS, one)[0]
    return Profile(
        days=tuple(
            (datetime.fromtimestamp(int(day) * DAY, UTC).date(), int(uses), int(new))
            for day, uses, new in engine.rows(ACCOUNT_DAYS, one)
        ),
        week=_week(engine, key),
        popularity=_popularity(engine, key),
        standing=standing,
        clients=tuple((str(client), int(n)) for client, n in engine.rows(ACCOUNT_CLIENTS, one)),
        networks=int(networks),
        clients_in_all=int(clients),
    )


def _week(engine: Engine, key: int) -> tuple[int, ...]:
    week = np.zeros(168, dtype=np.int64)
    for hour, uses in engine.rows(ACCOUNT_WEEK, {"key": key}):
        week[hour] = uses
    return tuple(int(n) for n in week)


def _popularity(engine: Engine, key: int) -> tuple[tuple[int, float, float], ...]:
    rows = engine.rows(POPULARITY, {"key": key})
    items = sum(row[1] for row in rows) or 1
    holdings = sum(row[2] for row in rows) or 1
    return tuple(
        (2 ** (bucket + 1) - 1, own / items, every / holdings) for bucket, own, every in rows
    )
