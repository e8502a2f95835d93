"""Fold the networks and clients of each account and day: the table ``places``.

Visitors have no rows: a visitor is an address, so it never comes from another one.
"""

from __future__ import annotations

from typing import Final

from ringfence.engine import Statement

NETWORK_OF_IP: Final = """CASE
      WHEN starts_with(ip, '::') THEN ip
      WHEN contains(ip, ':') THEN regexp_extract(ip, '^[0-9a-f]+(?::[0-9a-f]+)?(?::[0-9a-f]*)?', 0)
      WHEN regexp_matches(ip, '^[0-9]+(?:[.][0-9]+){3}$')
        THEN left(ip, length(ip) - strpos(reverse(ip), '.'))
      WHEN regexp_matches(ip, '[.][^.]+[.]') THEN substring(ip, strpos(ip, '.') + 1)
      ELSE ip
    END"""
"""SQL of the network of an address: /24 for IPv4, /48 for IPv6, the domain for a host's name."""

FOLD_PLACES: Final = Statement(
    "ledger.fold_places",
    f"""
INSERT INTO recent_places
WITH dated AS (
  SELECT account_key, CAST(moment // 86400 AS INTEGER) AS day, ip, client,
    bit_or(CAST(1 AS INTEGER) << CAST(moment % 86400 // 3600 AS INT)) AS hours,
    count(*) AS events
  FROM named_takes
  WHERE outcome IS NULL AND ip IS NOT NULL AND NOT (visitor OR starts_with(account, ip))
  GROUP BY account_key, moment // 86400, ip, client
),
located AS (
  SELECT account_key, day, client, hours, events, {NETWORK_OF_IP} AS network
  FROM dated
)
SELECT CAST($source AS UINTEGER), account_key, day, hash(network),
  CASE WHEN client IS NOT NULL THEN hash(client) END, bit_or(hours), CAST(sum(events) AS BIGINT)
FROM located
WHERE network <> ''
GROUP BY account_key, day, hash(network), CASE WHEN client IS NOT NULL THEN hash(client) END
""",  # noqa: S608 - own parts
)
"""Addresses are cut to networks once per day and address, not for every take."""
