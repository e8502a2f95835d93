"""Find the origins that foreign parts of accounts share, and few other accounts use.

An origin is a network, a provider in a country, a client, a device or a means of payment. It is
never evidence: a class abroad shares a hotel, and an office shares a network. It selects accounts
for the search for stolen crews (:mod:`ringfence.rings.stolen_crews`).
"""

from __future__ import annotations

from typing import Final

from ringfence.engine import Engine, Statement

LEAST_NEWCOMERS: Final = 3
"""Accounts at least whose foreign part uses an origin. Two are a pair of friends. Origins of three
may be united with others that mostly the same accounts use."""

NEWCOMER_SHARE: Final = 0.5
"""Share of the accounts with an origin, at least, that use it from a foreign place. Others live
there: a campus, a mobile operator, or a popular browser."""

_ORIGINS: Final = """
  SELECT account_key, appeared, 'network' AS attribute, network_key AS value_key FROM place_use
  UNION ALL
  SELECT account_key, appeared, 'network' AS attribute, place_key AS value_key
  FROM place_use
  WHERE place_key <> network_key
  UNION ALL
  SELECT account_key, appeared, 'client' AS attribute, client_key AS value_key
  FROM place_use
  WHERE client_key IS NOT NULL
"""

SHARED_ORIGINS: Final = Statement(
    "own_past.foreign_origins",
    f"""
CREATE OR REPLACE TEMP TABLE foreign_origins AS
WITH origins AS ({_ORIGINS}),
carried AS (
  SELECT account_key, 'device' AS attribute, hash(device) AS value_key FROM account_devices
  UNION ALL
  SELECT account_key, 'payment' AS attribute, hash(payment) AS value_key FROM account_payments
),
came AS (
  SELECT DISTINCT o.account_key, o.attribute, o.value_key
  FROM origins AS o
  JOIN foreign_cuts AS c ON c.account_key = o.account_key
  WHERE o.appeared >= c.cut
  UNION ALL
  SELECT d.account_key, d.attribute, d.value_key
  FROM carried AS d
  WHERE d.account_key IN (SELECT account_key FROM foreign_cuts)
),
several AS (
  SELECT attribute, value_key, count(*) AS newcomers
  FROM came
  GROUP BY attribute, value_key
  HAVING count(*) >= $least
),
everyone AS (
  SELECT account_key, attribute, value_key FROM origins
  UNION ALL
  SELECT account_key, attribute, value_key FROM carried
),
few_others AS (
  SELECT s.attribute, s.value_key
  FROM several AS s
  JOIN everyone AS e ON e.attribute = s.attribute AND e.value_key = s.value_key
  GROUP BY s.attribute, s.value_key, s.newcomers
  HAVING s.newcomers >= $share * count(DISTINCT e.account_key)
)
SELECT c.account_key, c.attribute, c.value_key
FROM came AS c
JOIN few_others AS f ON f.attribute = c.attribute AND f.value_key = c.value_key
""",  # noqa: S608 - own parts
)
"""The origins of each foreign part that several foreign parts share, and few other accounts use.
Devices and means of payment have no days, so those of the whole account count."""


def find_shared_origins(engine: Engine) -> None:
    """Make the temp table ``foreign_origins``.

    Args:
        engine: holds the temp tables ``place_use`` and ``foreign_cuts``.
    """
    engine.run(SHARED_ORIGINS, {"least": LEAST_NEWCOMERS, "share": NEWCOMER_SHARE})
