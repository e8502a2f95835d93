"""Cases about several accounts that are not a ring, and accounts that have left a ring.

Visitors who come under the name of one crawler are one finding. Its name is not an account.
"""

from __future__ import annotations

import json

import pytest
from sqlalchemy import select
from tests.cases.findings import ANA, BO, by, finding, moment, ring

from ringfence.cases import (
    CaseStore,
    Permission,
    Ruling,
    add_grant,
    answer_appeal,
    decide,
    exemptions,
    expire_decisions,
    faults,
    receive_appeal,
    record,
)
from ringfence.cases.account_export import export_account
from ringfence.cases.decisions import end_case
from ringfence.cases.erasure import erase_account
from ringfence.cases.left_to_people import left_to_people
from ringfence.cases.members import release_account
from ringfence.cases.outbox import all_states
from ringfence.cases.retention import Retention, prune
from ringfence.cases.schema import CASES, DECISIONS, GRANTS, OUTBOX
from ringfence.cases.statements import statement
from ringfence.cases.states import POLICY, Act
from ringfence.errors import CasesError
from ringfence.model.finding import Finding
from ringfence.settings import Settings

CRAWLER = "Googlebot (impostors)"
VISITORS = ("192.0.2.1", "192.0.2.2", "192.0.2.3")
SUSPEND = Ruling("suspend", "A crawler with a false name.", "5.2", shadow=False)
SETTINGS = Settings(statements={"service": "Library", "contact": "help@example.org"})


def impostors() -> Finding:
    """Return a finding about three visitors, who took 51,234 items together."""
    return finding(CRAWLER, items=51_234, accounts=VISITORS)


def held(store: CaseStore) -> set[str]:
    """Return the accounts that a decision holds."""
    with store.reading() as connection:
        return {account for account, _ in all_states(connection)}


def suspended(store: CaseStore, found: Finding) -> None:
    """Record a finding, and suspend its accounts."""
    with store.writing() as connection:
        record(connection, [found], moment(0))
        decide(connection, 1, SUSPEND, by(ANA, 1))


def test_erasing_one_visitor_leaves_the_decision_about_the_others(store: CaseStore) -> None:
    """They stay held, can appeal, and are freed by the answer."""
    suspended(store, impostors())
    with store.writing() as connection:
        release_account(connection, 1, VISITORS[0], "honest", by(BO, 2))
        erase_account(connection, VISITORS[0], "request 7", by(ANA, 3))
        assert list(faults(connection)) == []
    assert held(store) == set(VISITORS[1:])
    with store.writing() as connection:
        receive_appeal(connection, 1, "not me", moment(9), by(ANA, 4), VISITORS[1])
        answer_appeal(connection, 1, "overturned", "yes", by(BO, 5))
    assert held(store) == {VISITORS[2]}
    with store.reading() as connection:
        texts = connection.execute(select(CASES.c.finding, CASES.c.baseline)).all()
    assert VISITORS[0] not in str(texts)


def test_the_letter_to_a_visitor_has_no_number_of_the_others(store: CaseStore) -> None:
    """The 51,234 items were taken by all of them together."""
    suspended(store, impostors())
    with store.reading() as connection:
        for language in ("en", "fr"):
            for account in ("", VISITORS[1]):
                text = statement(connection, 1, language, SETTINGS, account).text
                assert "51" not in text
                assert VISITORS[0] not in text
        exported = json.dumps(export_account(connection, VISITORS[1]))
    assert VISITORS[0] not in exported
    assert VISITORS[1] in exported


def test_an_appeal_about_several_visitors_must_name_one(store: CaseStore) -> None:
    """The name of the crawler is nobody who could appeal."""
    suspended(store, impostors())
    for account, said in (("", "about several accounts"), (CRAWLER, "does not apply to Googlebot")):
        with store.writing() as connection, pytest.raises(CasesError, match=said):
            receive_appeal(connection, 1, "me", moment(9), by(ANA, 2), account)


@pytest.mark.parametrize("found", [impostors(), ring(*VISITORS)])
def test_the_name_of_a_group_cannot_be_erased(store: CaseStore, found: Finding) -> None:
    """It is not an account, and the case is about others."""
    suspended(store, found)
    with store.writing() as connection, pytest.raises(CasesError, match="is not an account"):
        erase_account(connection, found.id, "request 7", by(ANA, 2))
    assert held(store) == set(VISITORS)


@pytest.mark.parametrize("how", ["decision in force", "decision over", "without an audit log"])
def test_a_former_member_of_a_ring_is_exported_and_erased(store: CaseStore, how: str) -> None:
    """She was suspended with a ring that has other members now."""
    suspended(store, ring("ann", "bob", "cal", "dee"))
    with store.writing() as connection:
        record(connection, [ring("bob", "cal", "dee", "eve")], moment(2))
        if how == "decision in force":
            release_account(connection, 1, "ann", "a class", by(BO, 3))
        else:
            end_case(connection, 1, "reinstate", "over", by(BO, 3))
        if how == "without an audit log":
            prune(connection, Retention(audit_days=30), by(ANA, 90))
        exported = export_account(connection, "ann")
        (decision,) = exported["decisions"]
        assert decision["facts"]["accounts"] == ["ann"]
        assert exported["cases"][0]["finding"] == {"other_accounts": 4}
        assert "bob" not in json.dumps(exported)
        erase_account(connection, "ann", "request 7", by(ANA, 91))
        for column in (DECISIONS.c.facts, CASES.c.finding, CASES.c.baseline, OUTBOX.c.account):
            assert "ann" not in str(connection.execute(select(column)).all())
        assert list(faults(connection)) == []


def test_a_decision_is_exported_only_to_those_it_was_about(store: CaseStore) -> None:
    """The ring was decided on again after she had left."""
    suspended(store, ring("ann", "bob", "cal"))
    with store.writing() as connection:
        record(connection, [ring("bob", "cal", "dee")], moment(2))
        decide(connection, 1, SUSPEND, by(BO, 3, 3))
        assert [one["id"] for one in export_account(connection, "ann")["decisions"]] == [1]
        assert [one["id"] for one in export_account(connection, "dee")["decisions"]] == [2]


def test_an_address_is_erased_from_clauses(store: CaseStore) -> None:
    """It is a name, and not a clause."""
    with store.writing() as connection:
        record(connection, [finding("ann")], moment(0))
        ground = "5, reported by bob@x.org"
        decide(connection, 1, Ruling("suspend", "fast", ground), by(ANA, 1))
        record(connection, [finding("bob@x.org")], moment(2))
        assert erase_account(connection, "bob@x.org", "request 1", by(ANA, 3)).doubtful == ()
        (text,) = connection.execute(select(DECISIONS.c.ground)).scalars()
        assert text == "5, reported by [erased]"


def test_a_group_cannot_have_a_grant(store: CaseStore) -> None:
    """The grant would permit nobody, and its visitors would be suspended by the next scan."""
    with store.writing() as connection:
        record(connection, [impostors()], moment(0))
        with pytest.raises(CasesError, match="is not an account"):
            add_grant(connection, Permission(CRAWLER, "r", "c", moment(0), moment(9)), by(ANA, 1))


@pytest.mark.parametrize("account", ["10.1000", "3.2", "jazz-1"])
def test_an_erasure_edits_neither_scopes_nor_clauses(store: CaseStore, account: str) -> None:
    """A pattern of items that has the name of an account by chance still permits the same."""
    scope = (f"{account}/*",)
    granted = Permission("gil", "research", "g@x", moment(0), moment(90), None, scope)
    with store.writing() as connection:
        record(connection, [finding("ann"), finding(account)], moment(0))
        decide(connection, 1, Ruling("suspend", "fast", f"Terms {account}"), by(ANA, 1))
        add_grant(connection, granted, by(ANA, 1))
        before = exemptions(connection)
        result = erase_account(connection, account, "request 7", by(ANA, 2))
        assert exemptions(connection) == before
        grounds = connection.execute(select(DECISIONS.c.ground)).scalars().all()
        assert grounds == [f"Terms {account}"]
        assert result.doubtful == ("decisions 1: ground", "grants 1: scope")
        assert connection.execute(select(GRANTS.c.account)).scalars().all() == ["gil"]
        record(connection, [finding(account)], moment(3))
        result = erase_account(connection, account, "request 8", by(ANA, 4), in_texts=True)
        assert result.doubtful == ("grants 1: scope",)
        assert exemptions(connection) == before


def test_reinstating_after_the_end_still_clears_those_who_appealed(store: CaseStore) -> None:
    """The decision ended by its time while the appeal was open, and the appeal was granted."""
    with store.writing() as connection:
        record(connection, [finding("ann")], moment(0))
        order = Ruling("suspend", "fast", "5", moment(2), shadow=False)
        decide(connection, 1, order, by(ANA, 1))
        receive_appeal(connection, 1, "it is me", moment(30), by(ANA, 1))
        expire_decisions(connection, moment(3))
        end_case(connection, 1, "reinstate", "honest", by(BO, 4))
        assert left_to_people(connection, ["ann"]) == {"ann"}


def test_reinstating_a_ring_after_its_end_clears_all(store: CaseStore) -> None:
    """One member has appealed, and the decision ended while the appeal was open."""
    with store.writing() as connection:
        record(connection, [ring("ann", "bob", "cal")], moment(0))
        order = Ruling("suspend", "fast", "5", moment(2), shadow=False)
        decide(connection, 1, order, Act(POLICY, moment(0), 1))
        receive_appeal(connection, 1, "it is me", moment(30), by(ANA, 1), "ann")
        expire_decisions(connection, moment(3))
        end_case(connection, 1, "reinstate", "a class", by(BO, 4))
        assert left_to_people(connection, ["ann", "bob", "cal"]) == {"ann", "bob", "cal"}


def test_an_answer_to_an_appeal_is_a_decision_of_a_person(store: CaseStore) -> None:
    """A person who found a throttle right is asked before anything stricter."""
    with store.writing() as connection:
        record(connection, [finding("ann")], moment(0))
        order = Ruling("throttle", "fast", "5", shadow=False)
        decide(connection, 1, order, Act(POLICY, moment(0), 1))
        receive_appeal(connection, 1, "it is me", moment(30), by(ANA, 1))
        answer_appeal(connection, 1, "upheld", "A throttle is right.", by(BO, 2))
        assert left_to_people(connection, ["ann"]) == {"ann"}


def test_reinstating_a_ring_clears_those_who_joined_since(store: CaseStore) -> None:
    """The reason holds for all of them: they are a class."""
    suspended(store, ring("ann", "bob", "cal"))
    with store.writing() as connection:
        record(connection, [ring("bob", "cal", "dee")], moment(2))
        end_case(connection, 1, "reinstate", "a class", by(BO, 3))
        names = ["ann", "bob", "cal", "dee", "eve"]
        assert left_to_people(connection, names) == set(names[:4])
