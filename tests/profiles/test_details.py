"""Findings get details of accounts and items from the operator's tables, with links."""

from __future__ import annotations

import dataclasses
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pyarrow as pa
from tests.report import sample

from ringfence.catalogue import load_catalogue
from ringfence.model.details import AccountDetails, ItemDetails
from ringfence.model.finding import Finding
from ringfence.profiles.details import SAMPLE, with_details
from ringfence.settings import CatalogueSettings, ReportSettings
from ringfence.testing import small_ledger

PAGES = ReportSettings(
    account_url="https://admin.example.org/users/{account}",
    item_url="https://www.example.org/track/{item}",
)
KEY = "key-0123456789ab"


def events(accounts: list[str], items: list[str], **more: list[object]) -> dict[str, np.ndarray]:
    """Return one event per account and item, an hour apart."""
    made = {
        "ts": np.datetime64("2026-02-01T10:00:00") + np.arange(len(items)) * np.timedelta64(1, "h"),
        "account": np.array(accounts, dtype=object),
        "item": np.array(items, dtype=object),
    }
    return made | {name: np.array(column, dtype=object) for name, column in more.items()}


def detailed(
    log: dict[str, np.ndarray],
    findings: list[Finding],
    settings: ReportSettings = PAGES,
    *,
    accounts: pa.Table | None = None,
    catalogue: Path | None = None,
) -> list[Finding]:
    """Return findings with details from a log and the operator's tables."""
    with small_ledger(log, accounts=accounts, catalogue=catalogue) as context:
        if catalogue:
            load_catalogue(context.engine, catalogue, CatalogueSettings())
        return list(with_details(context.engine, findings, settings))


def of(name: str, *, page: bool = True) -> Finding:
    """Return a finding about an account, bare of items and details."""
    one = sample.finding(name, shown=sample.profile() if page else None)
    return dataclasses.replace(one, sample=())


TABLE = pa.Table.from_pylist([
    {"account": "ann", "display_name": "Ann", "plan": "gold", "country": "PT", "status": "active",
     "created": datetime(2026, 1, 3, tzinfo=UTC)},
    {"account": "bob", "display_name": "Bob", "plan": None, "country": None, "status": None,
     "created": None},
])  # fmt: skip


def test_an_account_has_what_the_table_says() -> None:
    """All attributes and the link are there; an account that is not in the table has its link."""
    log = events(["ann", "bob", "eve"], ["a", "b", "c"])
    ann, bob, eve = detailed(log, [of("ann"), of("bob", page=False), of("eve")], accounts=TABLE)
    assert ann.details == AccountDetails(
        "Ann", "gold", "PT", "active", datetime(2026, 1, 3, tzinfo=UTC),
        "https://admin.example.org/users/ann",
    )  # fmt: skip
    assert bob.details == AccountDetails("Bob", url="https://admin.example.org/users/bob")
    assert eve.details == AccountDetails(url="https://admin.example.org/users/eve")


def test_without_tables_and_templates_nothing_is_added() -> None:
    """Without the operator's tables there are no details, and items have no links."""
    (ann,) = detailed(events(["ann"], ["a"]), [of("ann")], ReportSettings())
    assert ann == dataclasses.replace(of("ann"), sample=(ItemDetails("a"),))
    assert detailed(events(["ann"], ["a"]), []) == []


def test_visitors_and_hashed_keys_have_no_page() -> None:
    """An address and the hash of a key are not known to the operator's own tools."""
    log = events([None, KEY, "ann"], ["a", "b", "c"], ip=["192.0.2.7", "192.0.2.8", "192.0.2.9"])
    visitor, key, ann = detailed(log, [of("192.0.2.7"), of(KEY), of("ann")])
    assert (visitor.details, key.details) == (None, None)
    assert ann.details == AccountDetails(url="https://admin.example.org/users/ann")


def test_the_time_of_creation_may_come_from_the_events() -> None:
    """Details have it from either place, and the events come first."""
    made = np.datetime64("2025-05-06T00:00:00")
    log = events(["ann", "bob"], ["a", "b"], signed_up=[made, None])
    ann, bob = detailed(log, [of("ann"), of("bob")], accounts=TABLE)
    assert ann.details is not None
    assert bob.details is not None
    assert (ann.details.created, bob.details.created) == (datetime(2025, 5, 6, tzinfo=UTC), None)


def test_members_of_a_ring_have_details_and_the_ring_has_items() -> None:
    """Each member has its own details; the sample has the items that any member took first."""
    ring = sample.ring(3, names=("ann", "bob"))
    log = events(["bob", "ann", "member-2"], ["late", "a", "c"])
    log["ts"][0] += np.timedelta64(9, "h")
    (found,) = detailed(log, [ring], accounts=TABLE)
    assert found.ring is not None
    assert [one.details and one.details.display_name for one in found.ring.members] == [
        "Ann",
        "Bob",
        "",
    ]
    assert [one.item for one in found.sample] == ["a", "c", "late"]
    assert found.details is None


def test_sample_is_what_was_taken_first() -> None:
    """The sample is the earliest items by time, few of them, hostile names as they are."""
    items = ["<script>\x1b[2J=1+1", *(f"i{n}" for n in range(29))]
    (found,) = detailed(events(["ann"] * 30, items), [of("ann")], ReportSettings())
    assert [one.item for one in found.sample] == items[:SAMPLE]
    (bare,) = detailed(events(["ann"] * 30, items), [of("ann", page=False)])
    assert bare.sample == ()


def test_items_have_titles_groups_and_links(tmp_path: Path) -> None:
    """The catalogue gives title and group name; the events give a group that it lacks."""
    path = tmp_path / "catalogue.csv"
    path.write_text('item,title,group,group_name\na,"A ""title""",g1,Group one\nb,,,\n')
    log = events(["ann"] * 3, ["a", "b", "c/d"], group=["g1", "g2", "g3"])
    (found,) = detailed(log, [of("ann")], catalogue=path)
    assert found.sample == (
        ItemDetails("a", 'A "title"', "g1", "Group one", "https://www.example.org/track/a"),
        ItemDetails("b", "", "g2", "", "https://www.example.org/track/b"),
        ItemDetails("c/d", "", "g3", "", "https://www.example.org/track/c%2Fd"),
    )
