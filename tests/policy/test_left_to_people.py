"""The policy never acts by itself on an account about which a person has decided."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule
from sqlalchemy import Connection, select
from tests.cases.findings import ANA, BO, at, by, finding, moment, ring
from tests.policy.policies import SUSPEND, policy
from tests.policy.test_applying import ENFORCE, scan

from ringfence.cases import (
    CaseStore,
    Ruling,
    answer_appeal,
    decide,
    decision_in_force,
    dismiss,
    end_case,
    open_store,
    receive_appeal,
    record,
    release_account,
)
from ringfence.cases.erasure import erase_account
from ringfence.cases.left_to_people import left_to_people
from ringfence.cases.moving import read_case
from ringfence.cases.outbox import all_states
from ringfence.cases.retention import Retention, prune
from ringfence.cases.schema import CLEARED, MEMBERS
from ringfence.errors import CasesError
from ringfence.model.finding import Action, Finding

RULES = policy({**SUSPEND, "days": 3}, **ENFORCE)
WHY = "A person has decided about this account before."


def release(store: CaseStore) -> None:
    """Suspend a ring, and release ann."""
    scan(store, RULES, 0, [ring("ann", "bob", "cal")])
    with store.writing() as connection:
        release_account(connection, 1, "ann", "a mistake", by(ANA, 1))


def grant_appeal(store: CaseStore) -> None:
    """Suspend ann, and grant her appeal."""
    scan(store, RULES, 0, [finding("ann")])
    with store.writing() as connection:
        receive_appeal(connection, 1, "not me", moment(9), by(ANA, 1))
        answer_appeal(connection, 1, "overturned", "We agree.", by(BO, 2))


def grant_appeal_late(store: CaseStore) -> None:
    """Suspend ann, and grant her appeal after the suspension is over."""
    scan(store, RULES, 0, [finding("ann")])
    with store.writing() as connection:
        receive_appeal(connection, 1, "not me", moment(9), by(ANA, 1))
    scan(store, RULES, 5, [])
    with store.writing() as connection:
        answer_appeal(connection, 1, "overturned", "We agree.", by(BO, 6))


def dismiss_ring(store: CaseStore) -> None:
    """Dismiss a ring of six."""
    scan(store, policy(), 0, [ring(*"uvwxyz", "ann")])
    with store.writing() as connection:
        dismiss(connection, 1, "a class", by(ANA, 1))


def reinstate(store: CaseStore) -> None:
    """Suspend ann, and reinstate her."""
    scan(store, RULES, 0, [finding("ann")])
    with store.writing() as connection:
        end_case(connection, 1, "reinstate", "an archive", by(ANA, 1))


def observe(store: CaseStore) -> None:
    """Suspend ann; a person only observes her, for a day."""
    scan(store, RULES, 0, [finding("ann")])
    with store.writing() as connection:
        version = read_case(connection, 1).version
        order = Ruling("observe", "Let us see.", "5", moment(2), shadow=False)
        decide(connection, 1, order, by(ANA, 1, version))


@pytest.mark.parametrize(
    "favour", [release, grant_appeal, grant_appeal_late, dismiss_ring, reinstate, observe]
)
@pytest.mark.parametrize(
    "found",
    [
        [finding("ann", items=9_000, last=at(40))],
        [ring("ann", "bob", "cal", items=9_000, last=at(40))],
        [ring("ann", "dan", "eve", items=9_000, last=at(40), name="ring-7")],
        [ring("ann", "u", "v", name="a"), ring("w", "x", "y", "z", name="b")],
    ],
    ids=["own case", "the ring again", "another ring", "the ring in two parts"],
)
def test_whatever_case_the_account_is_in_a_person_decides(
    store: CaseStore, favour: Callable[[CaseStore], None], found: list[Finding]
) -> None:
    """Forty days later it is found again, alone or with others."""
    favour(store)
    scan(store, RULES, 40, found)
    with store.reading() as connection:
        held = dict(all_states(connection))
        assert "ann" in left_to_people(connection, ["ann", "nobody"])
    assert "ann" not in held
    if favour is dismiss_ring:
        assert not held.keys() & set("uvwxyz")


def test_the_proposal_says_why(store: CaseStore) -> None:
    """One account is named as this account, several are counted."""
    release(store)
    (outcome,) = scan(store, RULES, 40, [finding("ann", items=9_000, last=at(40))])
    assert outcome.decision is None
    assert outcome.proposal is not None
    assert outcome.proposal.why == WHY
    scan(store, policy(), 41, [ring("dan", "eve", name="ring-8")])
    with store.writing() as connection:
        case = max(connection.execute(select(MEMBERS.c.case_id)).scalars())
        dismiss(connection, case, "a class", by(ANA, 42))
    found = ring("dan", "eve", "flo", name="ring-8", items=99_000, last=at(43))
    (outcome,) = scan(store, RULES, 43, [found])
    assert outcome.proposal is not None
    assert outcome.proposal.why == "A person has decided about 2 accounts before."


def test_pruning_forgets_no_favour_and_an_erasure_does(store: CaseStore) -> None:
    """The mark is personal data: it stays for good, unless the account is erased."""
    reinstate(store)
    with store.writing() as connection:
        prune(connection, Retention(case_days=5, outbox_days=5, audit_days=5), by(ANA, 100))
    with store.reading() as connection:
        assert left_to_people(connection, ["ann"]) == {"ann"}
    assert scan(store, RULES, 101, [finding("ann")])[0].decision is None
    with store.writing() as connection:
        erase_account(connection, "ann", "request 7", by(ANA, 102))
        assert left_to_people(connection, ["ann"]) == frozenset()


def in_favour(connection: Connection) -> dict[str, bool]:
    """Return the accounts about which a person has decided, and whether it was in their favour."""
    return {row.account: row.favour for row in connection.execute(select(CLEARED))}


def test_a_harder_decision_takes_no_favour_from_a_released_account(store: CaseStore) -> None:
    """The new decision does not apply to it either."""
    release(store)
    with store.writing() as connection:
        version = read_case(connection, 1).version
        order = Ruling("suspend", "They go on.", "5", shadow=False)
        decide(connection, 1, order, by(BO, 2, version))
        assert in_favour(connection) == {"ann": True, "bob": False, "cal": False}


@pytest.mark.parametrize("action", ["suspend", "observe"])
def test_shadow_mode_gives_and_takes_no_favour(store: CaseStore, action: Action) -> None:
    """A decision in shadow mode changes nothing, but the policy leaves the accounts to people."""
    scan(store, RULES, 0, [finding("ann")])
    with store.writing() as connection:
        end_case(connection, 1, "reinstate", "an archive", by(ANA, 1))
        record(connection, [ring("ann", "bob")], moment(2))
        decide(connection, 2, Ruling(action, "Together.", "5"), by(BO, 3))
        assert in_favour(connection) == {"ann": True, "bob": False}


def test_a_milder_decision_clears_all_whom_the_harder_one_held(store: CaseStore) -> None:
    """The ring has changed since, and a member who left it was freed by the decision as well."""
    scan(store, RULES, 0, [ring("ann", "bob")])
    scan(store, RULES, 1, [ring("bob", "cal")])
    with store.writing() as connection:
        version = read_case(connection, 1).version
        order = Ruling("observe", "Let us see.", "5", moment(3), shadow=False)
        decide(connection, 1, order, by(ANA, 2, version))
        assert left_to_people(connection, ["ann", "bob", "cal"]) == {"ann", "bob", "cal"}
    scan(store, RULES, 40, [finding("ann", items=9_000, last=at(40))])
    with store.reading() as connection:
        assert dict(all_states(connection)) == {}


def test_the_policy_clears_nobody(store: CaseStore) -> None:
    """A milder decision of the program, or its end, does not come from a person."""
    scan(store, RULES, 0, [finding("ann")])
    scan(store, RULES, 5, [])
    with store.reading() as connection:
        assert left_to_people(connection, ["ann"]) == frozenset()
    assert scan(store, RULES, 9, [finding("ann", items=9_000, last=at(9))])[0].decision


NAMES = ("ann", "bob", "cal", "dan", "eve")
GROUPS = st.sets(st.sampled_from(NAMES), min_size=1)


class Favours(RuleBasedStateMachine):
    """Scan, release, appeal, dismiss, reinstate and prune in any order."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory(prefix="ringfence-favours-")
        self.store = open_store(Path(self.folder.name) / "cases.sqlite")
        self.day = 0.0
        self.freed: set[str] = set()
        self.held: set[str] = set()

    @rule(groups=st.lists(GROUPS, min_size=1, max_size=2), days=st.integers(1, 9))
    def find(self, groups: list[set[str]], days: int) -> None:
        """Find accounts and rings, which take as many items as ever."""
        self.day += days
        found: dict[str, Finding] = {}
        changes = {"items": int(1_000 + 200 * self.day), "last": at(self.day)}
        for group in groups:
            names = sorted(group - {name for one in found.values() for name in one.accounts})
            if len(names) == 1:
                found[names[0]] = finding(names[0], **changes)
            elif names:
                found["-".join(names)] = ring(*names, name="-".join(names), **changes)
        scan(self.store, RULES, self.day, list(found.values()))

    @rule(case=st.integers(1, 4), account=st.sampled_from(NAMES), how=st.integers(0, 3))
    def favour(self, case: int, account: str, how: int) -> None:
        """Decide in favour of an account or of a case, if there is anything to decide."""
        act = by(BO, self.day)
        try:
            with self.store.writing() as connection:
                row = read_case(connection, case)
                decision = decision_in_force(connection, case)
                members = members_of(connection, case)
                if how == 0:
                    release_account(connection, case, account, "a mistake", act)
                    self.freed.add(account)
                elif how == 1:
                    end_case(connection, case, "reinstate", "a mistake", act)
                    self.freed |= members
                elif how == 2:
                    dismiss(connection, case, "a class", act)
                    self.freed |= members
                elif decision is not None:
                    order = Ruling("observe", "Let us see.", "5", moment(self.day + 2), False)
                    decide(connection, case, order, by(BO, self.day, row.version))
                    self.freed |= members
        except CasesError:
            return

    @rule()
    def prune(self) -> None:
        """Remove what is old."""
        self.day += 40
        with self.store.writing() as connection:
            days = Retention(case_days=20, outbox_days=20, audit_days=20)
            prune(connection, days, by(ANA, self.day))

    @invariant()
    def nobody_freed_is_held_again(self) -> None:
        """An account that a person has freed is never held by the policy again."""
        with self.store.reading() as connection:
            held = {account for account, _ in all_states(connection)}
        assert not (held - self.held) & self.freed
        self.held = held

    def teardown(self) -> None:
        """Close the store."""
        self.store.close()
        self.folder.cleanup()


def members_of(connection: Connection, case: int) -> set[str]:
    """Return the accounts of a case."""
    query = select(MEMBERS.c.account).where(MEMBERS.c.case_id == case)
    return set(connection.execute(query).scalars())


TestFavours = Favours.TestCase
TestFavours.settings = settings(max_examples=30, stateful_step_count=15, deadline=None)
