"""Test what the policy proposes for one finding, and when it leaves the decision to a person."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.cases.findings import at, finding, moment, ring
from tests.policy.policies import SUSPEND, policy, proposed, surely

from ringfence.cases.growth import Snapshot
from ringfence.model.details import AccountDetails
from ringfence.model.finding import Action, Coverage, Finding
from ringfence.policy import AccountFacts, Budget, CaseHistory, PastDecision, classes_of, propose
from ringfence.policy_settings import AccountClass, ClassSettings

CLASSES = st.frozensets(st.sampled_from(get_args(AccountClass)))
ACTIONS = st.sampled_from(get_args(Action))


def decision(action: Action, day: float, items: int = 100, **changes: Any) -> PastDecision:  # noqa: ANN401 - any field
    """Return a decision about one account that had taken some items in ten days."""
    known = Snapshot(
        moment(day), "extracting", items, frozenset({"ann"}), moment(day - 10), moment(day)
    )
    return PastDecision(action, known, **changes)


def decided(action: Action, day: float, **changes: Any) -> CaseHistory:  # noqa: ANN401 - any field
    """Return the history of a case with one decision."""
    return CaseHistory("decided", (decision(action, day, **changes),))


def test_without_rules_the_advice_is_proposed() -> None:
    """Nothing is automatic unless a rule says so."""
    answer = surely(proposed(policy()))
    assert (answer.action, answer.rule, answer.automatic) == ("suspend", 0, False)
    assert answer.why == "No rule applies; this is the advice for the verdict."


def test_the_first_rule_that_applies_wins() -> None:
    """A rule whose conditions do not hold is passed over; the rule after the first is not used."""
    settings = policy(
        {"action": "observe", "verdict": "suspect"},
        {"action": "throttle", "least_items": 1_000, "automatic": True, "ground": "5.2"},
        {"action": "suspend"},
    )
    answer = surely(proposed(settings))
    assert (answer.action, answer.rule, answer.ground, answer.automatic) == (
        "throttle", 2, "5.2", True,
    )  # fmt: skip
    assert surely(proposed(settings, finding(items=999))).rule == 3


@pytest.mark.parametrize(
    ("condition", "met", "missed"),
    [
        ({"verdict": "suspect"}, finding(verdict="suspect"), finding()),
        ({"kind": "ring"}, ring("ann", "bob"), finding()),
        ({"least_items": 10}, finding(items=10), finding(items=9)),
        ({"most_p_value": 1e-6}, finding(p_value=1e-6), finding(p_value=math.nan)),
        (
            {"least_coverage": 0.5},
            finding(coverage=Coverage(0.5, 0.1)),
            finding(coverage=Coverage(0.4, 0.9)),
        ),
    ],
)
def test_each_condition_is_looked_at(
    condition: dict[str, Any], met: Finding, missed: Finding
) -> None:
    """A rule applies at the bound of its condition, and not beyond it."""
    settings = policy({**SUSPEND, **condition})
    assert surely(proposed(settings, met)).rule == 1
    assert surely(proposed(settings, missed)).rule == 0


def test_all_accounts_of_a_ring_must_be_of_the_class() -> None:
    """A rule for new accounts does not reach the ring in which one account is old."""
    settings = policy({**SUSPEND, "account_class": "new"})
    new, old = AccountFacts(frozenset({"new"})), AccountFacts()
    assert surely(proposed(settings, ring("ann", "bob"), new, new)).automatic
    assert surely(proposed(settings, ring("ann", "bob"), new, old)).rule == 0


def test_the_reason_is_the_text_of_the_rule_or_the_finding_in_words() -> None:
    """A decision never lacks a reason."""
    assert surely(proposed(policy({**SUSPEND, "reason": "Bulk access."}))).reason == "Bulk access."
    assert surely(proposed(policy(SUSPEND))).reason == (
        "The verdict is extracting. Took 900 items on its busiest day."
    )
    assert surely(proposed(policy(SUSPEND), finding(evidence=()))).reason


@given(classes=CLASSES, action=ACTIONS)
def test_employees_and_institutions_wait_for_a_person(
    classes: frozenset[AccountClass], action: Action
) -> None:
    """Whatever a rule for everybody says, it decides about no protected account by itself."""
    answer = surely(proposed(policy({**SUSPEND, "action": action}), None, AccountFacts(classes)))
    assert answer.automatic == (not classes & {"employee", "institution"})


@given(classes=CLASSES)
def test_a_rule_that_names_a_protected_class_may_be_automatic(
    classes: frozenset[AccountClass],
) -> None:
    """The owner has thought of institutions then, and employees still wait."""
    settings = policy({**SUSPEND, "action": "throttle", "account_class": "institution"})
    answer = surely(proposed(settings, None, AccountFacts(classes)))
    assert answer.automatic == ("institution" in classes and "employee" not in classes)


def test_one_employee_protects_a_ring() -> None:
    """The decision is about all accounts of a ring, so it waits."""
    employee = AccountFacts(frozenset({"employee"}))
    answer = surely(proposed(policy(SUSPEND), ring("ann", "bob"), AccountFacts(), employee))
    assert answer.why == "An account of class employee waits for a person."


@given(minute=st.integers(0, 3 * 1440), action=ACTIONS)
def test_nothing_is_automatic_in_quiet_hours(minute: int, action: Action) -> None:
    """The same finding is decided outside them."""
    settings = policy({**SUSPEND, "action": action}, quiet_hours=["22:00-07:00"])
    now = datetime(2026, 3, 2, tzinfo=UTC) + timedelta(minutes=minute)
    answer = propose(settings, finding(), [AccountFacts()], CaseHistory(), Budget(5), now)
    assert surely(answer).automatic == (7 <= now.hour < 22)


@given(used=st.integers(0, 12), accounts=st.integers(1, 12), action=ACTIONS)
def test_past_the_limit_everything_waits(used: int, accounts: int, action: Action) -> None:
    """A ring counts with all its accounts. At the limit, milder actions wait as well."""
    found = ring(*(f"a{number}" for number in range(accounts)))
    answer = surely(proposed(policy({**SUSPEND, "action": action}), found, budget=Budget(10, used)))
    assert answer.automatic == (used < 10 and (action != "suspend" or used + accounts <= 10))


@pytest.mark.parametrize(
    "history",
    [
        CaseHistory("dismissed"),
        CaseHistory("allowed"),
        CaseHistory("closed"),
        CaseHistory("appealed"),
        decided("throttle", -3, by_machine=False),
        decided("suspend", -3),
    ],
)
def test_nothing_is_proposed_about_what_is_settled(history: CaseHistory) -> None:
    """A person has decided, an appeal is open, or the action is taken already."""
    assert proposed(policy(SUSPEND), history=history) is None


def test_a_milder_decision_of_the_policy_is_replaced() -> None:
    """The finding has become worse, so that a stricter rule applies."""
    answer = surely(proposed(policy(SUSPEND), history=decided("throttle", -1)))
    assert (answer.action, answer.automatic) == ("suspend", True)


def test_without_the_accounts_table_protected_classes_wait() -> None:
    """An account of which nothing is known may be an employee's. Without classes, nobody asks."""
    unknown = AccountFacts(listed=False)
    classes = {"classes": {"institution": ["library"]}}
    answer = surely(
        proposed(policy(SUSPEND, **classes), ring("ann", "bob"), AccountFacts(), unknown)
    )
    assert answer.why.startswith("The plan and the state of 1 of its accounts are not known")
    assert surely(proposed(policy(SUSPEND, **classes), None, AccountFacts())).automatic
    assert surely(proposed(policy(SUSPEND), None, unknown)).automatic


def test_after_a_favour_a_person_decides() -> None:
    """The policy does not act on an account that a person has freed, whatever its rules say."""
    answer = surely(proposed(policy(SUSPEND), history=CaseHistory("open", left_to_people=1)))
    assert answer.why == "A person has decided about this account before."
    answer = surely(proposed(policy(SUSPEND), history=CaseHistory("open", left_to_people=1_200)))
    assert answer.why == "A person has decided about 1,200 accounts before."


@pytest.mark.parametrize(("members", "again"), [(2, False), (3, False), (4, True), (52, True)])
def test_a_ring_that_has_grown_is_decided_again(members: int, again: bool) -> None:
    """The suspension in force holds two accounts, and the ring has more now."""
    found = ring(*(f"a{number}" for number in range(members)))
    known = Snapshot(
        moment(-3), "extracting", 100, frozenset({"a0", "a1"}), moment(-10), moment(-3)
    )
    history = CaseHistory("decided", (PastDecision("suspend", known),))
    assert (proposed(policy(SUSPEND), found, history=history) is not None) is again


@pytest.mark.parametrize(
    ("members", "again"), [("abcd", False), ("abcz", False), ("abyz", True), ("wxyz", True)]
)
def test_a_ring_with_other_members_is_decided_again(members: str, again: bool) -> None:
    """The suspension in force holds a, b, c and d, and the ring has four members now as well."""
    known = Snapshot(moment(-3), "extracting", 100, frozenset("abcd"), moment(-10), moment(-3))
    history = CaseHistory("decided", (PastDecision("suspend", known),))
    assert (proposed(policy(SUSPEND), ring(*members), history=history) is not None) is again


@pytest.mark.parametrize(
    ("items", "again"), [(1_002, False), (1_099, False), (1_300, False), (1_400, True)]
)
def test_only_use_at_pace_escalates(items: int, again: bool) -> None:
    """1,000 items in ten days were throttled. After seven days, half of that pace is 350 more."""
    settings = policy({"action": "throttle", "automatic": True}, escalate=["throttle", "suspend"])
    history = decided("throttle", -7, items=1_000)
    answer = proposed(settings, finding(items=items), history=history, day=0)
    assert (answer is not None) is again


@pytest.mark.parametrize(
    ("before", "last", "action"),
    [
        (("throttle", -7), 0, "challenge"),
        (("throttle", -6), 0, None),
        (("throttle", -7), -8, None),
        (("challenge", -7), 0, "suspend"),
        (("suspend", -30), 0, None),
        (("observe", -30), 0, "throttle"),
    ],
)
def test_a_finding_that_continues_escalates(
    before: tuple[Action, float], last: float, action: Action | None
) -> None:
    """The next step follows after some days, and only if the account was active since."""
    settings = policy(
        {"action": "throttle", "automatic": True},
        escalate=["throttle", "challenge", "suspend"],
        escalate_days=7,
    )
    answer = proposed(settings, finding(last=at(last)), history=decided(*before), day=0)
    assert (answer.action if answer else None) == action


def test_escalation_goes_on_after_a_decision_has_ended() -> None:
    """A decision whose time was over was followed by more of the same."""
    settings = policy({"action": "throttle", "automatic": True}, escalate=["throttle", "suspend"])
    before = decision("throttle", -20, in_force=False)
    answer = proposed(settings, history=CaseHistory("open", (before,)))
    assert surely(answer).action == "suspend"


@given(rule=ACTIONS, before=ACTIONS, days=st.integers(0, 60))
def test_a_stolen_login_is_never_sanctioned(rule: Action, before: Action, days: int) -> None:
    """Neither a rule nor an escalation throttles or suspends its owner."""
    settings = policy({**SUSPEND, "action": rule}, escalate=["throttle", "challenge", "suspend"])
    facts = AccountFacts(stolen="Unlike its past.")
    history = decided(before, -days)
    for known in (CaseHistory(), history):
        answer = proposed(settings, None, facts, history=known)
        assert answer is None or answer.action in {"observe", "challenge"}
    first = surely(proposed(policy(SUSPEND), None, facts))
    assert first.action == "challenge"
    assert first.reason == (
        "The login may be stolen. Reset the credentials and contact the owner. Unlike its past."
    )


def test_a_rule_that_throttles_challenges_a_stolen_login() -> None:
    """A slower account does not help its owner, and the reason does not accuse anybody."""
    rules = policy({"action": "throttle", "automatic": True, "reason": "Copying."})
    answer = surely(proposed(rules, None, AccountFacts(stolen="Unlike its past.")))
    assert (answer.action, answer.automatic) == ("challenge", True)
    assert answer.reason.startswith("The login may be stolen.")


def test_a_few_stolen_logins_in_a_ring_are_for_a_person() -> None:
    """A ring is decided about as a whole, so its honest owners would be hit."""
    stolen, thief = AccountFacts(stolen="Unlike its past."), AccountFacts()
    answer = surely(proposed(policy(SUSPEND), ring("a", "b", "c"), stolen, thief, thief))
    assert answer.why == "1 of its logins may be stolen: decide about these accounts apart."
    assert surely(proposed(policy(SUSPEND), ring("a", "b"), stolen, thief)).action == "challenge"


def test_classes_come_from_plan_status_and_age() -> None:
    """Case does not matter, and an account may be in several classes."""
    settings = ClassSettings(new_days=10, paying=("Gold",), employee=("staff",))
    details = AccountDetails(plan="gold ", status="STAFF", created=at(-9))
    assert classes_of(details, settings, at(0)) == {"paying", "employee", "new"}
    assert classes_of(AccountDetails(created=at(-10)), settings, at(0)) == frozenset()
    assert classes_of(None, settings, at(0)) == frozenset()
