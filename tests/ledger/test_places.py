"""The networks and clients of an account on each day are folded, and merged over slices."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from tests.ledger.sample import Click, fold_all, write

from ringfence.ledger import open_writable
from ringfence.settings import Settings

DAY = 86_400
HOUR = 3_600
PLACES = """
SELECT a.account, p.day, n.network, c.client, p.hours, p.events
FROM places AS p
JOIN accounts AS a ON a.account_key = p.account_key
LEFT JOIN networks AS n ON n.account_key = p.account_key AND hash(n.network) = p.network_key
LEFT JOIN clients AS c ON c.account_key = p.account_key AND hash(c.client) = p.client_key
ORDER BY ALL
"""


def places(folder: Path, *slices: list[Click]) -> list[tuple[Any, ...]]:
    """Return the rows after folding each slice as one source."""
    sources = [write(clicks, folder / f"{n}.ndjson") for n, clicks in enumerate(slices)]
    ledger = open_writable(None, Settings())
    with ledger.engine as engine:
        fold_all(ledger, sources)
        return engine.rows(PLACES)


def click(moment: int, ip: str | None, client: str | None = "A", account: str = "anna") -> Click:
    """Return one take."""
    return Click(moment, account, f"item-{moment}", ip=ip, client=client)


def test_one_row_per_day_network_and_client(tmp_path: Path) -> None:
    """Addresses of one network are one row; hours are bits; another client is another row."""
    rows = places(
        tmp_path,
        [
            click(0, "192.0.2.1"),
            click(3 * HOUR, "192.0.2.9"),
            click(4 * HOUR, "192.0.2.9", "B"),
            click(DAY, "2001:db8:17:1::5"),
        ],
    )
    assert rows == [
        ("anna", 0, "192.0.2", "A", 0b1001, 2),
        ("anna", 0, "192.0.2", "B", 0b10000, 1),
        ("anna", 1, "2001:db8:17", "A", 1, 1),
    ]


def test_slices_are_merged(tmp_path: Path) -> None:
    """A day in two sources is one row, as if it were in one source."""
    clicks = [click(HOUR, "192.0.2.1"), click(2 * HOUR, "192.0.2.2"), click(5 * HOUR, "192.0.2.1")]
    (tmp_path / "one").mkdir()
    whole = places(tmp_path / "one", clicks)
    assert whole == [("anna", 0, "192.0.2", "A", 0b100110, 3)]
    assert places(tmp_path, clicks[:1], clicks[1:]) == whole


@pytest.mark.parametrize(
    "one",
    [
        click(0, None),
        click(0, "192.0.2.1", account="192.0.2.1"),
        click(0, "192.0.2.1", account="192.0.2.1 A"),
    ],
    ids=["no address", "visitor", "visitor with a client"],
)
def test_accounts_without_a_place_of_their_own_have_no_rows(tmp_path: Path, one: Click) -> None:
    """A log without addresses has no places, and a visitor is its address."""
    assert places(tmp_path, [one]) == []


def test_an_unknown_client_is_kept_apart(tmp_path: Path) -> None:
    """Events without a client have a row of their own."""
    rows = places(tmp_path, [click(0, "192.0.2.1", None), click(60, "192.0.2.1")])
    assert [row[3] for row in rows] == ["A", None]
