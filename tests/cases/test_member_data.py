"""Export and erase members of a ring of a real scan: the data of each member are its own."""

from __future__ import annotations

import json
from typing import Any

import duckdb
import numpy as np
import pytest
from sqlalchemy import delete, select, update
from tests.cases.findings import ANA, BO, by, moment, ring
from tests.cases.test_statements import SETTINGS, flat
from tests.rings import populations

import ringfence
from ringfence.cases import CaseStore, Ruling, decide, end_case, record
from ringfence.cases.account_export import export_account
from ringfence.cases.canonical import canonical
from ringfence.cases.erasure import erase_account
from ringfence.cases.member_data import keep_members
from ringfence.cases.schema import CASES, DECISIONS, EFFECTS
from ringfence.cases.statements import statement
from ringfence.model.finding import Finding
from ringfence.model.records import finding_to_json


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Finding:
    """Return the finding of a scan about a ring of thirty, whose members share two devices."""
    path = tmp_path_factory.mktemp("ring") / "log.parquet"
    rng = np.random.default_rng(3)
    crowd = populations.users(rng, 400)
    members = populations.ring(crowd, 30, 70, rng)
    account, item = (np.concatenate(parts) for parts in zip(crowd, members, strict=True))
    table = {"moment": rng.integers(0, 20 * 86_400, account.size), "account": account, "item": item}
    with duckdb.connect() as connection:
        connection.register("rows", table)
        connection.execute(
            "COPY (SELECT make_timestamp((1750000000 + moment) * 1000000) AS ts, "
            "'user-' || account AS account, 'i' || item AS item, CASE WHEN account < 10000 "
            "THEN 'own-' || account ELSE 'farm-' || account % 2 END AS device "
            f"FROM rows ORDER BY ts) TO '{path}' (FORMAT parquet)"
        )
    (one,) = (one for one in ringfence.scan(path).findings if one.kind == "ring")
    return one


def suspended(store: CaseStore, finding: Finding) -> None:
    """Record a finding, suspend its accounts and let them in again."""
    with store.writing() as connection:
        (status,) = record(connection, [finding], moment(0))
        decide(connection, status.case, Ruling("suspend", "a ring", "5", shadow=False), by(ANA, 1))
        end_case(connection, status.case, "reinstate", "an error", by(BO, 2))


def documents(store: CaseStore) -> list[dict[str, Any]]:
    """Return the finding of the only case, and the facts of the only decision."""
    with store.reading() as connection:
        texts = [
            connection.execute(select(column)).scalar_one()
            for column in (CASES.c.finding, DECISIONS.c.facts)
        ]
    return [json.loads(text) for text in texts]


@pytest.mark.slow
def test_an_export_names_no_other_member_of_a_real_ring(store: CaseStore, found: Finding) -> None:
    """The row, the number of items and the device of the account are there, and no other's."""
    suspended(store, found)
    name = found.accounts[3]
    with store.reading() as connection:
        document = export_account(connection, name)
    text = json.dumps(document)
    assert [one for one in found.accounts if one in text] == [name]
    assert ("farm-0" in text) != ("farm-1" in text)
    (case,), (decision,) = document["cases"], document["decisions"]
    assert [one["account"] for one in case["finding"]["ring"]["members"]] == [name]
    for one in (case["finding"], decision["facts"]):
        assert (one["accounts"], one["other_accounts"]) == ([name], 29)
        assert one["member_items"] == [found.member_items[3]]


def test_an_erased_member_leaves_no_row(store: CaseStore, found: Finding) -> None:
    """The lists keep one value per account, in order, and the row of the member is gone."""
    suspended(store, found)
    name = found.accounts[3]
    with store.writing() as connection:
        erase_account(connection, name, "request 17", by(BO, 3))
    left = [*found.accounts[:3], *found.accounts[4:]]
    of_case, of_decision = documents(store)
    assert [one["account"] for one in of_case["ring"]["members"]] == left
    for one in (of_case, of_decision):
        assert one["accounts"] == left
        assert one["member_items"] == [*found.member_items[:3], *found.member_items[4:]]
        assert name not in json.dumps(one)
        assert "[erased]" not in json.dumps(one)


def test_other_members_are_told_their_own_items_after_an_erasure(store: CaseStore) -> None:
    """The number in the statement to a member does not move to the next one."""
    found = ring("ann", "bob", "eve", member_items=(1_000, 5, 300))
    with store.writing() as connection:
        (status,) = record(connection, [found], moment(0))
        decide(connection, status.case, Ruling("suspend", "a ring", "5", shadow=False), by(ANA, 1))
        # The decision holds the other members only.
        connection.execute(delete(EFFECTS).where(EFFECTS.c.account == "ann"))
        erase_account(connection, "ann", "request 17", by(BO, 3))
        for name, items in (("bob", 5), ("eve", 300)):
            told = flat(statement(connection, 1, "en", SETTINGS, name).text)
            assert f"Your account took {items} different items." in told


def test_numbers_that_an_earlier_erasure_shifted_are_not_told(store: CaseStore) -> None:
    """With more numbers than accounts, no member is told a number, which may be another's."""
    with store.writing() as connection:
        (status,) = record(connection, [ring("bob", "eve", member_items=(5, 300))], moment(0))
        decide(connection, status.case, Ruling("suspend", "a ring", "5", shadow=False), by(ANA, 1))
        facts = json.loads(connection.execute(select(DECISIONS.c.facts)).scalar_one())
        told = flat(statement(connection, 1, "en", SETTINGS, "bob").text)
        assert "Your account took 5 different items." in told
        shifted = canonical({**facts, "member_items": [1_000, 5, 300]})
        connection.execute(update(DECISIONS).values(facts=shifted))
        told = flat(statement(connection, 1, "en", SETTINGS, "bob").text)
    assert "different items" not in told


def test_numbers_that_belong_to_nobody_are_left_out(found: Finding) -> None:
    """A finding with more numbers than accounts keeps none, and the one given is not changed."""
    document = finding_to_json(found)
    document["member_items"] = [9, *document["member_items"]]
    kept = keep_members(document, lambda one: one == found.accounts[0])
    assert kept["accounts"] == [found.accounts[0]]
    assert "member_items" not in kept
    assert len(document["ring"]["members"]) == len(document["accounts"]) == 30
