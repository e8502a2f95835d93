"""Test that one act counts once: accounts that copy a library, and extractors that hide as one."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest
from tests.verdicts.copies import (
    ALL,
    CROWD,
    DAY,
    GROUPS,
    HOUR,
    fast_list,
    ledger_with,
    library,
    listeners,
    most_used,
    syncer,
)

from ringfence.evidence import Context, built_in_tests
from ringfence.evidence.reference_distributions import Kind
from ringfence.lab.evaluate.detectors.ringfence import without_test
from ringfence.stats.arrays import Columns, Floats
from ringfence.testing import account, together
from ringfence.testing.users import GROUP_SIZE
from ringfence.verdicts import ScoredAccounts, account_verdicts, judge
from ringfence.verdicts.library_copies import Copies

SYNCERS = 12
NO_SURFACE = tuple(name for name in ALL if name != "surface")
NO_GROUP = tuple(name for name in ALL if name != "group")
BARE = ("ts", "account", "item")


@dataclass(frozen=True)
class JudgedLedger:
    """Accounts with their verdicts."""

    scored: ScoredAccounts
    labels: dict[str, str]

    def row(self, name: str) -> int:
        """Return the row of an account."""
        return list(self.labels).index(name)

    def p_values(self, prefix: str) -> Floats:
        """Return the p-values of the accounts whose name begins so."""
        return self.scored.p_values[[name.startswith(prefix) for name in self.labels]]

    def sentences(self, name: str) -> dict[str, str]:
        """Return the sentences of an account's evidence by test."""
        return {one.test: one.sentence for one in self.scored.evidence(self.row(name))}


def judged(context: Context) -> JudgedLedger:
    """Judge a ledger at the default rate."""
    scored = judge(context, lambda _: None)
    labels = account_verdicts(scored, 0.01)
    names = scored.accounts["account"]
    return JudgedLedger(scored, {str(n): str(v) for n, v in zip(names, labels, strict=True)})


def scan(*events: Columns, columns: tuple[str, ...] = ALL) -> JudgedLedger:
    """Judge events among a hundred and fifty listeners."""
    with ledger_with(listeners(), *events, columns=columns) as context:
        return judged(context)


def syncers(seed: int, **habits: float) -> list[Columns]:
    """Return twelve accounts that copy their library."""
    rng = np.random.default_rng(seed)
    return [syncer(f"sync-{n:02d}", rng, **habits) for n in range(SYNCERS)]  # type: ignore[arg-type]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("items", "gap", "devices", "plays", "columns"),
    [
        (300, 2.0, 1, False, ALL),
        (9_900, 1.0, 1, False, ALL),
        (3_000, 0.3, 1, True, ALL),
        (3_000, 2.0, 4, True, ALL),
        (2_000, 20.0, 1, False, ALL),
        (3_000, 2.0, 2, True, NO_GROUP),
        (9_900, 0.5, 1, False, NO_SURFACE),
        (700, 10.0, 3, False, NO_GROUP),
    ],
    ids=str,
)
def test_a_copy_of_a_library_is_no_finding(
    items: int, gap: float, devices: int, *, plays: bool, columns: tuple[str, ...]
) -> None:
    """Sizes, speeds, devices and columns vary; nobody is noticed, and no p-value is small."""
    found = scan(*syncers(3, items=items, gap=gap, devices=devices, plays=plays), columns=columns)
    assert {name: label for name, label in found.labels.items() if label} == {}
    assert found.p_values("sync").min() > 0.003


@pytest.mark.slow
def test_copies_are_fair_also_where_many_accounts_copy() -> None:
    """Of 150 listeners and 80 accounts that copy a library of their own size, none is noticed."""
    rng = np.random.default_rng(5)
    sizes = np.exp(rng.uniform(np.log(300), np.log(9_000), 80)).astype(int)
    many = [
        syncer(f"sync-{n:03d}", rng, items=int(size), gap=float(rng.uniform(0.5, 4)))
        for n, size in enumerate(sizes)
    ]
    found = scan(*many)
    assert not any(found.labels.values())
    for level in (0.003, 0.01, 0.05):
        error = 3 * np.sqrt(level / sizes.size)
        assert np.mean(found.p_values("sync") <= level) <= level + error


@pytest.mark.slow
def test_the_evidence_is_that_of_the_explanation() -> None:
    """A reviewer reads what was fetched in bulk, and sentences about the rest only."""
    found = scan(*syncers(3, items=3_000, gap=2.0, plays=True))
    said = found.sentences("sync-00")
    assert said["bulk"].startswith("Fetched 3,024 new items of 378 groups in bulk within")
    assert said["bulk"].endswith(
        "as a device does that copies a library. The other evidence leaves this out."
    )
    assert "3,0" not in said["volume"]
    assert "surface" not in said
    assert "378 groups" in said["breadth"]


@pytest.mark.slow
@pytest.mark.parametrize("shuffled", [False, True], ids=["in order", "in no order"])
@pytest.mark.parametrize("columns", [ALL, NO_SURFACE, NO_GROUP], ids=["all", "no surface", "bare"])
def test_a_list_of_the_most_used_is_no_library(columns: tuple[str, ...], *, shuffled: bool) -> None:
    """An account that takes the thousand most used items as a device would is found by then.

    In no order, and in a log that does not tell copies from plays, it may have copied a playlist.
    """
    top = most_used(listeners(), 1_000)
    taken = np.random.default_rng(6).permutation(top) if shuffled else top
    found = scan(fast_list("greedy", taken, gap=1.5), columns=columns)
    may_be_playlist = shuffled and columns == NO_SURFACE
    assert found.labels["greedy"] == ("suspect" if may_be_playlist else "extracting")
    assert ("bulk" in found.sentences("greedy")) == may_be_playlist


@pytest.mark.slow
@pytest.mark.parametrize("items", [300, 1_000, 9_900])
def test_items_across_the_catalogue_are_no_library(items: int) -> None:
    """Items at random from all groups have the verdict that they have without a copy."""
    taken = np.random.default_rng(items).permutation(GROUPS * GROUP_SIZE)[:items]
    found = scan(fast_list("random", taken, gap=1.5))
    assert found.labels["random"] == ("suspect" if items == 300 else "extracting")
    assert found.scored.copies == Copies()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("kind", "login"), [("library", True), ("music", False)], ids=["texts", "address"]
)
def test_no_copy_is_possible_among_texts_and_without_a_login(kind: Kind, *, login: bool) -> None:
    """An account in bulk is judged by its use, in full and in bare logs."""
    copy = fast_list("sync", library(np.random.default_rng(3), 5_000), gap=1.5)
    name = "sync" if login else f"{copy['ip'][0]} 0a1b2c3d"
    copy["account"] = np.full(5_000, name, dtype=object)
    for columns in (ALL, BARE):
        logged = columns if login else (*columns, "ip")
        with ledger_with(listeners(), copy, columns=logged, kind=kind) as context:
            found = judged(context)
        assert found.scored.copies == Copies()
        assert found.labels[name] == ("suspect" if kind == "library" else "extracting")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("columns", "kind"),
    [(BARE, "music"), (BARE, "general"), (NO_SURFACE, "general")],
    ids=["nothing tells it", "unknown kind", "tastes not measured"],
)
def test_a_copy_that_the_log_cannot_tell_is_a_suspect(columns: tuple[str, ...], kind: Kind) -> None:
    """People who copy a library are not accused, and their evidence says that it may be a copy."""
    copy = syncer("sync", np.random.default_rng(3), items=5_000, gap=1.5, plays=True)
    with ledger_with(listeners(), copy, columns=columns, kind=kind) as context:
        found = judged(context)
    assert found.labels["sync"] == "suspect"
    said = found.sentences("sync")
    assert said["bulk"].startswith("Fetched 5,0")
    assert said["bulk"].endswith("Ask whether the owner copied a library to a new device.")
    np.testing.assert_equal(found.scored.by_test, found.scored.direct_by_test)


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["music", "general"])
def test_what_a_possible_copy_does_not_explain_accuses(kind: Kind) -> None:
    """More than a device holds, and a list of the most used items."""
    whole = library(np.random.default_rng(9), 16_000)
    with ledger_with(
        listeners(),
        fast_list("beyond", whole, gap=1.0),
        fast_list("listed", most_used(listeners(), 2_000), gap=1.5),
        columns=BARE,
        kind=kind,
    ) as context:
        found = judged(context)
    assert found.labels["beyond"] == "extracting"
    assert "bulk" not in found.sentences("listed")
    assert found.labels["listed"] == ("extracting" if kind == "music" else "suspect")


@pytest.mark.slow
def test_copies_are_recognised_by_others_who_copy_where_groups_are_not_known() -> None:
    """Where nobody else both plays and downloads, downloads show only that it may be a copy."""
    plays = listeners() | {"surface": np.full(listeners()["item"].size, "stream", dtype=object)}
    copy = fast_list("sync", library(np.random.default_rng(3), 5_000), gap=1.5)
    for columns, label in ((NO_GROUP, "suspect"), (ALL, "")):
        with ledger_with(plays, copy, columns=columns) as context:
            assert judged(context).labels["sync"] == label


@pytest.mark.slow
def test_an_interrupted_copy_is_one_copy() -> None:
    """A device that goes on the next evening copies one library."""
    items = library(np.random.default_rng(4), 8_000)
    halves = [
        fast_list("sync", half, start=day * DAY + 18 * HOUR, gap=1.5)
        for day, half in ((9, items[:4_000]), (10, items[4_000:]))
    ]
    found = scan(*halves)
    assert found.labels["sync"] == ""
    assert found.sentences("sync")["bulk"].startswith("Fetched 8,000 new items of 1,000 groups")


@pytest.mark.slow
@pytest.mark.parametrize("columns", [ALL, NO_SURFACE, NO_GROUP, BARE], ids=str)
def test_a_second_library_is_a_suspect(columns: tuple[str, ...]) -> None:
    """Two people with one login copy 3,000 items each. The first copy alone is recognised."""
    items = library(np.random.default_rng(4), 6_000)
    twice = [
        fast_list("twice", half, start=day * DAY, gap=1.5)
        for day, half in ((3, items[:3_100]), (17, items[3_100:]))
    ]
    with ledger_with(listeners(), *syncers(3, items=500, gap=1.5, plays=True), twice[0],
                     columns=columns) as context:  # fmt: skip
        assert judged(context).labels["twice"] == ("suspect" if columns == BARE else "")
    with ledger_with(listeners(), *syncers(3, items=500, gap=1.5, plays=True), *twice,
                     columns=columns) as context:  # fmt: skip
        assert judged(context).labels["twice"] == "suspect"


@pytest.mark.slow
@pytest.mark.parametrize("columns", [ALL, BARE], ids=["all", "bare"])
def test_several_libraries_have_the_room_of_one_device(columns: tuple[str, ...]) -> None:
    """Four copies of 3,500 items in different weeks are more than a device holds."""
    items = library(np.random.default_rng(4), 14_000).reshape(4, 3_500)
    copies = [
        fast_list("many", part, start=(2 + 7 * week) * DAY, gap=1.5)
        for week, part in enumerate(items)
    ]
    assert scan(*copies, columns=columns).labels["many"] == "extracting"


@pytest.mark.slow
@pytest.mark.parametrize("seconds", [4.0, 25.0, 200.0])
def test_a_copy_may_have_the_seconds_of_its_requests(seconds: float) -> None:
    """Where seconds may be those of a request, they do not show that a copy was played."""
    copy = fast_list("sync", library(np.random.default_rng(3), 3_000), gap=1.5, played=seconds)
    assert scan(copy, columns=(*BARE, "seconds")).labels["sync"] == "suspect"


@pytest.mark.slow
def test_what_exceeds_a_device_counts() -> None:
    """Somebody who hides as a copy gets one device: at twice its size the account is found."""
    rng = np.random.default_rng(9)
    whole = library(rng, 16_000)
    hidden = scan(fast_list("hidden", whole[:9_500], gap=1.0))
    assert hidden.labels["hidden"] == ""
    beyond = scan(fast_list("hidden", whole, gap=1.0))
    assert beyond.labels["hidden"] == "extracting"


@pytest.mark.slow
def test_the_speed_of_the_incident_is_no_copy() -> None:
    """42 items per hour, all day: no bulk session, and the verdict is that of direct use."""
    moments = np.arange(1_000) * 86
    found = scan(account("even", 20 * DAY + moments, np.arange(1_000) * 8, surface="download"))
    assert found.scored.copies == Copies()
    np.testing.assert_equal(found.scored.by_test, found.scored.direct_by_test)
    assert found.labels["even"] == "extracting"


@pytest.mark.slow
def test_streams_are_a_possible_copy_where_others_download() -> None:
    """Some players copy through the same URL as they stream, so such a series may be a copy."""
    items = library(np.random.default_rng(4), 3_000)
    streamed = scan(fast_list("fast", items, surface="stream"))
    assert streamed.labels["fast"] == "suspect"
    anything = np.random.default_rng(4).permutation(GROUPS * GROUP_SIZE)[:3_000]
    assert scan(fast_list("fast", anything, surface="stream")).labels["fast"] == "extracting"
    looked_up = scan(fast_list("fast", items, surface="metadata"))
    assert looked_up.labels["fast"] == ""


@pytest.mark.slow
def test_skipped_tracks_are_no_copy() -> None:
    """Where the log has the seconds played, tracks that are played for some seconds are used."""
    items = library(np.random.default_rng(4), 600)
    for played, expected in ((8.0, 0), (0.0, 1)):
        found = scan(fast_list("fast", items, gap=10.0, played=played), columns=NO_SURFACE)
        copies = found.scored.copies.recognised
        assert (0 if copies is None else copies.rows.size) == expected


@pytest.mark.slow
def test_daily_sessions_are_no_copy() -> None:
    """A schedule of daily bursts is no device: the copy ends after two days."""
    items = library(np.random.default_rng(4), 2_500)
    bursts = [
        fast_list("bursts", items[250 * day : 250 * (day + 1)], start=day * DAY + 9 * HOUR)
        for day in range(10)
    ]
    copies = scan(*bursts).scored.copies.recognised
    assert copies is not None
    assert copies.items.items.tolist() == [750]


@pytest.mark.slow
def test_the_tables_are_as_before() -> None:
    """The hours that are taken out for a while are put back."""
    with ledger_with(listeners(), *syncers(3, items=900, gap=1.5, devices=2)) as context:
        queries = [f"SELECT * FROM {table} ORDER BY ALL" for table in ("activity", "days")]
        before = [context.engine.rows(query) for query in queries]
        scored = judge(context, lambda _: None)
        assert scored.copies.recognised is not None
        assert [context.engine.rows(query) for query in queries] == before


@pytest.mark.slow
def test_other_accounts_keep_their_p_values() -> None:
    """Only the accounts with bulk sessions have a second explanation."""
    with ledger_with(listeners(), *syncers(3, items=900, gap=1.5)) as context:
        scored = judge(context, lambda _: None)
    assert scored.copies.recognised is not None
    others = np.setdiff1d(np.arange(scored.fused.size), scored.copies.recognised.rows)
    assert others.size >= CROWD
    for name, p in scored.direct_by_test.items():
        assert np.array_equal(scored.by_test[name][others], p[others], equal_nan=True)


@pytest.mark.slow
def test_leaving_out_a_test_keeps_the_second_explanation() -> None:
    """An ablation fuses both explanations again."""
    with ledger_with(listeners(), *syncers(3, items=900, gap=1.5)) as context:
        scored = judge(context, lambda _: None)
    again = without_test(scored, "nothing")
    assert np.array_equal(again.fused, scored.fused)
    assert np.array_equal(again.volume, scored.volume)
    for test in built_in_tests():
        assert without_test(scored, test.name).fused[scored.by_copy].min() > 1e-4


@pytest.mark.slow
def test_a_second_copy_takes_nothing_new() -> None:
    """Another device with the same library adds no items."""
    rng = np.random.default_rng(2)
    twice = syncer("sync-twice", rng, items=8_000, gap=1.0, devices=3)
    found = scan(together(twice))
    copies = found.scored.copies.recognised
    assert copies is not None
    assert copies.items.items.tolist() == [8_024]
    assert found.labels["sync-twice"] == ""
