"""Test the terminal tables of an evaluation on results made by hand."""

from __future__ import annotations

import io
from dataclasses import replace
from typing import Any, cast

import numpy as np
import pytest
from rich.console import Console

from ringfence.cli.evaluation_tables import USERS_NAMED, render
from ringfence.lab.evaluate import (
    SITUATIONS,
    AttackOutcome,
    Evaluation,
    Population,
    SituationOutcome,
    UsersAlone,
)
from ringfence.lab.evaluate.users_alone import KindOfUsers
from ringfence.lab.evaluate.work_factor import FRONTIER, Lifetime, LifetimeResult
from ringfence.settings import Settings

OUTCOME = AttackOutcome(
    attack="ring", detector="ringfence", seed=0, threshold=2.0, extractors=10, found=10, users=100,
    accused=(), suspected_extractors=10, suspected=(), first_hours=3.0, last_hours=4.0,
    suspect_hours=1.0, items_median=50.0, items_most=70, items_unfound_most=0, ring_first=100,
    ring_items=1000, catalogue_share=0.1, use_share=0.5, account_months=10.0,
    months_per_million=10_000.0, work_factor=303.0,
)  # fmt: skip


class Pool:
    """An item pool of known size."""

    items = 5_000


def evaluation(**changes: Any) -> Evaluation:  # noqa: ANN401 - any field
    """Return an evaluation of one attack among a hundred users."""
    population = Population(
        "users.parquet", "", (), 0, 14, 100, 12_345, cast("Any", Pool()), Settings()
    )
    alone = UsersAlone(
        moments=(1,), accused=(), suspected=(), in_rings=(), bulk=(),
        bulk_keys=np.zeros(0, np.uint64), p_values=np.linspace(0.01, 1, 100), names={},
        highest={}, kinds=(KindOfUsers("user", 100, 0, 0, 0.01),),
    )  # fmt: skip
    whole = Evaluation(
        population, (("ring", "ten accounts"),), (("ringfence", "verdicts"),), 1, "day", 0, 1,
        alone, (OUTCOME,), (),
    )  # fmt: skip
    return replace(whole, **changes)


def printed(result: Evaluation) -> str:
    """Return what is printed on 80 columns."""
    text = io.StringIO()
    render(result, Console(file=text, width=80, highlight=False))
    return text.getvalue()


def test_a_row_has_the_numbers_of_the_outcome() -> None:
    """Each column shows its number, and the lines fit in 80 columns."""
    text = printed(evaluation())
    row = next(line for line in text.splitlines() if line.startswith("ringfence "))
    assert row.split() == ["ringfence", "100%", "3", "50", "100", "1,000", "50.0%", "303.0", "0"]
    assert "users.parquet: 100 accounts, 12,345 events in 14 days, 5,000 items" in text
    assert "less than 2.95% of such users are accused" in text
    assert max(map(len, text.splitlines())) <= 80


def test_users_are_counted_by_kind() -> None:
    """Each kind has a row with its users, verdicts and smallest p-value."""
    kinds = (KindOfUsers("reader", 90, 0, 0, 0.2), KindOfUsers("sync", 10, 1, 2, 3e-7))
    text = printed(evaluation(alone=replace(evaluation().alone, kinds=kinds)))
    row = next(line for line in text.splitlines() if line.startswith("sync "))
    assert row.split() == ["sync", "10", "1", "2", "3", "×", "10⁻⁷"]
    assert max(map(len, text.splitlines())) <= 80


def test_users_of_one_kind_have_no_table() -> None:
    """The users of a file are all of one kind, and the first lines already count them."""
    assert "least p-value" not in printed(evaluation())


def test_an_attack_never_found_has_dashes() -> None:
    """Without a finding, hours are "never" and the items at the finding a dash."""
    never = replace(OUTCOME, found=0, first_hours=None, items_median=None, ring_first=None)
    row = next(
        line
        for line in printed(evaluation(outcomes=(never,))).splitlines()
        if line.startswith("ringfence ")
    )
    assert row.split()[1:5] == ["0%", "never", "-", "-"]


def test_users_are_named_up_to_a_limit() -> None:
    """Accused users come before suspects, and a last line counts the others."""
    accused = tuple((f"user-{n}", "shop") for n in range(3))
    suspected = tuple((f"doubt-{n}", "user") for n in range(4))
    alone = replace(evaluation().alone, accused=accused, suspected=suspected)
    text = printed(evaluation(alone=alone))
    assert "Users alone: 3 of 100 accused, 0 in rings, 4 suspects" in text
    named = [line.split()[1] for line in text.splitlines() if line.startswith("  ")]
    assert named[:USERS_NAMED] == [
        "user-0", "user-1", "user-2", "doubt-0", "doubt-1",
    ]  # fmt: skip
    assert "and 2 more; --json names all" in text


def test_names_cannot_control_the_terminal() -> None:
    """A control character in an account's name is not printed."""
    alone = replace(evaluation().alone, accused=(("\x1b[31mred", "user"),))
    assert "\x1b" not in printed(evaluation(alone=alone))


def test_large_attacks_are_marked() -> None:
    """More than one extractor per 20 users is said below the table."""
    assert "more than one in 20" in printed(evaluation())
    few = replace(OUTCOME, users=1000)
    assert "more than one in 20" not in printed(evaluation(outcomes=(few,)))


def test_without_a_search_rings_are_not_mentioned() -> None:
    """If no detector searches for rings, the line about users has no count of rings."""
    alone = replace(evaluation().alone, in_rings=None)
    assert "in rings" not in printed(evaluation(alone=alone)).split("\n\n")[1]


@pytest.mark.parametrize(("seeds", "text"), [(1, "1 seed: too few"), (3, "3 seeds; --json")])
def test_the_legend_names_the_seeds(seeds: int, text: str) -> None:
    """The legend says whether there are intervals."""
    assert text in " ".join(printed(evaluation(seeds=seeds)).split())


def test_adaptive_rows_stand_beside_people() -> None:
    """A lifetime measured on people shows them; another one shows dashes."""
    points = (
        LifetimeResult(Lifetime(7, 500), 0.75, Lifetime(7, FRONTIER[7])),
        LifetimeResult(Lifetime(60, 4_000), 1.0, None),
    )
    rows = [line.split() for line in printed(evaluation(adaptive=points)).splitlines()]
    assert ["7", "500", "500", "60.6", "75%", "1,379", "22.0"] in rows
    assert ["60", "4,000", "2,000", "15.2", "100%", "-", "-"] in rows


def test_situations_have_a_table() -> None:
    """Each situation has a row that fits in 80 columns; without any, there is no table."""
    assert "situations" not in printed(evaluation())
    outcomes = tuple(
        SituationOutcome(
            name, seed, accounts=6_000, users=8_000, found=5_400, together=4_800,
            honest_together=0, honest_found=12, honest_accused=1,
            verdict=("extracting", "suspect")[seed], held=36_000, cpu=1.0,
        )
        for name in SITUATIONS
        for seed in range(2)
    )  # fmt: skip
    text = printed(evaluation(situations=outcomes))
    rows = {line.split()[0]: line.split()[1:] for line in text.splitlines() if line}
    for name in SITUATIONS:
        assert rows[name] == ["6,000", "90.0%", "80.0%", "extracting,", "36,000", "24", "2"]
    assert max(map(len, text.splitlines())) <= 80
