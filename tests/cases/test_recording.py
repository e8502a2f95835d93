"""Test how findings open and join cases, and what is said to be new about them."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.cases.findings import ANA, at, by, finding, moment, ring

from ringfence.cases import (
    CaseStore,
    Ruling,
    decide,
    dismiss,
    end_case,
    faults,
    record,
)
from ringfence.cases.account_export import export_account
from ringfence.cases.erasure import erase_account
from ringfence.cases.lost_findings import begin_scan, lost_findings
from ringfence.cases.members import release_account
from ringfence.cases.moving import read_case
from ringfence.errors import CasesError
from ringfence.model.case_status import CaseStatus
from ringfence.model.finding import Finding

REAL = Ruling("suspend", "4,000 items in a day", "5.2", shadow=False)


def recorded(store: CaseStore, day: float, *findings: Finding) -> tuple[CaseStatus, ...]:
    """Record findings on a day."""
    with store.writing() as connection:
        return record(connection, findings, moment(day), "out/report.html")


def test_the_same_finding_is_new_once(store: CaseStore) -> None:
    """The first scan opens a case. The next ones know it, and since when."""
    (first,) = recorded(store, 0, finding())
    (second,) = recorded(store, 1, finding(items=1_100, last=at(1)))
    assert (first.status, first.state, first.since) == ("new", "open", at(0))
    assert (second.status, second.case, second.since, second.why) == (
        "known",
        first.case,
        at(0),
        "",
    )
    with store.reading() as connection:
        row = read_case(connection, first.case)
    assert (row.items, row.last, row.seen, row.version) == (1_100, moment(1), moment(1), 1)


def test_accounts_have_cases_of_their_own(store: CaseStore) -> None:
    """Two accounts in one scan open two cases."""
    first, second = recorded(store, 0, finding("ann"), finding("bob"))
    assert first.case != second.case


def test_a_suspect_that_extracts_has_changed(store: CaseStore) -> None:
    """A case of a suspect changes when the verdict becomes extracting, and only once."""
    recorded(store, 0, finding(verdict="suspect"))
    (worse,) = recorded(store, 1, finding())
    assert (worse.status, worse.why) == (
        "changed",
        "The verdict was suspect and is extracting now.",
    )
    assert recorded(store, 2, finding())[0].status == "known"


@pytest.mark.parametrize(("per_day", "status"), [(100, "known"), (149, "known"), (160, "changed")])
def test_a_dismissed_account_is_new_again_only_if_it_is_faster(
    store: CaseStore, per_day: int, status: str
) -> None:
    """An account that goes on as before stays dismissed, however small its p-value becomes."""
    (case,) = recorded(store, 0, finding(items=1_000))
    with store.writing() as connection:
        dismiss(connection, case.case, "a librarian", by(ANA, 0.5))
    later = finding(items=1_000 + 30 * per_day, last=at(30), p_value=1e-30)
    (again,) = recorded(store, 30, later)
    assert again.status == status
    assert again.state == ("open" if status == "changed" else "dismissed")


def test_a_closed_case_is_new_again_if_the_account_resumes(store: CaseStore) -> None:
    """After reinstatement, use at the old pace opens the case again, and old use does not."""
    (case,) = recorded(store, 0, finding(items=1_000))
    with store.writing() as connection:
        decide(connection, case.case, REAL, by(ANA, 0.5))
        end_case(connection, case.case, "reinstate", "a mistake", by(ANA, 1))
    assert recorded(store, 2, finding(items=1_000))[0].status == "known"
    (resumed,) = recorded(store, 12, finding(items=2_000, last=at(12)))
    assert (resumed.status, resumed.state) == ("changed", "open")
    assert resumed.why.startswith("Since the case was closed: 1,000 new items")


def test_a_suspended_account_that_is_active_has_changed(store: CaseStore) -> None:
    """If a suspension has no effect, the next scan says so. In shadow mode it says nothing."""
    ann, bob = recorded(store, 0, finding("ann"), finding("bob"))
    with store.writing() as connection:
        decide(connection, ann.case, REAL, by(ANA, 0.5))
        decide(connection, bob.case, Ruling("suspend", "as ann", "5.2"), by(ANA, 0.5))
    later = {"items": 2_000, "last": at(3)}
    active, shadow = recorded(store, 3, finding("ann", **later), finding("bob", **later))
    assert (active.status, active.state) == ("changed", "decided")
    assert "is suspended and was active afterwards" in active.why
    assert (shadow.status, shadow.state) == ("known", "decided")


def test_a_ring_joins_the_case_of_its_members(store: CaseStore) -> None:
    """The id of a ring may change between scans; its members say which ring it is."""
    (case,) = recorded(store, 0, ring("a", "b", "c", "d"))
    joined, other = recorded(
        store, 1, ring("b", "c", "d", "e", name="ring-7"), ring("x", "y", "z", name="ring-1")
    )
    assert (joined.case, joined.status) == (case.case, "known")
    assert (other.case != case.case, other.status) == (True, "new")


def version(store: CaseStore, case: int) -> int:
    """Return the version of a case."""
    with store.reading() as connection:
        return int(read_case(connection, case).version)


def test_other_members_raise_the_version(store: CaseStore) -> None:
    """A reviewer who looked at the old members cannot suspend the new ones by mistake."""
    old = ring("a", "b", "c", "d", "e", "f", "g", "h")
    (case,) = recorded(store, 0, old)
    (joined,) = recorded(store, 1, ring("a", "b", "c", "d", "x1", "x2", "x3", "x4", "x5"))
    assert (joined.case, joined.status, version(store, 1)) == (case.case, "changed", 2)
    with store.writing() as connection, pytest.raises(CasesError, match="at version 2 now, not 1"):
        decide(connection, case.case, REAL, by(ANA, 2, version=1))
    with store.reading() as connection:
        assert list(faults(connection)) == []


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"items": 1_400}, 1),
        ({"items": 50_000}, 2),
        ({"verdict": "suspect"}, 2),
        ({"action": "throttle"}, 2),
        ({"p_value": 1e-12, "last": at(1)}, 1),
    ],
)
def test_a_materially_different_finding_raises_the_version(
    store: CaseStore, changes: dict[str, object], expected: int
) -> None:
    """Evidence that grows a little every day does not."""
    recorded(store, 0, finding())
    recorded(store, 1, finding(**changes))
    assert version(store, 1) == expected
    recorded(store, 2, finding(**changes))
    assert version(store, 1) == expected


def test_slow_growth_raises_the_version_once_per_half(store: CaseStore) -> None:
    """From 1,000 to 2,300 items in small steps: at 1,500 and at 2,250."""
    for day in range(14):
        recorded(store, day, finding(items=1_000 + 100 * day))
    assert version(store, 1) == 3


def test_a_ring_that_grows_has_changed(store: CaseStore) -> None:
    """Two more members of four are something new."""
    recorded(store, 0, ring("a", "b", "c", "d"))
    (grown,) = recorded(store, 1, ring("a", "b", "c", "d", "e", "f"))
    assert grown.why == "The ring had 4 accounts. Now 2 of 6 are new in it."


def test_a_ring_that_swaps_members_has_changed_once(store: CaseStore) -> None:
    """The number of members is the same. Members that change one after another add up."""
    recorded(store, 0, ring("a", "b", "c", "d"))
    (one,) = recorded(store, 1, ring("a", "b", "c", "e"))
    (two,) = recorded(store, 2, ring("a", "b", "e", "f"))
    (back,) = recorded(store, 3, ring("a", "b", "c", "f"))
    assert (one.why, back.why) == ("", "")
    assert two.why == "The ring had 4 accounts. Now 2 of 4 are new in it."


def test_erased_members_of_a_ring_are_not_new_when_they_come_back(store: CaseStore) -> None:
    """A baseline without their names still knows how many were in the ring."""
    recorded(store, 0, ring("a1", "b2", "c3", "d4"))
    with store.writing() as connection:
        for account in ("a1", "b2"):
            erase_account(connection, account, "request 1", by(ANA, 1))
    (back,) = recorded(store, 2, ring("a1", "b2", "c3", "d4"))
    assert back.why == ""


def test_a_member_that_left_is_erased_from_what_was_known(store: CaseStore) -> None:
    """Only the baseline still names it. A name in another case of letters is another account."""
    recorded(store, 0, ring("a1", "b2", "c3", "d4"))
    recorded(store, 1, ring("b2", "c3", "d4"))
    with store.writing() as connection, pytest.raises(CasesError, match="nothing about it"):
        erase_account(connection, "A1", "request 1", by(ANA, 1))
    with store.writing() as connection:
        assert export_account(connection, "a1")["cases"]
        erase_account(connection, "a1", "request 1", by(ANA, 1))
        assert "a1" not in read_case(connection, 1).baseline


def test_two_rings_do_not_join_one_case(store: CaseStore) -> None:
    """If a ring splits, the larger overlap keeps the case and the other part is new."""
    (case,) = recorded(store, 0, ring("a", "b", "c", "d", "e"))
    small, large = recorded(store, 1, ring("a", "b", name="r1"), ring("c", "d", "e", name="r2"))
    assert (small.status, large.status, large.case) == ("new", "known", case.case)


def test_recording_leaves_a_whole_audit(store: CaseStore) -> None:
    """Everything that a scan changes about cases is in the audit log."""
    recorded(store, 0, finding(verdict="suspect"), ring("a", "b", "c"))
    recorded(store, 1, finding())
    with store.reading() as connection:
        assert list(faults(connection)) == []


def test_a_failed_scan_records_nothing(store: CaseStore) -> None:
    """If recording ends early, no case and no audit row remains."""
    with pytest.raises(RuntimeError):
        _fail_after_recording(store)
    assert recorded(store, 1, finding())[0].status == "new"


def _fail_after_recording(store: CaseStore) -> None:
    with store.writing() as connection:
        record(connection, [finding()], moment(0))
        raise RuntimeError


def ring_with(**items: int) -> Finding:
    """Return a ring whose members hold these numbers of items, last active on the third day."""
    found = ring(*items, items=sum(items.values()))
    return replace(found, member_items=tuple(items.values()), last=at(3))


@pytest.mark.parametrize(
    ("now", "why"),
    [
        ({"ann": 900, "bob": 500, "cal": 500}, ""),
        (
            {"ann": 500, "bob": 700, "cal": 501},
            "Suspended accounts were active afterwards: 201",
        ),
        ({"ann": 900, "bob": 550, "cal": 540}, ""),
    ],
)
def test_a_released_member_that_is_active_is_nothing_new(
    store: CaseStore, now: dict[str, int], why: str
) -> None:
    """Only items of members that are still suspended say that a suspension does not work."""
    recorded(store, 0, replace(ring_with(ann=500, bob=500, cal=500), last=at(0)))
    with store.writing() as connection:
        decide(connection, 1, REAL, by(ANA, 1))
        release_account(connection, 1, "ann", "a class", by(ANA, 1))
    (status,) = recorded(store, 3, ring_with(**now))
    assert status.why.startswith(why)
    assert bool(status.why) is bool(why)


@pytest.mark.parametrize(("settled", "status"), [(True, "known"), (False, "new")])
def test_a_part_of_a_dismissed_ring_is_not_new(
    store: CaseStore, settled: bool, status: str
) -> None:
    """The ring splits. One part keeps the case; the other is a case of its own, and no alarm."""
    recorded(store, 0, ring("a", "b", "c", "d", "e"))
    if settled:
        with store.writing() as connection:
            dismiss(connection, 1, "a class", by(ANA, 1))
    parts = (ring("c", "d", "e", name="r2"), ring("a", "b", name="r1"))
    large, small = recorded(store, 2, *parts)
    assert (large.case, small.status) == (1, status)


def test_a_finding_that_is_gone_is_said_once(store: CaseStore) -> None:
    """Only the scan after it says so, and not about cases that a person has dismissed."""
    recorded(store, 0, finding("ann"), finding("bob"), finding("cal"))
    with store.writing() as connection:
        assert begin_scan(connection, moment(0)) is None
        dismiss(connection, 2, "a class", by(ANA, 0.5))
    said = []
    for day in (1, 2):
        (status,) = recorded(store, day, found := finding("cal"))
        with store.writing() as connection:
            before = begin_scan(connection, moment(day))
            said += lost_findings(connection, [found], [status.case], before)
    (sentence,) = said
    assert sentence.startswith("no longer found: ann (case 1, open; extracting on ")


@pytest.mark.parametrize(
    ("order", "number"),
    [
        (Ruling("observe", "Let us see.", "5", shadow=False), 1),
        (Ruling("suspend", "fast", "5", shadow=True), 1),
        (Ruling("throttle", "fast", "5", shadow=False), 0),
    ],
    ids=["observed", "in shadow mode", "throttled"],
)
def test_a_finding_under_a_decision_without_effect_can_be_gone(
    store: CaseStore, order: Ruling, number: int
) -> None:
    """Nothing has slowed the account down, so a person is told that it is not found any more."""
    recorded(store, 0, finding("ann"))
    with store.writing() as connection:
        decide(connection, 1, order, by(ANA, 0.5))
        assert len(lost_findings(connection, [], [], moment(0))) == number


def test_many_findings_that_are_gone_are_counted(store: CaseStore) -> None:
    """Twenty are named."""
    recorded(store, 0, *(finding(f"user-{n}") for n in range(23)))
    with store.reading() as connection:
        said = lost_findings(connection, [], [], moment(0))
    assert (len(said), said[-1]) == (21, "and 3 more are no longer found")


def test_scans_without_findings_say_what_is_gone_once(store: CaseStore) -> None:
    """The time of a scan is known although it found nothing."""
    recorded(store, 0, finding("ann"))
    with store.writing() as connection:
        begin_scan(connection, moment(0))
        said = [
            lost_findings(connection, [], [], begin_scan(connection, moment(day)))
            for day in (1, 2, 3)
        ]
    assert [len(one) for one in said] == [1, 0, 0]


def test_an_account_that_joined_a_ring_is_not_gone(store: CaseStore) -> None:
    """It is found as a member."""
    recorded(store, 0, finding("a"), finding("z"))
    (status,) = recorded(store, 1, found := ring("a", "b", "c"))
    with store.reading() as connection:
        (sentence,) = lost_findings(connection, [found], [status.case], moment(0))
    assert sentence.startswith("no longer found: z ")


def test_a_part_of_a_dismissed_ring_that_has_grown_is_new(store: CaseStore) -> None:
    """It was suspect with 1,000 items when it was dismissed."""
    recorded(store, 0, ring("a", "b", "c", "d", "e", verdict="suspect"))
    with store.writing() as connection:
        dismiss(connection, 1, "a class", by(ANA, 1))
    large = ring("c", "d", "e", name="r2", verdict="suspect")
    _, small = recorded(store, 2, large, ring("a", "b", name="r1", items=9_000, last=at(2)))
    assert small.status == "new"
