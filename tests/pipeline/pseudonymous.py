"""A small service in which one account extracts the catalogue, with names that can be searched."""

from __future__ import annotations

import csv
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import duckdb
from tests.test_pseudonym_key import SECRET, key_file

from ringfence import Settings
from ringfence.pseudonym_key import PseudonymKey

KEY: Final = PseudonymKey(SECRET)
EXTRACTOR: Final = "marguerite.duras"
USERS: Final = tuple(f"florbela.{number:02d}" for number in range(40))
SECRETS: Final = ("marguerite", "florbela", "phone-of", "card-of", "Duras")
"""Parts of every name, device and payment token of the service, and of the accounts table."""

_START: Final = datetime(2025, 6, 2, tzinfo=UTC)
_COLUMNS: Final = ("ts", "account", "item", "ip", "client", "device", "payment")


def write_service(path: Path) -> Path:
    """Write the log: 40 users, an extractor, and two lines that cannot be read."""
    taken = [(minute, EXTRACTOR, f"item {minute}", "198.51.100.9") for minute in range(8_000)]
    taken += [
        (day * 1_440 + 480 + user % 8 * 60 + n, name, f"item {n * user % 70}", f"192.0.2.{user}")
        for day in range(5) for user, name in enumerate(USERS) for n in range(9)
    ]  # fmt: skip
    with path.open("w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(_COLUMNS)
        for minute, account, item, ip in sorted(taken):
            time = f"{_START + timedelta(minutes=minute):%Y-%m-%dT%H:%M:%SZ}"
            owner = account if account == EXTRACTOR else USERS[0]
            rows.writerow([time, account, item, ip, "Firefox", f"phone-of-{owner}",
                           f"card-of-{account}"])  # fmt: skip
        file.write(f"no time,{EXTRACTOR},item 1,198.51.100.9,Firefox,,\n")
        file.write(f'2025-06-02T00:00:00Z,"{USERS[1]} has an open quote\n')
    return path


def write_accounts(path: Path) -> Path:
    """Write the accounts table: plan and display name of each account."""
    rows = "".join(f"{name},basic,Marguerite Duras {name}\n" for name in (EXTRACTOR, *USERS))
    path.write_text(f"account,plan,display_name\n{rows}")
    return path


def private(folder: Path, **sections: Any) -> Settings:  # noqa: ANN401 - any section
    """Return settings with the key."""
    path = key_file(folder / "key")
    return Settings(engine={"threads": 1}, privacy={"pseudonym_key": path}, **sections)


def shown_in(folder: Path) -> list[str]:
    """Return the files of a folder that contain a part of a name, as bytes or as a value."""
    found = []
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            texts = [path.read_bytes().decode("latin-1"), *_values(path)]
            found += [path.name for text in texts if any(one in text for one in SECRETS)]
    return found


def _values(path: Path) -> list[str]:
    """Return all rows of a Parquet file or of a ledger, which hold texts packed."""
    if path.suffix == ".parquet":
        return [str(row) for row in duckdb.sql(f"FROM '{path}'").fetchall()]
    if path.suffix != ".ledger":
        return []
    with duckdb.connect(path, read_only=True) as connection:
        tables = [row[0] for row in connection.execute("SHOW TABLES").fetchall()]
        return [
            str(row) for table in tables for row in connection.execute(f'FROM "{table}"').fetchall()
        ]
