"""Export everything that a ledger holds about one account, for a request of its owner."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from ringfence.errors import LedgerError
from ringfence.ledger.forgetting import spellings
from ringfence.ledger.reader import LedgerReader, open_ledger
from ringfence.pseudonym_key import name_in_use, open_key
from ringfence.settings import Settings
from ringfence.stats.seconds import DAY, HOUR

_KEYS: Final = "SELECT account_key, visitor FROM accounts WHERE account = $account"

_OF_ACCOUNT: Final[Mapping[str, str]] = {
    "holdings": """
        SELECT i.item, i."group", h.first, h.last, h.uses
        FROM holdings AS h LEFT JOIN items AS i ON i.item_key = h.item_key
        WHERE h.account_key = CAST($key AS UBIGINT) ORDER BY h.first, i.item
    """,
    "hours": """
        SELECT hour, uses, seconds FROM hours
        WHERE account_key = CAST($key AS UBIGINT) ORDER BY hour
    """,
    "failures": """
        SELECT hour, missing, refused FROM failures
        WHERE account_key = CAST($key AS UBIGINT) ORDER BY hour
    """,
    "listings": """
        SELECT hour, begun, walked, records FROM listings
        WHERE account_key = CAST($key AS UBIGINT) ORDER BY hour
    """,
    "large_answers": """
        SELECT i.item, l.first, l.bytes, l.records
        FROM large_answers AS l LEFT JOIN items AS i ON i.item_key = l.item_key
        WHERE l.account_key = CAST($key AS UBIGINT) ORDER BY l.first, i.item
    """,
    "traffic": "SELECT events, bytes FROM traffic WHERE account_key = CAST($key AS UBIGINT)",
    "page_loads": """
        SELECT pages, assets, referred FROM page_loads WHERE account_key = CAST($key AS UBIGINT)
    """,
    **{
        f"{name}s": f"""
        SELECT {name}, events FROM {name}s
        WHERE account_key = CAST($key AS UBIGINT) ORDER BY {name}
        """  # noqa: S608 - own names
        for name in ("client", "network", "surface", "device", "payment")
    },
    "places": """
        SELECT p.day, n.network, c.client, p.events
        FROM places AS p
        LEFT JOIN networks AS n
          ON n.account_key = p.account_key AND hash(n.network) = p.network_key
        LEFT JOIN clients AS c ON c.account_key = p.account_key AND hash(c.client) = p.client_key
        WHERE p.account_key = CAST($key AS UBIGINT) ORDER BY p.day, n.network, c.client
    """,
    "signups": "SELECT signed_up FROM signups WHERE account_key = CAST($key AS UBIGINT)",
    "rings": "SELECT ring FROM rings WHERE account_key = CAST($key AS UBIGINT) ORDER BY ring",
}
"""The rows about an account, table by table. The minutes of an hour, the hours of a day, and the
bits of failed items and of pages, are left out: a person cannot read them."""

_LINES: Final = """
SELECT s.name AS source, q.number, q.reason
FROM quarantined_lines AS q JOIN sources AS s ON s.id = q.source
WHERE len(list_filter($spellings, lambda one: contains(q.text, one))) > 0
ORDER BY s.name, q.number
"""
"""Lines that could not be read and that have the account's name. Their text is left out: it may be
about another account, whose name contains this one."""

_SECONDS_OF: Final = {"first": 1, "last": 1, "signed_up": 1, "hour": HOUR, "day": DAY}
"""The columns with times, and the length of their unit in seconds."""


def export_ledger_account(path: Path, account: str, settings: Settings) -> dict[str, Any]:
    """Return everything that a ledger holds about an account, as one JSON document.

    Args:
        path: the ledger file.
        account: name of the account, as the ledger has it, or its real name.
        settings: memory limit, threads and scratch folder of the engine, and the pseudonym key.

    Returns:
        ``account``, ``visitor``, one list of rows per table, and the source and number of the
        ``lines`` that could not be read and that have its name. Times are text in UTC.

    Raises:
        LedgerError: the file is not a ledger or is in use, it does not know the account, or it has
            pseudonyms of another key.
        SettingsError: the key for pseudonyms cannot be used.
    """
    key_file = settings.privacy.pseudonym_key
    account = name_in_use(account, key_file)
    with open_ledger(path, settings) as ledger:
        ledger.check_names(open_key(key_file))
        known = _rows(ledger, _KEYS, {"account": account})
        if not known:
            raise LedgerError(
                "knows no account of this name",
                where=str(path),
                hint="give the name as reports show it; a visitor's name has its address",
            )
        key = {"key": known[0]["account_key"]}
        return {
            "account": account,
            "visitor": known[0]["visitor"],
            **{name: _rows(ledger, query, key) for name, query in _OF_ACCOUNT.items()},
            "lines": _rows(ledger, _LINES, {"spellings": spellings(account)}),
        }


def _rows(ledger: LedgerReader, query: str, values: Mapping[str, Any]) -> list[dict[str, Any]]:
    table = ledger.sql(query, values)
    names = table.columns
    return [_readable(dict(zip(names, row, strict=True))) for row in table.rows()]


def _readable(row: dict[str, Any]) -> dict[str, Any]:
    """Return a row with its times as text."""
    return {
        name: _time(value * _SECONDS_OF[name]) if name in _SECONDS_OF else value
        for name, value in row.items()
    }


def _time(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
