"""Erase an account from the store, and export it: nothing is left, and the audit stays whole."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from sqlalchemy import MetaData, delete, insert, select, text, update
from tests.cases.findings import ANA, BO, by, finding, moment, ring

from ringfence.cases import (
    POLICY,
    Act,
    CaseStore,
    Permission,
    Ruling,
    add_grant,
    answer_appeal,
    decide,
    decision_in_force,
    end_case,
    expire_decisions,
    faults,
    open_store,
    receive_appeal,
    record,
    release_account,
)
from ringfence.cases.account_export import export_account
from ringfence.cases.account_names import AccountName
from ringfence.cases.audit import head
from ringfence.cases.erasure import ErasureResult, erase_account
from ringfence.cases.moving import read_case
from ringfence.cases.outbox import held_accounts
from ringfence.cases.proposals import propose_to_reviewer
from ringfence.cases.schema import AUDIT, CASES, DECISIONS, DELIVERIES, OUTBOX, SINKS
from ringfence.errors import CasesError
from ringfence.model.evidence import Evidence
from ringfence.policy.applying import budget_left
from ringfence.policy_settings import PolicySettings

NAME = 'zoë "the reader" O\'Neil'
"""A name whose characters JSON and SQL escape."""

OTHER = f"{NAME}-2"
"""Another account, whose name begins with the first one."""

REQUEST = "request 17"

ENFORCED = PolicySettings(mode="enforce")


@pytest.fixture
def used(store: CaseStore) -> CaseStore:
    """Return a store that holds something about the account in every table."""
    sentence = Evidence("volume", 900.0, 90.0, 1e-9, f"Took the same items as {NAME}.")
    with store.writing() as connection:
        own, _, _, third = record(
            connection,
            [finding(NAME), finding(OTHER), ring(NAME, OTHER, "bob", evidence=(sentence,)),
             ring(NAME, name="ring-2")],
            moment(0),
        )  # fmt: skip
        order = Ruling("suspend", f"{NAME} was fast", "5.2", shadow=False)
        decide(connection, own.case, order, by(ANA, 1))
        receive_appeal(connection, own.case, f"Hello\n{NAME} here", moment(20), by(ANA, 2))
        answer_appeal(connection, own.case, "overturned", "Dear " + NAME, by(BO, 3))
        decide(connection, 2, Ruling("suspend", f"like {NAME}", "5.2"), by(ANA, 1))
        decide(connection, 3, Ruling("throttle", "a ring", "5.2"), by(ANA, 1))
        values = {"version": 1, "action": "suspend", "reason": f"as {NAME}", "ground": "",
                  "days": 3.0, "rule": 0, "why": "review"}  # fmt: skip
        propose_to_reviewer(connection, third.case, values, moment(4))
        add_grant(
            connection, Permission("bob", f"with {NAME}", "b", moment(0), moment(9)), by(BO, 4)
        )
        connection.execute(
            insert(SINKS).values(name="hook", enrolled=10**6, holder=None, held_until=None)
        )
        for row in connection.execute(select(OUTBOX.c.id)).scalars().all():
            connection.execute(
                insert(DELIVERIES).values(
                    sink="hook", outbox_id=row, state="done", tries=1, due=0, changed=0,
                    error=NAME,
                )
            )  # fmt: skip
    return store


def dump(store: CaseStore) -> str:
    """Return every value of every table, whatever tables there are, as one text."""
    with store.reading() as connection:
        tables = MetaData()
        tables.reflect(connection)
        rows = [
            list(row) for one in tables.tables.values() for row in connection.execute(select(one))
        ]
    return "\n".join(str(value) for row in rows for value in row)


def said(store: CaseStore) -> list[str]:
    """Return everything that is wrong with the audit."""
    with store.reading() as connection:
        return list(faults(connection))


def erase(store: CaseStore, name: str = NAME) -> ErasureResult:
    """Erase an account."""
    with store.writing() as connection:
        result = erase_account(connection, name, REQUEST, by(BO, 9))
    store.write_through()
    return result


@pytest.mark.slow
def test_no_table_has_the_name_any_more(used: CaseStore) -> None:
    """The name is in no column, also escaped, and the audit is whole under the same head."""
    assert "the reader" in dump(used)
    with used.reading() as connection:
        _, kept = head(connection)
    result = erase(used)
    left = dump(used).replace(OTHER, "").replace(json.dumps(OTHER, ensure_ascii=False)[1:-1], "")
    left = left.replace(
        json.dumps(json.dumps(OTHER, ensure_ascii=False)[1:-1], ensure_ascii=False)[1:-1], ""
    )
    assert "the reader" not in left
    assert said(used) == []
    with used.reading() as connection:
        assert list(faults(connection, kept)) == []
    assert (result.cases, result.rings, result.decisions, result.appeals) == (2, 1, 1, 1)


def test_other_accounts_keep_their_cases(used: CaseStore) -> None:
    """The ring stays with its other members, and so does the account with the longer name."""
    erase(used)
    with used.reading() as connection:
        cases = {row.id: row for row in connection.execute(select(CASES))}
        facts = connection.execute(
            select(DECISIONS.c.facts).where(DECISIONS.c.case_id == 3)
        ).scalar_one()
        reason = connection.execute(
            select(DECISIONS.c.reason).where(DECISIONS.c.case_id == 2)
        ).scalar_one()
    assert sorted(cases) == [2, 3]
    assert cases[2].subject == OTHER
    assert (cases[3].accounts, cases[3].version) == (2, 3)
    assert json.loads(cases[3].finding)["accounts"] == [OTHER, "bob"]
    assert json.loads(facts)["accounts"] == [OTHER, "bob"]
    assert json.loads(facts)["evidence"][0]["sentence"] == "Took the same items as [erased]."
    assert reason == "like [erased]"


def test_one_row_says_what_was_erased(used: CaseStore) -> None:
    """The row has the numbers, the reason and the author."""
    result = erase(used)
    with used.reading() as connection:
        row = connection.execute(select(AUDIT).order_by(AUDIT.c.number.desc()).limit(1)).one()
        empty = select(AUDIT.c.number).where(AUDIT.c.content.is_(None)).order_by(AUDIT.c.number)
        numbers = list(connection.execute(empty).scalars())
    content = json.loads(row.content)
    assert (row.event, row.number, content["rows"]) == ("erased", result.number, numbers)
    assert len(numbers) == result.audit_rows
    assert content["removed"]["decision"] == [1]
    assert content["edited"] == {"decision": [2, 3], "grant": [1]}
    assert (content["reason"], content["author"]) == (REQUEST, "bo")


def test_tampering_is_found_after_an_erasure(used: CaseStore) -> None:
    """A decision that is removed, invented or altered is told from one that was erased."""
    with used.writing() as connection:
        (late,) = record(connection, [finding("late")], moment(5))
        decide(connection, late.case, Ruling("observe", "slow", "5"), by(ANA, 6))
    erase(used)
    with used.writing() as connection:
        made = dict(
            connection.execute(select(DECISIONS).where(DECISIONS.c.id == 2)).mappings().one()
        )
        connection.execute(insert(DECISIONS).values({**made, "id": 77}))
        connection.execute(delete(DECISIONS).where(DECISIONS.c.case_id == late.case))
    assert said(used) == [
        "decision 77 is not in the audit log",
        "decision 4 is in the audit log, and its row is missing",
        f"case {late.case} is decided, which does not agree with its decisions",
    ]


def test_content_that_is_just_missing_is_found_after_an_erasure(used: CaseStore) -> None:
    """An erasure does not excuse other rows."""
    erase(used)
    with used.writing() as connection:
        row = connection.execute(
            select(AUDIT.c.number).where(AUDIT.c.content.is_not(None)).order_by(AUDIT.c.number)
        ).scalars().first()  # fmt: skip
        connection.execute(
            update(AUDIT).where(AUDIT.c.number == row).values(content=None, salt=None)
        )
    assert said(used) == [
        f"the content of row {row} is missing, and no row says that it was erased"
    ]


def test_an_erased_account_can_be_found_again(used: CaseStore) -> None:
    """A new finding opens a new case, whose decision is checked like every other."""
    erase(used)
    with used.writing() as connection:
        (status,) = record(connection, [finding(NAME)], moment(30))
        number = decide(connection, status.case, Ruling("observe", "again", "5"), by(ANA, 31))
    assert said(used) == []
    with used.writing() as connection:
        connection.execute(delete(DECISIONS).where(DECISIONS.c.id == number))
    assert said(used) == [
        f"decision {number} is in the audit log, and its row is missing",
        f"case {status.case} is decided, which does not agree with its decisions",
    ]


def test_an_effect_in_force_must_end_first(store: CaseStore) -> None:
    """Nothing would tell the connected system to let the account in again."""
    with store.writing() as connection:
        (status,) = record(connection, [finding("ann")], moment(0))
        decide(connection, status.case, Ruling("suspend", "fast", "5", shadow=False), by(ANA, 1))
    before = dump(store)
    with pytest.raises(CasesError, match="decision 1 still applies to the account") as refused:
        erase(store, "ann")
    assert "ringfence case release case:1 --account ann" in refused.value.hint
    assert dump(store) == before


def test_a_member_of_a_ring_is_erased_after_its_release(store: CaseStore) -> None:
    """Its appeals and its release go with it; those of other members stay."""
    name = "zoe-77"
    with store.writing() as connection:
        (status,) = record(connection, [ring(name, "bob", "cal")], moment(0))
        decide(connection, status.case, Ruling("suspend", "a ring", "5", shadow=False), by(ANA, 1))
        for account in (name, "bob"):
            receive_appeal(connection, 1, f"I am {account}", moment(9), by(ANA, 2), account)
            answer_appeal(connection, 1, "upheld", "We looked again.", by(BO, 3), account)
        release_account(connection, 1, "bob", "a class", by(BO, 4))
        release_account(connection, 1, name, "a class", by(BO, 4))
        document = json.dumps(export_account(connection, name))
        assert f"I am {name}" in document
        assert "a class" in document
        assert "bob" not in document
    result = erase(store, name)
    assert (result.rings, result.appeals) == (1, 1)
    assert name not in dump(store)
    assert "I am bob" in dump(store)
    assert said(store) == []
    with store.reading() as connection:
        assert held_accounts(connection, 1) == ["cal"]


def test_an_open_appeal_must_be_answered_first(store: CaseStore) -> None:
    """Without the appeal, its case would wait for an answer for ever."""
    with store.writing() as connection:
        (status,) = record(connection, [ring("ann", "bob")], moment(0))
        order = Ruling("suspend", "a ring", "5", moment(5), shadow=False)
        decide(connection, status.case, order, by(ANA, 1))
        receive_appeal(connection, 1, "not me", moment(9), by(ANA, 2), "ann")
        expire_decisions(connection, moment(6))
    with pytest.raises(CasesError, match="its appeal is open") as refused:
        erase(store, "ann")
    assert "ringfence case answer case:1 --account ann" in refused.value.hint


WORDS = ["900", "2", "account", "extracting", "volume", "the", "replaced", "terms"]
"""Names that anybody may choose, and that texts about other people have as words."""


def about_bob(store: CaseStore) -> list[str]:
    """Return everything that the store says about bob, the audit included."""
    with store.reading() as connection:
        document = export_account(connection, "bob")
        rows = connection.execute(select(AUDIT.c.content).where(AUDIT.c.content.is_not(None)))
        return [json.dumps(document), *(one for one in rows.scalars() if '"bob"' in one)]


@pytest.mark.parametrize("name", WORDS)
def test_a_name_that_is_a_word_damages_nothing_about_others(store: CaseStore, name: str) -> None:
    """Nobody can blank the case of another by choosing such a name and asking for erasure."""
    with store.writing() as connection:
        record(connection, [finding("bob"), finding(name)], moment(0))
        reason = "Took 1,900.5 and then 900 items: the account is extracting a volume, see terms 2"
        decide(connection, 1, Ruling("throttle", reason, "terms 2"), by(ANA, 1))
        version = read_case(connection, 1).version
        decide(connection, 1, Ruling("suspend", reason, "terms 2"), by(ANA, 2, version))
    before = about_bob(store)
    result = erase(store, name)
    assert about_bob(store) == before
    assert said(store) == []
    in_reasons = name in {"900", "2", "account", "extracting", "volume", "the", "terms"}
    assert ("decisions 1: reason" in result.doubtful) is in_reasons
    with store.reading() as connection:
        ended = select(DECISIONS.c.end_reason).where(DECISIONS.c.id == 1)
        assert connection.execute(ended).scalar() == "replaced by decision 2"


def test_a_name_that_is_a_word_can_be_taken_out_of_texts(store: CaseStore) -> None:
    """A person has looked at the texts, and they are about the account."""
    with store.writing() as connection:
        record(connection, [finding("bob"), finding("ann")], moment(0))
        decide(connection, 1, Ruling("throttle", "as fast as ann", "5"), by(ANA, 1))
    assert erase(store, "ann").doubtful == ("decisions 1: reason",)
    with store.writing() as connection:
        result = erase_account(connection, "ann", REQUEST, by(BO, 10), in_texts=True)
    assert result.doubtful == ()
    with store.reading() as connection:
        assert connection.execute(select(DECISIONS.c.reason)).scalar() == "as fast as [erased]"
    assert "as fast as ann" not in dump(store)
    assert said(store) == []
    with pytest.raises(CasesError, match="holds nothing about it"):
        erase(store, "ann")


@pytest.mark.parametrize("state", ["behind", "waiting", "dead"])
def test_an_undelivered_effect_must_be_delivered_first(store: CaseStore, state: str) -> None:
    """A sink that was told of the suspension must be told of its end."""
    with store.writing() as connection:
        (status,) = record(connection, [finding("ann")], moment(0))
        decide(connection, status.case, Ruling("suspend", "fast", "5", shadow=False), by(ANA, 1))
        end_case(connection, status.case, "reinstate", "an error", by(BO, 2))
        enrolled = 1 if state == "behind" else 2
        connection.execute(insert(SINKS).values(name="hook", enrolled=enrolled))
        if state != "behind":
            connection.execute(
                insert(DELIVERIES).values(
                    sink="hook", outbox_id=2, state=state, tries=1, due=0, changed=0, error=""
                )
            )
    with pytest.raises(CasesError, match="was not delivered to hook"):
        erase(store, "ann")
    with store.writing() as connection:
        connection.execute(update(SINKS).values(enrolled=2))
        connection.execute(update(DELIVERIES).values(state="done"))
    assert erase(store, "ann").decisions == 1


def test_the_reason_must_not_be_the_real_name_of_a_pseudonym(used: CaseStore) -> None:
    """The real name is in no row of the store, so nothing could take it out of the audit."""
    act, reason = by(BO, 20), "user-235 asked by mail"
    with used.writing() as connection, pytest.raises(CasesError, match="reason names the account"):
        erase_account(connection, NAME, reason, act, "user-235")


@pytest.mark.parametrize("reason", ["", "  ", f"asked by {NAME}"])
def test_the_reason_must_not_be_the_next_trace(used: CaseStore, reason: str) -> None:
    """The reason stays in the audit log, so it is needed and must not name the account."""
    with used.writing() as connection, pytest.raises(CasesError, match="reason"):
        erase_account(connection, NAME, reason, by(BO, 9))


def test_a_ring_that_held_others_stays(store: CaseStore) -> None:
    """A decision still holds a member that later scans do not list, so its effect stays."""
    with store.writing() as connection:
        (status,) = record(connection, [ring("ann", "bob")], moment(0))
        decide(connection, status.case, Ruling("suspend", "a ring", "5", shadow=False), by(ANA, 1))
        end_case(connection, status.case, "reinstate", "an error", by(BO, 2))
        record(connection, [ring("ann")], moment(3))
    result = erase(store, "ann")
    assert (result.cases, result.rings) == (0, 1)
    with store.reading() as connection:
        left = connection.execute(select(OUTBOX.c.account, OUTBOX.c.effect).order_by(OUTBOX.c.id))
        assert left.all() == [("bob", "suspend"), ("bob", "lift")]


def test_an_unknown_account_is_refused(used: CaseStore) -> None:
    """Nothing is erased and nothing is exported, also not for a part of a name."""
    before = dump(used)
    for name in ("zoë", "ann", "%"):
        with pytest.raises(CasesError, match="holds nothing about it"):
            erase(used, name)
        with used.reading() as connection, pytest.raises(CasesError, match="holds nothing"):
            export_account(connection, name)
    assert dump(used) == before


def test_the_budget_counts_what_is_left(used: CaseStore) -> None:
    """The policy still counts suspensions after the accounts in their facts were erased."""
    settings = PolicySettings()
    with used.writing() as connection:
        connection.execute(update(DECISIONS).values(decided_by_machine=True, action="suspend"))
        connection.execute(update(DECISIONS).where(DECISIONS.c.case_id == 2).values(facts="{}"))
        assert budget_left(connection, settings, 100, moment(1)).used == 4


def test_an_erasure_does_not_free_the_limit_of_the_policy(store: CaseStore) -> None:
    """Members of a ring that stays, and a decision that goes as a whole, count for 24 hours."""
    with store.writing() as connection:
        record(connection, [finding("ann"), ring("bob", "eve", "kim", "lea")], moment(0))
        for case in (1, 2):
            order = Ruling("suspend", "fast", "5", moment(1.1), shadow=False)
            decide(connection, case, order, Act(POLICY, moment(1)))
        expire_decisions(connection, moment(1.2))
        for name in ("ann", "bob", "eve"):
            assert budget_left(connection, ENFORCED, 100, moment(1.3)).used == 5
            erase_account(connection, name, REQUEST, by(BO, 1.3))
        assert budget_left(connection, ENFORCED, 100, moment(1.3)).used == 5
        assert budget_left(connection, ENFORCED, 100, moment(2.01)).used == 0


def test_the_file_has_no_byte_of_the_name(tmp_path: Path) -> None:
    """SQLite overwrites what was deleted, in its file and in its log."""
    path, name = tmp_path / "store.sqlite", "account-to-be-erased"
    with open_store(path) as store:
        with store.writing() as connection:
            record(connection, [finding(name), finding("bob")], moment(0))
            add_grant(connection, Permission(name, "r", "c", moment(0), moment(9)), by(BO, 1))
        erase(store, name)
        for file in tmp_path.iterdir():
            assert name.encode() not in file.read_bytes(), file
    assert b"bob" in path.read_bytes()


def test_an_export_has_everything_but_other_persons(used: CaseStore) -> None:
    """Cases, decisions, appeals, outbox and audit are there; other members are a number."""
    with used.reading() as connection:
        document = json.loads(json.dumps(export_account(connection, NAME)))
        assert decision_in_force(connection, 1) is None
    assert [case["id"] for case in document["cases"]] == [1, 3, 4]
    assert document["cases"][1]["finding"]["accounts"] == [NAME]
    assert document["cases"][1]["finding"]["other_accounts"] == 2
    assert [one["id"] for one in document["decisions"]] == [1, 3]
    assert document["decisions"][0]["made"] == "2026-03-03T00:00:00Z"
    assert document["appeals"][0]["statement"] == f"Hello\n{NAME} here"
    assert [one["effect"] for one in document["outbox"]] == ["suspend", "lift"]
    assert [one["state"] for one in document["deliveries"]] == ["done", "done"]
    assert {"decision", "appeal received", "case opened"} <= {
        one["event"] for one in document["audit"]
    }
    assert "bob" not in json.dumps(document)
    assert OTHER not in json.dumps(document, ensure_ascii=False)


@pytest.mark.parametrize(
    ("sentence", "edited"),
    [("ann took it.", "[erased] took it."), ("ann-marie and joann", None), ("(ann)", "([erased])"),
     ("ann@example.org", None), ("see ann, bob", "see [erased], bob"), ("ann.b", None)],
)  # fmt: skip
def test_a_name_is_found_whole(sentence: str, edited: str | None) -> None:
    """A name that is a part of another name is another person."""
    name = AccountName("ann")
    assert name.is_in(sentence) == (edited is not None)
    assert name.taken_out(sentence) == (edited or sentence)


def test_postgresql_and_sqlite_have_no_table_that_the_dump_misses(used: CaseStore) -> None:
    """The dump of these tests reads tables that the schema does not declare, too."""
    with used.writing() as connection:
        connection.execute(text("CREATE TABLE extra (name VARCHAR(90))"))
        connection.execute(text("INSERT INTO extra VALUES ('an extra value')"))
    assert "an extra value" in dump(used)
