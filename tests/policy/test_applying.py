"""Test how the policy decides about the findings of scans, in a store."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from threading import Thread
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select
from tests.cases.conftest import NewUrl
from tests.cases.findings import ANA, BO, at, by, finding, moment, ring
from tests.policy.policies import SUSPEND, policy

from ringfence.cases import (
    CaseStore,
    Ruling,
    answer_appeal,
    decide,
    decision_in_force,
    decisions_of,
    dismiss,
    end_case,
    expire_decisions,
    faults,
    open_store,
    receive_appeal,
    record,
)
from ringfence.cases.moments import MICROSECONDS_PER_DAY
from ringfence.cases.moving import read_case
from ringfence.cases.outbox import state_of
from ringfence.cases.proposals import PROPOSALS, proposal_of
from ringfence.cases.retention import Retention, prune
from ringfence.cases.schema import AUDIT, DECISIONS
from ringfence.model.finding import Action, Finding
from ringfence.policy import AccountFacts, PolicyOutcome, ScanFacts, apply_policy
from ringfence.policy_settings import PolicySettings

EMPLOYEE = AccountFacts(frozenset({"employee"}))
ENFORCE: dict[str, Any] = {"mode": "enforce", "most_share_per_day": 1}


def scan(
    store: CaseStore,
    rules: PolicySettings,
    day: float,
    findings: Sequence[Finding],
    facts: dict[str, AccountFacts] | None = None,
) -> tuple[PolicyOutcome, ...]:
    """Do what a scan does with its findings on a day."""
    with store.writing() as connection:
        expire_decisions(connection, moment(day))
        statuses = record(connection, findings, moment(day))
        known = ScanFacts(facts or {}, 1_000)
        return apply_policy(connection, rules, findings, statuses, known, moment(day))


def test_shadow_mode_is_recorded_and_says_so(store: CaseStore) -> None:
    """By default a decision says what would have happened, with reason, ground, author and end."""
    (outcome,) = scan(store, policy({**SUSPEND, "days": 5}, ground="5.2"), 0, [finding()])
    with store.reading() as connection:
        row = decision_in_force(connection, 1)
    assert row is not None
    assert row.id == outcome.decision
    assert (row.shadow, row.action, row.author, row.decided_by_machine) == (
        True, "suspend", "policy", True,
    )  # fmt: skip
    assert (row.ground, row.until) == ("5.2", moment(5))
    assert row.reason == "The verdict is extracting. Took 900 items on its busiest day."


def test_zero_days_have_no_end(store: CaseStore) -> None:
    """Such a decision stays until a person ends it."""
    scan(store, policy({**SUSPEND, "days": 0}, **ENFORCE), 0, [finding()])
    with store.reading() as connection:
        row = decision_in_force(connection, 1)
    assert row is not None
    assert (row.until, row.shadow) == (None, False)


def test_a_decision_is_made_once(store: CaseStore) -> None:
    """The next scan finds the account again, and there is nothing to do."""
    rules = policy(SUSPEND)
    scan(store, rules, 0, [finding()])
    assert scan(store, rules, 1, [finding()]) == (PolicyOutcome(None),)
    with store.reading() as connection:
        assert len(list(decisions_of(connection, 1))) == 1


def test_enforcing_renews_what_was_decided_in_shadow_mode(store: CaseStore) -> None:
    """A decision in shadow mode has had no effect, so it is replaced by one that has."""
    scan(store, policy(SUSPEND), 0, [finding()])
    scan(store, policy(SUSPEND, **ENFORCE), 1, [finding()])
    with store.reading() as connection:
        assert [(row.shadow, row.ended) for row in decisions_of(connection, 1)] == [
            (True, moment(1)),
            (False, None),
        ]


def test_a_proposal_waits_for_a_person(store: CaseStore) -> None:
    """It says what is proposed and why a person must decide. The case stays open."""
    rules = policy({"action": "throttle", "days": 3, "reason": "Bulk access.", "ground": "7"})
    scan(store, rules, 0, [finding()])
    with store.reading() as connection:
        row = proposal_of(connection, 1)
        assert row is not None
        assert (row.action, row.days, row.reason, row.ground, row.rule, row.why) == (
            "throttle", 3, "Bulk access.", "7", 1, "Rule 1 asks for a review.",
        )  # fmt: skip
        assert read_case(connection, 1).state == "open"
        assert decision_in_force(connection, 1) is None


def test_the_same_proposal_is_audited_once(store: CaseStore) -> None:
    """Its reason has new numbers every day; the audit has one row per new proposal."""
    for day in range(3):
        scan(store, policy({"action": "throttle"}), day, [finding(items=1_000 + day)])
    scan(store, policy({"action": "suspend"}), 3, [finding()])
    with store.reading() as connection:
        count = select(func.count()).where(AUDIT.c.event == "proposal")
        assert connection.execute(count).scalar() == 2
        assert not list(faults(connection))


def test_a_proposal_ends_with_the_decision(store: CaseStore) -> None:
    """After a person has decided, the old proposal is not shown, and the next scan removes it."""
    scan(store, policy({"action": "throttle"}), 0, [finding()])
    with store.writing() as connection:
        decide(connection, 1, Ruling("observe", "Wait.", "5"), by(ANA, 0.5))
        assert proposal_of(connection, 1) is None
    scan(store, policy({"action": "throttle"}), 1, [finding()])
    with store.reading() as connection:
        assert connection.execute(select(func.count()).select_from(PROPOSALS)).scalar() == 0


@pytest.mark.parametrize("mode", ["shadow", "enforce"])
def test_a_person_is_never_overruled(store: CaseStore, mode: str) -> None:
    """The milder decision of a person stays, even if it was made in shadow mode."""
    rules = policy(SUSPEND, mode=mode)
    scan(store, policy(), 0, [finding()])
    with store.writing() as connection:
        decide(connection, 1, Ruling("observe", "A known archive.", "5"), by(ANA, 0.5))
    assert scan(store, rules, 1, [finding()]) == (PolicyOutcome(None),)


def test_what_a_person_has_undone_is_not_repeated(store: CaseStore) -> None:
    """After a reinstatement or a successful appeal, the finding waits for a person."""
    rules = policy(SUSPEND, **ENFORCE)
    scan(store, rules, 0, [finding("ann"), finding("bob")])
    with store.writing() as connection:
        end_case(connection, 1, "reinstate", "An archive.", by(ANA, 1))
        receive_appeal(connection, 2, "It was not me.", moment(9), by(ANA, 1))
    assert scan(store, rules, 1.5, [finding("bob")]) == (PolicyOutcome(None),)
    with store.writing() as connection:
        answer_appeal(connection, 2, "overturned", "We agree.", by(BO, 2))
    # Both go on as before, so the scan opens their cases again.
    again = [finding(name, items=2_000, last=at(12)) for name in ("ann", "bob")]
    for outcome in scan(store, rules, 12, again):
        assert outcome.proposal is not None
        assert outcome.proposal.why == "A person has decided about this account before."
        assert outcome.decision is None


@pytest.mark.parametrize(
    "reason", ["replaced by decision of the board: wrong person", "replaced by decision 1"]
)
def test_a_reason_that_looks_like_a_replacement_is_a_persons(store: CaseStore, reason: str) -> None:
    """A reinstatement counts as one whatever words the reviewer chooses."""
    rules = policy(SUSPEND, **ENFORCE)
    scan(store, rules, 0, [finding()])
    with store.writing() as connection:
        end_case(connection, 1, "reinstate", reason, by(ANA, 1))
    (outcome,) = scan(store, rules, 12, [finding(items=2_000, last=at(12))])
    assert outcome.decision is None
    assert outcome.proposal is not None
    assert outcome.proposal.why == "A person has decided about this account before."


def test_after_a_persons_stricter_decision_the_policy_waits(store: CaseStore) -> None:
    """A person has replaced a throttle by a suspension, which is over."""
    rules = policy({**SUSPEND, "action": "throttle"}, **ENFORCE)
    scan(store, rules, 0, [finding()])
    with store.writing() as connection:
        version = read_case(connection, 1).version
        order = Ruling("suspend", "Stricter.", "5", moment(2), shadow=False)
        decide(connection, 1, order, by(ANA, 1, version))
    assert scan(store, rules, 12, [finding(items=2_000, last=at(12))])[0].decision is None


@pytest.mark.parametrize(
    ("action", "days"), [("observe", 3), ("throttle", 30), ("suspend", 3), ("suspend", 90)]
)
@pytest.mark.parametrize("how", ["own case", "ring", "pruned", "in force"])
def test_after_a_decision_of_a_person_the_policy_waits(
    store: CaseStore, action: Action, days: int, how: str
) -> None:
    """The policy would suspend for 30 days. Whatever the person decided, it asks again."""
    with store.writing() as connection:
        record(connection, [finding("ann")], moment(0))
        order = Ruling(action, "So.", "5", moment(1 + days), shadow=False)
        decide(connection, 1, order, by(ANA, 1))
    day = 2 if how == "in force" else 200
    if how == "pruned":
        with store.writing() as connection:
            expire_decisions(connection, moment(100))
            prune(connection, Retention(case_days=30), by(ANA, 150))
    found = finding("ann", items=9_000, last=at(day))
    if how in {"ring", "in force"}:
        found = ring("ann", "bob", items=9_000, last=at(day))
    (outcome,) = scan(store, policy(SUSPEND, **ENFORCE), day, [found])
    assert outcome.decision is None
    if outcome.proposal is not None:
        assert outcome.proposal.why == "A person has decided about this account before."


def test_a_person_who_throttled_an_account_is_asked_about_its_ring(store: CaseStore) -> None:
    """The reviewer throttles where suspension was proposed, and the account comes up in a ring."""
    scan(store, policy({"action": "suspend"}), 0, [finding("ann")])
    with store.writing() as connection:
        decide(connection, 1, Ruling("throttle", "Enough.", "5", shadow=False), by(ANA, 1))
    (outcome,) = scan(store, policy(SUSPEND, **ENFORCE), 2, [ring("ann", "bob")])
    assert outcome.proposal is not None
    assert outcome.proposal.why == "A person has decided about this account before."


def test_what_a_person_has_dismissed_waits_for_a_person(store: CaseStore) -> None:
    """A scan opens the case again, and neither this scan nor a later one decides by itself."""
    rules = policy(SUSPEND, **ENFORCE)
    scan(store, policy(), 0, [finding("ann"), finding("bob")])
    with store.writing() as connection:
        dismiss(connection, 1, "A library's scanner, agreed by phone.", by(ANA, 1))
    for day in (9, 12):
        found = [finding(name, items=1_000 * day, last=at(day)) for name in ("ann", "bob")]
        first, second = scan(store, rules, day, found)
        assert first.decision is None
        assert first.proposal is not None
        assert first.proposal.why == "A person has decided about this account before."
        assert bool(second.decision) == (day == 9)


STOLEN = AccountFacts(stolen="It is unlike its own past.")


@pytest.mark.parametrize("action", ["throttle", "suspend"])
@pytest.mark.parametrize("days", [0, 3])
@pytest.mark.parametrize("mode", ["shadow", "enforce"])
def test_the_owner_is_not_sanctioned_after_the_thief_has_gone(
    store: CaseStore, action: str, days: int, mode: str
) -> None:
    """The signs fade, and the decision that named them counts, in force, over or in shadow mode."""
    rule = {"action": action, "automatic": True, "days": days}
    scan(store, policy(rule, mode=mode, most_share_per_day=1), 0, [finding()], {"ann": STOLEN})
    rules = policy(rule, escalate=["throttle", "challenge", "suspend"], **ENFORCE)
    for day in (1, 5, 50):
        scan(store, rules, day, [finding(items=1_000 + day, last=at(day))])
    with store.reading() as connection:
        made = list(decisions_of(connection, 1))
    assert {row.action for row in made} == {"challenge"}
    assert all(row.reason.startswith("The login may be stolen.") for row in made)


def test_a_ring_is_not_suspended_with_a_login_that_was_stolen(store: CaseStore) -> None:
    """The decision about the account also counts where a later ring has it as a member."""
    rules = policy({**SUSPEND, "days": 0}, **ENFORCE)
    scan(store, rules, 0, [finding()], {"ann": STOLEN})
    (outcome,) = scan(store, rules, 40, [ring("ann", "bob", "cyd")])
    assert outcome.decision is None
    assert outcome.proposal is not None
    assert outcome.proposal.why == (
        "1 of its logins may be stolen: decide about these accounts apart."
    )


def test_a_person_who_disagrees_ends_the_mark_of_a_stolen_login(store: CaseStore) -> None:
    """Only the last decision counts: after another one that has ended, the rule applies again."""
    rules = policy(SUSPEND, **ENFORCE)
    scan(store, rules, 0, [finding()], {"ann": STOLEN})
    with store.writing() as connection:
        version = read_case(connection, 1).version
        order = Ruling("throttle", "The owner confirms the use.", "5", moment(2), shadow=False)
        decide(connection, 1, order, by(ANA, 1, version))
    (outcome,) = scan(store, rules, 9, [finding(items=9_000, last=at(9))])
    assert outcome.proposal is not None
    assert outcome.proposal.action == "suspend"


def test_a_continuing_finding_is_suspended_step_by_step(store: CaseStore) -> None:
    """Each step replaces the one before; the policy names it in the audit log."""
    rules = policy(
        {"action": "throttle", "automatic": True, "days": 60},
        escalate=["throttle", "challenge", "suspend"],
        escalate_days=7,
        **ENFORCE,
    )
    for day in range(30):
        scan(store, rules, day, [finding(items=1_000 + 100 * day, last=at(day))])
    with store.reading() as connection:
        rows = list(decisions_of(connection, 1))
        assert [(row.action, row.made) for row in rows] == [
            ("throttle", moment(0)),
            ("challenge", moment(7)),
            ("suspend", moment(14)),
        ]
        assert not list(faults(connection))


def test_shadow_mode_ends_no_decision_with_effect(store: CaseStore) -> None:
    """The throttle stays after a change to shadow mode; the next step waits for a person."""
    steps: dict[str, Any] = {"escalate": ["throttle", "suspend"], "escalate_days": 7}
    rule = {"action": "throttle", "automatic": True, "days": 60}
    scan(store, policy(rule, **steps, **ENFORCE), 0, [finding(last=at(0))])
    found = [finding(items=9_000, last=at(9))]
    for day in (9, 10):
        (outcome,) = scan(store, policy(rule, **steps), day, found)
        assert outcome.decision is None
    with store.reading() as connection:
        (row,) = decisions_of(connection, 1)
        waiting, state = proposal_of(connection, 1), state_of(connection, "ann")
        proposals = select(func.count()).where(AUDIT.c.event == "proposal")
        assert connection.execute(proposals).scalar() == 1
    assert (row.ended, row.shadow) == (None, False)
    assert state is not None
    assert state.effect == "throttle"
    assert waiting is not None
    assert (waiting.action, waiting.why) == (
        "suspend",
        "A decision with effect is in force, and shadow mode does not end it.",
    )


def test_limits_hold_for_several_scans_a_day(store: CaseStore) -> None:
    """The decisions of 24 hours count, whichever scan made them. A ring counts all its accounts."""
    rules = policy(SUSPEND, most_suspensions_per_day=4, **ENFORCE)
    first = scan(store, rules, 0, [finding("a"), ring("b", "c"), ring("d", "e")])
    assert [bool(outcome.decision) for outcome in first] == [True, True, False]
    second = scan(store, rules, 0.5, [finding("f"), finding("g")])
    assert [bool(outcome.decision) for outcome in second] == [True, False]
    assert second[1].proposal is not None
    assert second[1].proposal.why == (
        "The policy has reached its limit of 4 suspensions in 24 hours."
    )
    assert scan(store, rules, 1.01, [finding("g")])[0].decision


def test_the_share_of_accounts_is_a_limit_too(store: CaseStore) -> None:
    """The smaller limit applies: 0.2 % of 1,000 accounts are two."""
    rules = policy(SUSPEND, mode="enforce", most_share_per_day=0.002)
    outcomes = scan(store, rules, 0, [finding(name) for name in "abc"])
    assert [bool(outcome.decision) for outcome in outcomes] == [True, True, False]


def test_limits_hold_for_two_processes(url: str) -> None:
    """Scans that write at the same time count each other's decisions."""
    rules = policy(SUSPEND, most_suspensions_per_day=5, **ENFORCE)

    def run(names: str) -> None:
        with open_store(url) as store:
            for name in names:
                scan(store, rules, 0, [finding(name)])

    open_store(url).close()
    threads = [Thread(target=run, args=(names,)) for names in ("abcdef", "ghijkl")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with open_store(url) as store, store.reading() as connection:
        assert connection.execute(select(func.count()).select_from(DECISIONS)).scalar() == 5


NAMES = ("ann", "bob", "cyd", "dan", "eve", "fay")

SCANS = st.lists(
    st.tuples(
        st.floats(0.05, 2),
        st.lists(st.sampled_from(NAMES), unique=True),
        st.lists(st.sampled_from(NAMES), unique=True, min_size=2),
    ),
    min_size=1,
    max_size=6,
)
"""Scans: days since the last one, accounts that are found, and the members of a ring."""

RULES = st.builds(
    lambda action, **more: policy({"action": action, "automatic": True, "days": 2}, **more),
    st.sampled_from(["throttle", "challenge", "suspend"]),
    mode=st.sampled_from(["shadow", "enforce"]),
    most_suspensions_per_day=st.integers(0, 8),
    most_share_per_day=st.just(1),
    quiet_hours=st.sampled_from([(), ("22:00-07:00",)]),
    escalate=st.sampled_from([(), ("throttle", "challenge", "suspend")]),
    escalate_days=st.just(0.5),
)


@pytest.mark.slow
@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(scans=SCANS, rules=RULES, employees=st.sets(st.sampled_from(NAMES), max_size=2))
def test_no_sequence_of_scans_breaks_a_promise(
    new_url: NewUrl,
    scans: list[tuple[float, list[str], list[str]]],
    rules: PolicySettings,
    employees: set[str],
) -> None:
    """Limits, quiet hours, protected classes and shadow mode hold in every decision."""
    facts = dict.fromkeys(employees, EMPLOYEE)
    suspended: dict[int, int] = defaultdict(int)
    with open_store(new_url()) as store:
        day = 0.0
        for number, (later, names, members) in enumerate(scans):
            day += later
            more = {"items": 1_000 * (number + 1), "last": at(day)}
            found = [finding(name, **more) for name in names] + [ring(*members, **more)]
            for one, outcome in zip(found, scan(store, rules, day, found, facts), strict=True):
                if outcome.decision:
                    assert not employees & set(one.accounts)
                    assert not rules.is_quiet(at(day))
                    assert outcome.proposal is not None
                    suspends = outcome.proposal.action == "suspend"
                    suspended[moment(day)] += len(one.accounts) if suspends else 0
        for end in suspended:
            in_a_day = sum(
                n for made, n in suspended.items() if end - MICROSECONDS_PER_DAY < made <= end
            )
            assert in_a_day <= rules.most_suspensions_per_day
        with store.reading() as connection:
            assert not list(faults(connection))
            for row in connection.execute(select(DECISIONS)):
                assert row.shadow == (rules.mode == "shadow")
                assert row.reason
