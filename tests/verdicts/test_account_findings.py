"""From judged accounts to findings: labels, ranking, coverage, advice, evidence."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import numpy as np
import pytest

from ringfence.catalogue import Catalogue
from ringfence.evidence import Context
from ringfence.model.finding import Finding
from ringfence.settings import Settings
from ringfence.testing import extractor, small_ledger, together, users
from ringfence.verdicts import (
    ScoredAccounts,
    account_findings,
    account_verdicts,
    judge,
    save_accounts,
)


@dataclass(frozen=True)
class Case:
    """A small ledger with two extractors among users, scored."""

    context: Context
    scored: ScoredAccounts

    def row(self, name: str) -> int:
        """Return an account's row."""
        return list(self.scored.accounts["account"]).index(name)

    def found(
        self, labels: dict[str, str], settings: Settings | None = None
    ) -> tuple[Finding, ...]:
        """Return the findings for these labels by account."""
        names = self.scored.accounts["account"]
        given = np.array([labels.get(str(name), "") for name in names])
        items, use = self.context.engine.rows("SELECT count(*), sum(popularity) FROM catalogue")[0]
        catalogue = Catalogue("", items, float(use), 0, ())
        return account_findings(self.scored, given, catalogue, settings or Settings())


@pytest.fixture(scope="module")
def case() -> Iterator[Case]:
    """Sixty users, one bold and one timid extractor."""
    events = together(
        users(60),
        extractor("bold", days=10, hours=24, per_hour=60),
        extractor("timid", days=5, hours=12, per_hour=10),
    )
    with small_ledger(events) as context:
        yield Case(context, judge(context, lambda _: None))


@pytest.mark.slow
def test_labels(case: Case) -> None:
    """The bold extractor is extracting at the default rate, and no user is anything."""
    labels = dict(
        zip(case.scored.accounts["account"], account_verdicts(case.scored, 0.01), strict=True)
    )
    assert labels["bold"] == "extracting"
    assert not any(label for name, label in labels.items() if name.startswith("user"))


def test_ranked_by_p_value_then_items(case: Case) -> None:
    """The most certain comes first; of equals the one that holds more."""
    labels = {"bold": "extracting", "timid": "suspect", "user-0001": "suspect"}
    found = case.found(labels)
    assert found[0].id == "bold"
    assert [f.p_value for f in found] == sorted(f.p_value for f in found)
    equal = replace(case.scored, p_values=np.full_like(case.scored.p_values, 0.5))
    held = [f.items for f in Case(case.context, equal).found(labels)]
    assert held == sorted(held, reverse=True)
    assert len(held) == 3


def test_a_finding_tells_the_truth(case: Case) -> None:
    """Counts, coverage, times and expected false findings are those of the ledger."""
    (found,) = case.found({"bold": "extracting"})
    assert found.kind == "account"
    assert found.accounts == (found.id,) == ("bold",)
    assert found.items == found.uses == 10 * 24 * 60
    items, use = case.context.engine.rows("SELECT count(*), sum(popularity) FROM catalogue")[0]
    assert found.coverage.catalogue == pytest.approx(found.items / items)
    carried = case.context.engine.rows(
        "SELECT sum(c.popularity) FROM holdings JOIN catalogue AS c USING (item_key) "
        "JOIN accounts USING (account_key) WHERE account = 'bold'"
    )[0][0]
    assert found.coverage.use == pytest.approx(carried / use)
    assert found.coverage.use < 1
    assert found.first == datetime(2025, 6, 2, tzinfo=UTC)
    assert found.last == datetime(2025, 6, 11, 23, 59, tzinfo=UTC)
    assert found.p_value == case.scored.p_values.min()
    assert found.expected_false == pytest.approx(62 * found.p_value)


def test_advice_is_the_policys(case: Case) -> None:
    """Each verdict gets the action that the policy names for it."""
    settings = Settings.model_validate({"policy": {"extracting": "throttle", "suspect": "observe"}})
    found = case.found({"bold": "extracting", "timid": "suspect"}, settings)
    assert {f.id: (f.verdict, f.action) for f in found} == {
        "bold": ("extracting", "throttle"),
        "timid": ("suspect", "observe"),
    }
    default = case.found({"bold": "extracting", "timid": "suspect"})
    assert {f.id: f.action for f in default} == {"bold": "suspend", "timid": "challenge"}


def test_standing(case: Case) -> None:
    """Where an account stands is the share of measured accounts that are less extreme."""
    standing = dict(case.scored.standing(case.row("bold")))
    assert standing["volume"] == pytest.approx(61 / 62)
    for name, share in standing.items():
        p = case.scored.by_test[name]
        measured = p[~np.isnan(p)]
        assert share == np.mean(measured > p[case.row("bold")])
    unmeasured = {name for name, p in case.scored.by_test.items() if np.isnan(p[case.row("bold")])}
    assert standing.keys() == case.scored.by_test.keys() - unmeasured


def test_evidence_is_the_accounts_own(case: Case) -> None:
    """Evidence is there for exactly the tests that measured the account, with its p-values."""
    for name in ("bold", "user-0000", "user-0003"):
        row = case.row(name)
        said = {e.test: e.p_value for e in case.scored.evidence(row)}
        assert said == {
            test: p[row] for test, p in case.scored.by_test.items() if not np.isnan(p[row])
        }


@pytest.mark.slow
def test_tests_that_cannot_run_say_why() -> None:
    """A bare log is scored by what it tells; what could not run is listed with the reason."""
    events = users(40)
    told: list[str] = []
    with small_ledger({name: events[name] for name in ("ts", "account", "item")}) as context:
        scored = judge(context, told.append)
    silent = dict(scored.not_run)
    assert set(silent) == {
        "attempts", "listings", "weight", "breadth", "surface", "overlap", "client", "provenance",
        "traces",
    }  # fmt: skip
    assert silent["overlap"] == "the log has no seconds played"
    assert scored.by_test.keys().isdisjoint(silent)
    assert set(told) == silent.keys() | scored.by_test.keys()
    assert np.isfinite(scored.p_values).all()


def test_nobody_is_judged_on_nothing() -> None:
    """An empty ledger has no accounts, no findings and no errors."""
    with small_ledger() as context:
        scored = judge(context, lambda _: None)
        labels = account_verdicts(scored, 0.01)
        found = account_findings(scored, labels, Catalogue("", 0, 0.0, 0, ()), Settings())
    assert scored.p_values.size == labels.size == 0
    assert found == ()


def test_saved_accounts(case: Case) -> None:
    """The table of accounts has one row per account and every p-value; unmeasured ones are NaN."""
    names = case.scored.accounts["account"]
    save_accounts(case.context.engine, case.scored, {"verdict": names, "ring": names})
    table = case.context.engine.columns("SELECT * FROM scored_accounts ORDER BY account_key")
    assert set(table) == {"account_key", "verdict", "ring", "p_value"} | {
        f"p_{name}" for name in case.scored.by_test
    }
    assert np.array_equal(table["p_value"], case.scored.p_values)
    assert np.array_equal(
        np.ma.filled(table["p_novelty"], np.nan), case.scored.by_test["novelty"], equal_nan=True
    )
