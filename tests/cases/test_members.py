"""Appeals and releases of single accounts of a ring: only the named account is freed."""

from __future__ import annotations

import json
import shlex
from dataclasses import replace

import pytest
from sqlalchemy import Connection, select
from tests.cases.findings import ANA, BO, by, finding, moment, ring

from ringfence.cases import (
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
    open_appeals,
    receive_appeal,
    record,
    release_account,
    reopen,
)
from ringfence.cases.left_to_people import left_to_people
from ringfence.cases.listing import describe_case, list_cases
from ringfence.cases.member_commands import member_command
from ringfence.cases.moving import read_case
from ringfence.cases.outbox import all_states
from ringfence.cases.schema import APPEALS, AUDIT, OUTBOX
from ringfence.cases.statements import statement
from ringfence.cases.states import POLICY, Act
from ringfence.errors import CasesError
from ringfence.settings import Settings
from ringfence.statement_settings import Language, StatementSettings

SETTINGS = Settings(statements=StatementSettings(service="Music", contact="a@music.example"))

CASE = 1
"""The case about the ring of ann, bob and cal."""


@pytest.fixture
def held(store: CaseStore) -> CaseStore:
    """Return a store in which a ring of three is suspended."""
    with store.writing() as connection:
        record(connection, [ring("ann", "bob", "cal"), finding("bob"), finding("dan")], moment(0))
        suspend(connection)
    return store


def suspend(connection: Connection, case: int = CASE, version: int | None = None) -> int:
    """Suspend the accounts of a case."""
    order = Ruling("suspend", "together", "5", moment(50), shadow=False)
    return decide(connection, case, order, by(ANA, 1, version))


def appeal(connection: Connection, account: str, due: float = 16) -> int:
    """Record the appeal of one account of the ring."""
    act = by(ANA, 2)
    return receive_appeal(connection, CASE, f"I am {account}", moment(due), act, account)


def answer(connection: Connection, account: str, outcome: str) -> None:
    """Answer the appeal of one account of the ring."""
    said = f"The appeal is {outcome}."
    answer_appeal(connection, CASE, outcome, said, by(BO, 3), account)  # type: ignore[arg-type] # a word of the type


def blocked(connection: Connection) -> dict[str, int]:
    """Return the accounts that are held, and the decision that counts for each."""
    return {account: hold.decision for account, hold in all_states(connection)}


def told(connection: Connection, account: str) -> list[tuple[str, int]]:
    """Return what sinks are told about an account, in order."""
    query = select(OUTBOX.c.effect, OUTBOX.c.decision_id).where(OUTBOX.c.account == account)
    return [tuple(row) for row in connection.execute(query.order_by(OUTBOX.c.id))]


def state(connection: Connection) -> str:
    """Return the state of the case about the ring."""
    return str(read_case(connection, CASE).state)


def test_every_account_of_a_ring_appeals_for_itself(held: CaseStore) -> None:
    """Two appeals are open at once, each with its own due date."""
    with held.writing() as connection:
        appeal(connection, "bob", due=17)
        appeal(connection, "ann", due=16)
        waiting = open_appeals(connection, CASE)
        assert [(one.account, one.due) for one in waiting] == [
            ("ann", moment(16)),
            ("bob", moment(17)),
        ]
        assert state(connection) == "appealed"
        assert list(faults(connection)) == []


def test_a_granted_appeal_frees_one_account_only(held: CaseStore) -> None:
    """The account is let in again, and the decision goes on for the others."""
    with held.writing() as connection:
        appeal(connection, "ann")
        answer(connection, "ann", "overturned")
        assert blocked(connection) == {"bob": 1, "cal": 1}
        assert told(connection, "ann") == [("suspend", 1), ("lift", 1)]
        assert told(connection, "cal") == [("suspend", 1)]
        assert state(connection) == "decided"
        assert decision_in_force(connection, CASE) is not None
        assert list(faults(connection)) == []


def test_each_appeal_has_its_own_answer(held: CaseStore) -> None:
    """The case is appealed until the last appeal is answered."""
    with held.writing() as connection:
        appeal(connection, "ann")
        appeal(connection, "bob")
        answer(connection, "bob", "upheld")
        assert state(connection) == "appealed"
        assert [one.account for one in open_appeals(connection, CASE)] == ["ann"]
        answer_appeal(connection, CASE, "overturned", "Dear ann", by(BO, 4))
        assert state(connection) == "decided"
        assert blocked(connection) == {"bob": 1, "cal": 1}


def test_the_decision_ends_with_its_last_account(held: CaseStore) -> None:
    """If nobody is left to whom it applies, it ends, and the case is closed."""
    with held.writing() as connection:
        release_account(connection, CASE, "cal", "a class", by(BO, 2))
        appeal(connection, "ann")
        appeal(connection, "bob")
        answer(connection, "ann", "overturned")
        answer(connection, "bob", "overturned")
        assert blocked(connection) == {}
        assert state(connection) == "closed"
        assert decision_in_force(connection, CASE) is None
        assert list(faults(connection)) == []


def test_releasing_the_last_account_ends_the_decision(held: CaseStore) -> None:
    """The case does not stay decided with a decision that applies to nobody."""
    with held.writing() as connection:
        for account in ("ann", "bob", "cal"):
            release_account(connection, CASE, account, "a class", by(BO, 2))
        assert (state(connection), blocked(connection)) == ("closed", {})


def test_a_release_needs_no_appeal(held: CaseStore) -> None:
    """The audit says who was released, by whom and why."""
    with held.writing() as connection:
        release_account(connection, CASE, "ann", " her own archive ", by(BO, 2))
        assert blocked(connection) == {"bob": 1, "cal": 1}
        row = connection.execute(select(AUDIT).where(AUDIT.c.event == "account released")).one()
    said = json.loads(row.content)
    assert (said["decision_id"], said["account"], said["released_by"], said["reason"]) == (
        1, "ann", "bo", "her own archive",
    )  # fmt: skip


def test_a_released_account_stays_held_by_another_decision(held: CaseStore) -> None:
    """Sinks are told of the other decision, not of a lift."""
    with held.writing() as connection:
        own = decide(connection, 2, Ruling("throttle", "fast", "5", shadow=False), by(ANA, 1))
        release_account(connection, CASE, "bob", "not of the ring", by(BO, 2))
        assert told(connection, "bob") == [("suspend", 1), ("throttle", own)]


def test_a_released_account_stays_free_when_the_decision_is_replaced(held: CaseStore) -> None:
    """A longer suspension of the ring does not hold the person whose appeal was granted."""
    with held.writing() as connection:
        release_account(connection, CASE, "ann", "a class", by(BO, 2))
        for decision in (2, 3):
            version = read_case(connection, CASE).version
            assert suspend(connection, version=version) == decision
            assert blocked(connection) == {"bob": decision, "cal": decision}
        assert told(connection, "ann") == [("suspend", 1), ("lift", 1)]
        assert list(faults(connection)) == []


def test_a_case_that_was_closed_is_decided_about_everybody(held: CaseStore) -> None:
    """A release is about one decision and those that replace it, and not for ever."""
    with held.writing() as connection:
        release_account(connection, CASE, "ann", "a class", by(BO, 2))
        end_case(connection, CASE, "reinstate", "look again", by(BO, 3))
        reopen(connection, CASE, "it goes on", by(BO, 4))
        suspend(connection)
        assert set(blocked(connection)) == {"ann", "bob", "cal"}


def test_an_appeal_waits_when_the_decision_expires(held: CaseStore) -> None:
    """Every open appeal is still answered, and the last answer closes the case."""
    with held.writing() as connection:
        appeal(connection, "ann")
        appeal(connection, "bob")
        expire_decisions(connection, moment(60))
        answer(connection, "ann", "overturned")
        assert (state(connection), blocked(connection)) == ("appealed", {})
        answer(connection, "bob", "upheld")
        assert state(connection) == "closed"
        assert list(faults(connection)) == []


@pytest.mark.parametrize(
    ("account", "said"),
    [
        ("", "one of them must be named"),
        ("dan", "does not apply to dan"),
        ("ann", "an appeal of ann is open"),
    ],
)
def test_an_appeal_that_is_refused(held: CaseStore, account: str, said: str) -> None:
    """A ring's appeal is of one of its accounts, and of each only once at a time."""
    with held.writing() as connection:
        appeal(connection, "ann")
        with pytest.raises(CasesError, match=said):
            appeal(connection, account)


def test_a_released_account_has_nothing_to_appeal(held: CaseStore) -> None:
    """It can neither appeal nor be released a second time."""
    with held.writing() as connection:
        release_account(connection, CASE, "ann", "a class", by(BO, 2))
        with pytest.raises(CasesError, match="decision 1 does not apply to ann"):
            release_account(connection, CASE, "ann", "a class", by(BO, 2))
    with held.writing() as c, pytest.raises(CasesError, match="decision 1 does not apply to ann"):
        appeal(c, "ann")


def test_the_answer_says_whose_appeal_is_meant(held: CaseStore) -> None:
    """With two open appeals, an answer without an account is refused."""
    with held.writing() as connection:
        appeal(connection, "ann")
        appeal(connection, "bob")
        with pytest.raises(CasesError, match="2 appeals are open"):
            answer(connection, "", "overturned")
        with pytest.raises(CasesError, match="no open appeal by cal"):
            answer(connection, "cal", "overturned")


def outcomes(connection: Connection) -> dict[str, str | None]:
    """Return the outcome of the appeal of each account."""
    rows = connection.execute(select(APPEALS.c.account, APPEALS.c.outcome))
    return {row.account: row.outcome for row in rows}


def test_a_release_grants_the_appeal_of_the_account(held: CaseStore) -> None:
    """The author of the decision sees the mistake, and need not wait for another person."""
    with held.writing() as connection:
        appeal(connection, "ann")
        appeal(connection, "bob")
        release_account(connection, CASE, "ann", "a class", by(ANA, 2))
        assert outcomes(connection) == {"ann": "overturned", "bob": None}
        assert (state(connection), blocked(connection)) == ("appealed", {"bob": 1, "cal": 1})
        release_account(connection, CASE, "bob", "a class", by(ANA, 3))
        assert outcomes(connection) == {"ann": "overturned", "bob": "overturned"}
        assert (state(connection), blocked(connection)) == ("decided", {"cal": 1})
        assert list(faults(connection)) == []


def test_a_reinstatement_grants_all_open_appeals(held: CaseStore) -> None:
    """One open appeal does not keep the whole ring suspended."""
    with held.writing() as connection:
        appeal(connection, "ann")
        appeal(connection, "bob")
        answer_appeal(connection, CASE, "upheld", "no", by(BO, 2), "bob")
        end_case(connection, CASE, "reinstate", "a mistake", by(ANA, 3))
        assert outcomes(connection) == {"ann": "overturned", "bob": "upheld"}
        assert (state(connection), blocked(connection)) == ("closed", {})
        assert list(faults(connection)) == []


@pytest.mark.parametrize("kind", ["no reason", "old version", "no decision"])
def test_a_release_that_is_refused(held: CaseStore, kind: str) -> None:
    """It needs a reason, the case as it is now, and a decision."""
    reason = "" if kind == "no reason" else "a class"
    case = {"no decision": 3}.get(kind, CASE)
    with held.writing() as connection:
        before = blocked(connection)
        version = 1 if kind == "old version" else None
        with pytest.raises(CasesError, match=f"^case {case}: "):
            release_account(connection, case, "bob", reason, by(BO, 2, version))
        assert blocked(connection) == before


def test_the_list_has_the_day_of_the_first_open_appeal(held: CaseStore) -> None:
    """An answered appeal does not count, and neither does one of another case."""
    with held.writing() as connection:
        suspend(connection, 2)
        receive_appeal(connection, 2, "no", moment(4), by(ANA, 2))
        for account, due in (("ann", 9), ("bob", 7), ("cal", 8)):
            receive_appeal(connection, CASE, "no", moment(due), by(ANA, 2), account)
        due_days = [{row.id: row.due for row in list_cases(connection)}]
        answer_appeal(connection, CASE, "upheld", "So it is.", by(BO, 3), "bob")
        due_days.append({row.id: row.due for row in list_cases(connection)})
    assert due_days == [
        {1: moment(7), 2: moment(4), 3: None}, {1: moment(8), 2: moment(4), 3: None}
    ]  # fmt: skip


def test_a_member_is_released_in_shadow_mode(store: CaseStore) -> None:
    """The decision with effect that takes its place does not hold the member either."""
    with store.writing() as connection:
        record(connection, [ring("ann", "bob", "cal")], moment(0))
        order = Ruling("suspend", "together", "5")
        decide(connection, 1, order, Act(POLICY, moment(1), 1))
        release_account(connection, 1, "ann", "a class", by(BO, 2))
        with pytest.raises(CasesError, match="does not apply to ann"):
            release_account(connection, 1, "ann", "a class", by(BO, 2))
        decide(connection, 1, replace(order, shadow=False), Act(POLICY, moment(3), 3))
        assert blocked(connection).keys() == {"bob", "cal"}
        assert left_to_people(connection, ["ann", "bob"]) == {"ann"}
        assert list(faults(connection)) == []


def test_a_case_about_one_account_needs_no_name(store: CaseStore) -> None:
    """Its appeal is of this account, and another name is refused."""
    with store.writing() as connection:
        record(connection, [finding("ann")], moment(0))
        suspend(connection)
        with pytest.raises(CasesError, match="decision 1 does not apply to bob"):
            appeal(connection, "bob")
    with store.writing() as connection:
        appeal(connection, "")
        assert [one.account for one in open_appeals(connection, CASE)] == ["ann"]
        answer(connection, "", "overturned")
        assert (state(connection), blocked(connection)) == ("closed", {})


def test_a_grant_names_the_release(held: CaseStore) -> None:
    """A permission for an account that stays suspended would be an empty promise."""
    permission = Permission("ann", "mining", "me", moment(0), moment(90))
    with held.writing() as c, pytest.raises(CasesError, match="decision 1 applies to ann") as error:
        add_grant(c, permission, by(ANA, 2))
    assert "ringfence case release case:1 --account ann" in error.value.hint
    with held.writing() as connection:
        release_account(connection, CASE, "ann", "a project", by(BO, 2))
        add_grant(connection, permission, by(ANA, 2))
        assert list(faults(connection)) == []


def test_a_case_names_the_other_decision_about_its_accounts(held: CaseStore) -> None:
    """A person who is let out of the ring and stays suspended by her own case is not overlooked."""
    with held.writing() as connection:
        own = decide(connection, 2, Ruling("throttle", "fast", "5", shadow=False), by(ANA, 1))
        end_case(connection, CASE, "reinstate", "a mistake", by(BO, 2))
        others = describe_case(connection, CASE)["other_decisions"]
        assert others == [{"account": "bob", "case": 2, "decision": own, "effect": "throttle"}]
        end_case(connection, 2, "reinstate", "a mistake", by(BO, 2))
        assert describe_case(connection, CASE)["other_decisions"] == []


def letter(
    connection: Connection, account: str, language: Language = "en", decision: int = 1
) -> tuple[str, str]:
    """Return the kind and the text of the letter to an account, without line breaks."""
    written = statement(connection, decision, language, SETTINGS, account)
    return written.kind, " ".join(written.text.split())


def test_every_account_gets_the_text_about_its_own_appeal(held: CaseStore) -> None:
    """The answer to one account is not told to the others."""
    with held.writing() as connection:
        before = letter(connection, "cal")
        appeal(connection, "ann")
        appeal(connection, "bob")
        answer(connection, "ann", "overturned")
        answer(connection, "bob", "upheld")
        assert letter(connection, "cal") == before
        kind, text = letter(connection, "ann")
        assert kind == "overturned"
        assert "taken the decision back for your account" in text
        assert "The decision ended for your account on 5 March 2026" in text
        assert "The appeal is overturned." in text
        kind, text = letter(connection, "bob")
        assert kind == "upheld"
        assert "The decision applies until" in text
        assert "The appeal is upheld." in text


@pytest.mark.parametrize(
    ("language", "said"), [("en", "back for your account"), ("fr", "pour votre compte")]
)
def test_a_released_account_gets_the_end(held: CaseStore, language: Language, said: str) -> None:
    """The text is the end for this account, also when the decision has ended for the others."""
    with held.writing() as connection:
        before = letter(connection, "bob", language)
        release_account(connection, CASE, "ann", "a class", by(BO, 2))
        first = letter(connection, "ann", language)
        assert first[0] == "end"
        assert said in first[1]
        assert letter(connection, "bob", language) == before
        end_case(connection, CASE, "reinstate", "a mistake", by(BO, 9))
        assert letter(connection, "ann", language) == first


def test_a_decision_that_replaced_another_has_no_text_to_a_released_account(
    held: CaseStore,
) -> None:
    """It never applied to the account; the command that prints the right text is named."""
    with held.writing() as connection:
        release_account(connection, CASE, "ann", "a class", by(BO, 2))
        version = read_case(connection, CASE).version
        suspend(connection, version=version)
        suspend(connection, version=version + 1)
        with pytest.raises(CasesError, match="never applied to ann") as refused:
            letter(connection, "ann", decision=3)
        assert refused.value.hint == "give --decision 1"
        assert letter(connection, "ann")[0] == "end"
        assert letter(connection, "bob", decision=3)[0] == "suspend"


@pytest.mark.parametrize(
    ("language", "said"),
    [("en", "decision 2 still applies to your account"),
     ("fr", "la décision n° 2 s’applique toujours à votre compte")],
)  # fmt: skip
@pytest.mark.parametrize("how", ["release", "appeal", "reinstate", "expire"])
def test_the_letter_names_the_other_decision(
    held: CaseStore, language: Language, said: str, how: str
) -> None:
    """An account that another case still suspends is not told that it works again."""
    with held.writing() as connection:
        decide(connection, 2, Ruling("throttle", "fast", "5", shadow=False), by(ANA, 1))
        if how == "release":
            release_account(connection, CASE, "bob", "a class", by(BO, 2))
        elif how == "appeal":
            appeal(connection, "bob")
            answer(connection, "bob", "overturned")
        elif how == "reinstate":
            end_case(connection, CASE, "reinstate", "a mistake", by(BO, 2))
        else:
            expire_decisions(connection, moment(60))
        _, text = letter(connection, "bob", language)
        assert said in text.replace("\u00a0", " ")
        assert "few minutes" not in text
        assert "Quelques minutes" not in text
        end_case(connection, 2, "reinstate", "a mistake", by(BO, 5))
        _, text = letter(connection, "bob", language)
        assert said not in text.replace("\u00a0", " ")


@pytest.mark.parametrize(
    ("language", "said"), [("en", "If another decision"), ("fr", "Si une autre décision")]
)
def test_a_text_to_all_accounts_mentions_other_decisions(
    held: CaseStore, language: Language, said: str
) -> None:
    """Nobody knows which of them is held by another decision, and none may be named."""
    with held.writing() as connection:
        end_case(connection, CASE, "reinstate", "a mistake", by(BO, 2))
        assert said in letter(connection, "", language)[1]


def test_a_hint_with_a_hostile_name_runs_nothing() -> None:
    """The name of an account is one word for a shell, whatever is in it."""
    name = "a; touch '$(id)'"
    command = member_command("release", 3, name)
    assert shlex.split(command) == ["ringfence", "case", "release", "case:3", "--account", name]
