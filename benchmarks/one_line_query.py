"""Run the one-line query that Ringfence is compared with: it parses, splits and counts.

``python -m benchmarks.one_line_query LOG`` prints the accounts with more than 262 distinct requests
on any day. The threshold was chosen with the truth known.
"""

from __future__ import annotations

import sys
from pathlib import Path

import duckdb

_QUERY = """
SELECT login, left(t, 12) AS d, count(DISTINCT request) AS n
FROM read_csv($log, delim=' ', quote='"', escape='\\', header=false, auto_detect=false, columns={
    'ip': 'VARCHAR', 'ident': 'VARCHAR', 'login': 'VARCHAR', 't': 'VARCHAR', 'zone': 'VARCHAR',
    'request': 'VARCHAR', 'status': 'VARCHAR', 'bytes': 'VARCHAR', 'referrer': 'VARCHAR',
    'agent': 'VARCHAR'})
GROUP BY ALL HAVING n > 262
"""


def flagged(log: Path) -> set[str]:
    """Return the accounts over the threshold on any day, counted on two threads."""
    with duckdb.connect(config={"threads": "2"}) as connection:
        return {login for login, *_ in connection.execute(_QUERY, {"log": str(log)}).fetchall()}


if __name__ == "__main__":
    print("\n".join(sorted(flagged(Path(sys.argv[1])))))
