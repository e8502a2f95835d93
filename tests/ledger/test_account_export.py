"""Exporting an account: all that the log says about it, and nothing about anybody else."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.ledger.sample import SETTINGS, Click
from tests.ledger.test_forgetting import BEGIN, DAY, EXAMPLES, days_of, folded, in_groups
from tests.ledger.test_slices import clicks_of

from ringfence.errors import LedgerError
from ringfence.ledger.account_export import export_ledger_account
from ringfence.ledger.tables import LEDGER_TABLES

LOGS = st.lists(clicks_of(st.integers(BEGIN, BEGIN + 4 * DAY - 1)), min_size=1, max_size=20)
ATTRIBUTES = {"clients": "client", "devices": "device"}


def text(moment: int) -> str:
    """Return a moment as the export has it."""
    return f"{datetime.fromtimestamp(moment, UTC):%Y-%m-%dT%H:%M:%SZ}"


@pytest.mark.slow
@EXAMPLES
@given(log=LOGS, recent=st.sampled_from([0, 2, 31]))
def test_an_export_has_what_the_log_has(
    tmp_path_factory: pytest.TempPathFactory, log: list[Click], recent: int
) -> None:
    """Each item with its times, each client and device with its events, from all sources."""
    folder = tmp_path_factory.mktemp("export")
    log = in_groups(log)
    ledger = folded(folder / "ledger", days_of(log, folder / "logs"), recent)
    for account in {click.account for click in log}:
        own = [click for click in log if click.account == account]
        found = export_ledger_account(ledger, account, SETTINGS)
        times: dict[str, list[int]] = {}
        for click in own:
            times.setdefault(click.item, []).append(click.moment)
        assert {(one["item"], one["first"], one["last"]) for one in found["holdings"]} == {
            (item, text(min(moments)), text(max(moments))) for item, moments in times.items()
        }
        assert {one["hour"][:13] for one in found["hours"]} == {
            text(click.moment)[:13] for click in own
        }
        for table, column in ATTRIBUTES.items():
            events = Counter(getattr(click, column) for click in own)
            events.pop(None, None)
            assert {one[column]: one["events"] for one in found[table]} == events
    with pytest.raises(LedgerError, match="knows no account"):
        export_ledger_account(ledger, "nobody", SETTINGS)


@pytest.mark.slow
def test_every_table_about_accounts_is_exported(tmp_path: Path) -> None:
    """A table that is added to the ledger must be added to the export."""
    ledger = folded(tmp_path / "ledger", days_of([Click(BEGIN, "ada", "a/1")], tmp_path / "logs"))
    about = {
        name
        for name, table in LEDGER_TABLES.items()
        if "account_key" in {column.name for column in table.columns}
    }
    found = export_ledger_account(ledger, "ada", SETTINGS)
    assert found.keys() == (about - {"accounts"}) | {"account", "visitor", "lines"}
