"""The effects of decisions are written with them, and follow from all decisions in force."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select
from tests.cases.findings import ANA, moment, ring
from tests.enforcement.acts import end, open_case, order

from ringfence.cases import Act, CaseStore, Ruling, decide, dismiss, expire_decisions, record
from ringfence.cases.effects import STRENGTH, Hold, strongest
from ringfence.cases.outbox import all_states, state_of
from ringfence.cases.schema import OUTBOX
from ringfence.errors import CasesError

HOLDS = st.builds(
    Hold,
    decision=st.integers(1, 9),
    effect=st.sampled_from(list(STRENGTH)),
    until=st.none() | st.integers(1, 9),
    ground=st.just(""),
)


def written(store: CaseStore, account: str) -> list[tuple[str, int]]:
    """Return the effects on an account, each with the number of its decision."""
    query = select(OUTBOX.c.effect, OUTBOX.c.decision_id).where(OUTBOX.c.account == account)
    with store.reading() as connection:
        return [tuple(row) for row in connection.execute(query.order_by(OUTBOX.c.id))]


@given(st.lists(HOLDS, max_size=5))
def test_the_strongest_effect_counts(holds: list[Hold]) -> None:
    """No other decision is stronger, and none of equal strength lasts longer."""
    found = strongest(holds)
    assert (found is None) == (not holds)
    for hold in holds:
        assert found is not None
        assert STRENGTH[hold.effect] <= STRENGTH[found.effect]
        if hold.effect == found.effect and found.until is not None:
            assert hold.until is not None
            assert hold.until <= found.until


@given(st.lists(HOLDS, max_size=5, unique_by=lambda hold: hold.decision), st.randoms())
def test_the_order_of_decisions_does_not_matter(holds: list[Hold], random: object) -> None:
    """The same decisions have the same effect, in whatever order they are read."""
    shuffled = list(holds)
    random.shuffle(shuffled)  # type: ignore[attr-defined] # a random.Random
    assert strongest(shuffled) == strongest(holds)


@given(st.lists(HOLDS, max_size=5), HOLDS)
def test_a_further_decision_never_weakens_the_effect(holds: list[Hold], more: Hold) -> None:
    """With one more decision, the effect is as strong as before or stronger."""
    before, after = strongest(holds), strongest([*holds, more])
    assert after is not None
    assert before is None or STRENGTH[after.effect] >= STRENGTH[before.effect]


def test_a_decision_has_one_row_per_account(store: CaseStore) -> None:
    """Each member of a ring gets its own row with key, end and ground; the ends lift them."""
    case = open_case(store, "ann", "bob")
    decision = order(store, case, "suspend", until=moment(9))
    with store.reading() as connection:
        rows = connection.execute(select(OUTBOX).order_by(OUTBOX.c.id)).all()
    assert [row.account for row in rows] == ["ann", "bob"]
    assert {(row.effect, row.decision_id, row.until, row.ground) for row in rows} == {
        ("suspend", decision, moment(9), "terms 5.2")
    }
    assert len({row.key for row in rows}) == 2
    end(store, case)
    assert written(store, "ann") == [("suspend", decision), ("lift", decision)]


@pytest.mark.parametrize(("action", "shadow"), [("observe", False), ("suspend", True)])
def test_shadow_mode_and_observation_have_no_effect(
    store: CaseStore, action: str, shadow: bool
) -> None:
    """Neither the beginning nor the end of such a decision writes a row."""
    case = open_case(store, "ann")
    order(store, case, action, shadow=shadow)
    end(store, case)
    assert written(store, "ann") == []


@pytest.mark.parametrize(
    ("first", "second"), [("suspend", "throttle"), ("throttle", "suspend"), ("suspend", "suspend")]
)
def test_a_replacement_is_one_new_state(store: CaseStore, first: str, second: str) -> None:
    """A decision that replaces another one says its own effect, and nothing is lifted between."""
    case = open_case(store, "ann")
    one = order(store, case, first)
    two = order(store, case, second, at=2)
    assert written(store, "ann") == [(first, one), (second, two)]


def test_a_replacement_without_effect_lifts(store: CaseStore) -> None:
    """A decision to observe ends the effect of the one before."""
    case = open_case(store, "ann")
    one = order(store, case, "suspend")
    order(store, case, "observe", at=2)
    assert written(store, "ann") == [("suspend", one), ("lift", one)]


def test_a_decision_in_shadow_mode_lifts_nothing(store: CaseStore) -> None:
    """It is refused while a decision with effect is in force."""
    case = open_case(store, "ann")
    one = order(store, case, "suspend")
    with pytest.raises(CasesError, match="one in shadow mode would end it"):
        order(store, case, "suspend", at=2, shadow=True)
    assert written(store, "ann") == [("suspend", one)]


def test_the_other_decision_is_restored(store: CaseStore) -> None:
    """An account that its ring's decision still throttles is throttled, not lifted."""
    alone, together = open_case(store, "ann"), open_case(store, "ann", "bob")
    throttle = order(store, together, "throttle")
    suspend = order(store, alone, "suspend", at=2)
    end(store, alone, at=3)
    assert written(store, "ann") == [
        ("throttle", throttle), ("suspend", suspend), ("throttle", throttle),
    ]  # fmt: skip
    end(store, together, at=4)
    assert written(store, "ann")[-1] == ("lift", throttle)
    assert written(store, "bob") == [("throttle", throttle), ("lift", throttle)]


def test_a_weaker_decision_says_nothing(store: CaseStore) -> None:
    """While a ring's decision suspends an account, its own throttle begins and ends silently."""
    alone, together = open_case(store, "ann"), open_case(store, "ann", "bob")
    suspend = order(store, together, "suspend")
    order(store, alone, "throttle", at=2)
    end(store, alone, at=3)
    assert written(store, "ann") == [("suspend", suspend)]


def test_a_member_that_left_the_ring_is_lifted_too(store: CaseStore) -> None:
    """A decision holds the accounts of its own facts, not of its present members."""
    case = open_case(store, "ann", "bob", "cal", "dan")
    decision = order(store, case, "suspend")
    with store.writing() as connection:
        record(connection, [ring("ann", "bob", "cal", "eve", name="new")], moment(1.5))
    end(store, case)
    assert written(store, "dan") == [("suspend", decision), ("lift", decision)]
    assert written(store, "eve") == []


def test_the_end_in_time_lifts(store: CaseStore) -> None:
    """A decision whose time is over is lifted by the passing of time."""
    case = open_case(store, "ann")
    decision = order(store, case, "suspend", until=moment(3))
    with store.writing() as connection:
        expire_decisions(connection, moment(4))
    assert written(store, "ann") == [("suspend", decision), ("lift", decision)]


def test_no_row_without_its_decision(store: CaseStore) -> None:
    """If the transaction of the decision is undone, its effects are undone too."""
    case = open_case(store, "ann")

    def fail() -> None:
        with store.writing() as connection:
            decide(connection, case, Ruling("suspend", "why", "", None, False), Act(ANA, moment(1)))
            dismiss(connection, case, "it is decided", Act(ANA, moment(1)))

    with pytest.raises(CasesError):
        fail()
    assert written(store, "ann") == []


def test_a_large_ring_is_written_in_parts(store: CaseStore) -> None:
    """Every one of 1,234 members is suspended, and the states are read in order."""
    names = [f"member {number:04}" for number in range(1234)]
    order(store, open_case(store, *names), "suspend")
    with store.reading() as connection:
        assert [account for account, _ in all_states(connection)] == names
        found = state_of(connection, names[-1])
        assert found is not None
        assert found.effect == "suspend"
        assert state_of(connection, "somebody else") is None
