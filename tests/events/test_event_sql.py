"""The typing SELECT is the same for every engine."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
import sqlglot
from sqlglot import ErrorLevel

from ringfence.engine import Engine
from ringfence.events import EVENT_COLUMNS, items
from ringfence.events.accounts import Identity
from ringfence.events.event_sql import typing_select
from ringfence.events.formats import RAW_COLUMNS

PRESENT = frozenset(RAW_COLUMNS)
OWN = items.Preset(
    "own",
    (
        items.Rule(r"/(?P<group>a)/(?P<item>\d+)"),
        items.Rule(r"/(?P<surface>b)/(?P<item>\d+)"),
        items.Rule(r"[?&]q=(?P<item>[^&]+)", surface="search", prefix="it's ", normalise=True),
    ),
)


def select(rules: items.Preset | None, key: str) -> str:
    """The typing SELECT over a table of raw records."""
    return typing_select(
        "SELECT * FROM records",
        "TRY_CAST(time AS TIMESTAMP)",
        Identity(key),
        rules,
        signed_up="TRY_CAST(signed_up AS TIMESTAMP)",
        present=PRESENT,
        horizon=datetime(2030, 1, 1, tzinfo=UTC).replace(tzinfo=None),
    )


@pytest.mark.slow
@pytest.mark.parametrize("key", ["auto", "login", "address", "visitor"])
@pytest.mark.parametrize(
    "rules", [*items.PRESETS, OWN, None], ids=lambda r: r.name if r else "none"
)
def test_every_typing_select_is_rendered_for_spark(rules: items.Preset | None, key: str) -> None:
    """Unsupported constructs are errors, and no named group is left for Java to choke on."""
    spark = sqlglot.transpile(
        select(rules, key), read="duckdb", write="spark", unsupported_level=ErrorLevel.RAISE
    )[0]
    assert "?P<" not in spark
    assert sqlglot.parse_one(spark, read="spark").named_selects == list(EVENT_COLUMNS)


@pytest.mark.parametrize(
    "rules", [*items.PRESETS, OWN, None], ids=lambda r: r.name if r else "none"
)
def test_every_typing_select_has_the_events_columns_and_types(
    engine: Engine, rules: items.Preset | None
) -> None:
    """Whatever the rules, the relation has the same columns of the same types."""
    columns = ", ".join(f'CAST(NULL AS VARCHAR) AS "{name}"' for name in RAW_COLUMNS)
    engine.view("records", f"SELECT {columns}")
    described = engine.rows(f"DESCRIBE {select(rules, 'auto')}")
    kinds = {
        "ts": "TIMESTAMP",
        "bytes": "BIGINT",
        "seconds": "DOUBLE",
        "records": "BIGINT",
        "signed_up": "TIMESTAMP",
        "walked": "BOOLEAN",
        "referred": "BOOLEAN",
        "assets": "INTEGER",
        "visitor": "BOOLEAN",
    }
    assert [(row[0], row[1]) for row in described] == [
        (name, kinds.get(name, "VARCHAR")) for name in EVENT_COLUMNS
    ]
