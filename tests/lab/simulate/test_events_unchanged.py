"""The events of a permanent scenario stay the same, row by row."""

from __future__ import annotations

import hashlib
import platform
from pathlib import Path

import duckdb
import pytest

from ringfence.lab.simulate import Scenario, attack_names, load_scenario, write_scenario

pytestmark = pytest.mark.skipif(
    platform.machine() != "x86_64" or platform.system() != "Linux",
    reason="random draws may differ on other processors",
)

SMALL_POPULARITY = (999_999_999.999972, 52_310_756_708.10481, 52_528_439_444.26657)

EVERY_ATTACK = Scenario.model_validate(
    {
        "name": "every-attack",
        "seed": 21,
        "days": 9,
        "columns": (
            "seconds", "group", "surface", "ip", "client", "device", "payment", "signed_up",
        ),
        "catalogue": {"items": 30_000},
        "users": {
            "accounts": 400,
            "kinds": {"collector": 20, "shop": 4, "granted": 4, "crawler": 2, "shuffler": 20},
        },
        "attack": [
            {
                "name": name,
                "start_day": 1,
                "parameters": {"days": 7} | ({} if name == "greedy" else {"accounts": 6}),
            }
            for name in attack_names()[:32]
        ],
    }
)  # fmt: skip


def _digest(folder: Path, name: str, columns: str = "*") -> str:
    digest = hashlib.sha256()
    with duckdb.connect(config={"threads": "1"}) as connection:
        for path in sorted(folder.glob(name)):
            table = f"(SELECT {columns} FROM '{path}')"
            rows = connection.execute(
                f"SELECT md5(string_agg(t::VARCHAR, chr(10))) FROM {table} AS t"
            ).fetchall()
            digest.update(str(rows[0][0]).encode())
    return digest.hexdigest()[:32]


def _popularity(path: Path) -> tuple[float, ...]:
    """Return the popularity summed alone, and by two weights that depend on the item.

    The last digits of a popularity differ between processors, so that no digest of it is the same
    on all. A value at the wrong item changes a weighted sum far more than they do.
    """
    with duckdb.connect() as connection:
        row = connection.execute(
            "SELECT fsum(popularity), fsum(popularity * ascii(right(item, 1))),"
            " fsum(popularity * ascii(right(item, 2))) FROM read_parquet(?)",
            [str(path)],
        ).fetchone()
    assert row is not None
    return tuple(float(value) for value in row)


@pytest.mark.slow
def test_the_events_of_small_are_the_same(tmp_path: Path) -> None:
    """The events and the catalogue of ``small`` have the digests recorded in November 2026."""
    write_scenario(load_scenario("small"), tmp_path, processes=1)
    assert _digest(tmp_path, "events/*.parquet") == "9ba887e5bd60fdb56053d54f264ec2f0"
    assert _digest(tmp_path, "catalogue.parquet", "* EXCLUDE popularity") == (
        "9e078742bc858d35b7d531ce82ea9620"
    )
    assert _popularity(tmp_path / "catalogue.parquet") == pytest.approx(SMALL_POPULARITY, rel=1e-9)


@pytest.mark.slow
def test_the_events_of_every_attack_are_the_same(tmp_path: Path) -> None:
    """A scenario with all attacks, kinds and columns has the digests recorded then."""
    write_scenario(EVERY_ATTACK, tmp_path, processes=1)
    assert _digest(tmp_path, "events/*.parquet") == "8f00550f5a6b850ed27fb6f68a540702"
    assert _digest(tmp_path, "truth.parquet") == "68028458fd68251fde600aff84d960ba"
