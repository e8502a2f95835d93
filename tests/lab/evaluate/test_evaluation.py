"""Test evaluations from planting to the document and the page."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest

from ringfence.errors import SettingsError
from ringfence.lab.evaluate import (
    Evaluation,
    Population,
    SituationOutcome,
    SituationResults,
    document,
    evaluate,
    situations_document,
    write_page,
    write_situations_page,
)
from ringfence.lab.evaluate import evaluation as evaluation_module
from ringfence.lab.evaluate.detectors import Ringfence
from ringfence.lab.evaluate.detectors.baselines import DISTINCT_PER_DAY
from ringfence.lab.evaluate.work_factor import FRONTIER, Lifetime, LifetimeResult
from ringfence.lab.simulate.attacks import Attack
from ringfence.lab.simulate.extractors import Even, RingStrategy
from ringfence.pipeline import Progress
from ringfence.report import wording

pytestmark = pytest.mark.xdist_group("evaluation")

ATTACKS = [
    Attack("bold", Even(accounts=2, per_day=1500, days=2), "two at full speed"),
    Attack(
        "shy",
        RingStrategy(accounts=3, per_day=10, days=2, clock="human"),
        "<b>three hardly seen</b>",
    ),
]
DETECTORS = (Ringfence(), DISTINCT_PER_DAY)


class ProgressRecorder(Progress):
    """Record the steps of an evaluation."""

    def __init__(self) -> None:
        self.steps: list[str] = []
        self.expected = 0

    def begin(self, steps: int, within: object) -> None:
        """Record the expected number of steps."""
        del within
        self.expected = steps

    def step(self, name: str) -> None:
        """Record a step."""
        self.steps.append(name)


@pytest.fixture(scope="module")
def recorder() -> ProgressRecorder:
    """Return the progress of the evaluation below."""
    return ProgressRecorder()


@pytest.fixture(scope="module")
def result(
    hundred: Population, tmp_path_factory: pytest.TempPathFactory, recorder: ProgressRecorder
) -> Evaluation:
    """Evaluate a bold and a shy attack, with two seeds each, under two detectors."""
    scratch = tmp_path_factory.mktemp("evaluation")
    return evaluate(hundred, ATTACKS, DETECTORS, scratch=scratch, seeds=2, every="day",
                    progress=recorder)  # fmt: skip


@pytest.mark.slow
def test_the_bold_are_found_and_the_shy_are_not(result: Evaluation) -> None:
    """There is one outcome per attack, detector and seed, and no user is accused."""
    found = {(o.attack, o.detector, o.seed): (o.found, o.extractors) for o in result.outcomes}
    assert list(found.items()) == [
        (("bold", "ringfence", 0), (2, 2)), (("bold", "distinct-per-day", 0), (2, 2)),
        (("bold", "ringfence", 1), (2, 2)), (("bold", "distinct-per-day", 1), (2, 2)),
        (("shy", "ringfence", 0), (0, 3)), (("shy", "distinct-per-day", 0), (0, 3)),
        (("shy", "ringfence", 1), (0, 3)), (("shy", "distinct-per-day", 1), (0, 3)),
    ]  # fmt: skip
    assert not any(o.accused for o in result.outcomes)
    assert all(90 <= o.users <= 100 for o in result.outcomes)


def test_outcomes_count_the_items(result: Evaluation) -> None:
    """Bold accounts are found after a day of 1,500 items; shy ones take all they planned."""
    bold, shy = result.outcomes[0], result.outcomes[4]
    assert (bold.first_hours, bold.items_median, bold.ring_items) == (24, 1500, 3000)
    assert (bold.account_months, bold.months_per_million) == (2, pytest.approx(2e6 / 3000))
    assert bold.work_factor == pytest.approx(2e6 / 3000 / 33)
    assert (shy.first_hours, shy.items_median, shy.ring_items) == (None, None, 60)
    assert shy.items_unfound_most == 20
    assert 0 < shy.use_share < bold.use_share <= 1


def test_a_chosen_threshold_accuses_nobody(result: Evaluation) -> None:
    """The chosen threshold is just above the highest score of any user."""
    per_day = result.outcomes[1]
    assert per_day.threshold > result.alone.highest["distinct-per-day"]
    assert per_day.threshold == pytest.approx(result.alone.highest["distinct-per-day"])


def test_progress_covers_every_verdict(result: Evaluation, recorder: ProgressRecorder) -> None:
    """The users alone and each verdict are a step; an attack that ends early has fewer."""
    assert result.seeds == 2
    assert recorder.expected == 1 + 2 * 2 * 2
    assert recorder.steps[0] == "users alone, 1 of 1"
    assert len(recorder.steps) == 1 + 2 * 1 + 2 * 2


def test_document(result: Evaluation) -> None:
    """The document is valid JSON, names the attacks, and holds every run."""
    whole = json.loads(json.dumps(document(result)))
    assert whole["population"]["accounts"] == 100
    assert whole["users_alone"]["accused"] == []
    assert whole["users_alone"]["in_rings"] is None
    assert whole["users_alone"]["accused_at_most"] == pytest.approx(0.0295, abs=1e-4)
    assert whole["start"] == "2025-06-10T00:00:00Z"
    bold, shy = whole["attacks"]
    assert (bold["name"], shy["description"]) == ("bold", "<b>three hardly seen</b>")
    first = bold["detectors"][0]
    assert (first["detector"], first["found"]["mean"]) == ("ringfence", 1.0)
    assert [run["seed"] for run in first["runs"]] == [0, 1]


def test_page(result: Evaluation, tmp_path: Path) -> None:
    """The page shows all attacks and detectors, has no script or link, and escapes names."""
    best = LifetimeResult(Lifetime(7, 500), 0.75, Lifetime(7, FRONTIER[7]))
    write_page(replace(result, adaptive=(best,)), tmp_path / "page.html")
    page = (tmp_path / "page.html").read_text()
    for text in (
        "bold",
        "shy",
        "ringfence",
        "distinct-per-day",
        "500",
        "0\N{NARROW NO-BREAK SPACE}",
    ):
        assert text in page
    assert page.count('class="chart"') == 1 + 1 + 1 + 2 * 2
    legends = re.findall(r"</svg><span>([^<]+)</span></li>", page)
    assert " · ".join(legends).split(" · ") == ["ringfence", "distinct-per-day"] * 2
    assert "&lt;b&gt;three hardly seen" in page
    assert "<b>three" not in page
    assert "<script" not in page
    assert not re.search(r'(?:src|href)="(?!#)', page)


def test_situations_are_in_the_document_and_on_the_page(result: Evaluation, tmp_path: Path) -> None:
    """Both have every number of a situation, its attack in one sentence, and each run."""
    runs = tuple(
        SituationOutcome(
            "search-16000", seed, accounts=8, users=3_456, found=7, together=6, honest_together=2,
            honest_found=5, honest_accused=3, verdict="suspect", held=15_432, cpu=1.0,
        )
        for seed in range(2)
    )  # fmt: skip
    with_situation = replace(result, situations=runs)
    (one,) = json.loads(json.dumps(document(with_situation)))["situations"]
    assert (one["name"], one["verdicts"], one["users"]) == ("search-16000", ["suspect"], 6_912)
    assert one["together"] == {"mean": 0.75, "low": None, "high": None}
    assert [run["seed"] for run in one["runs"]] == [0, 1]
    assert one["description"].startswith("One account asks for 16,000 pages")
    write_page(with_situation, tmp_path / "page.html")
    page = (tmp_path / "page.html").read_text()
    section = page.partition('<h2 id="situations">')[2].partition("</section>")[0]
    assert re.findall(r"<td[^>]*>(.*?)</td>", section) == [
        "8", wording.share(7 / 8), wording.share(0.75), wording.share(0.25), "suspect",
        wording.count(15_432), f"10 of {wording.count(6_912)}", "6",
    ]  # fmt: skip
    assert one["description"] in section
    write_page(result, tmp_path / "page.html")
    assert "search-16000" not in (tmp_path / "page.html").read_text()


def test_situations_alone_have_a_document_and_a_page(tmp_path: Path) -> None:
    """Both have the numbers of each situation and the sums of honest accounts over all seeds."""
    runs = tuple(
        SituationOutcome(
            "ids-36000", seed, accounts=4, users=2_000, found=3, together=2, honest_together=2,
            honest_found=5, honest_accused=1, verdict="suspect", held=720, cpu=1.0,
        )
        for seed in range(3)
    )  # fmt: skip
    results = SituationResults(runs, seeds=3, false_accusation_rate=0.01)
    whole = json.loads(json.dumps(situations_document(results)))
    assert (whole["seeds"], whole["false_accusation_rate"]) == (3, 0.01)
    (one,) = whole["situations"]
    assert (one["name"], one["honest_accused"], len(one["runs"])) == ("ids-36000", 3, 3)
    write_situations_page(results, tmp_path / "page.html")
    page = (tmp_path / "page.html").read_text().replace("\N{NO-BREAK SPACE}", " ")
    assert "3 honest accounts extracting in 1 situation." in page
    assert f"any finding: 15 of {wording.count(6_000)}, over all seeds" in page
    assert one["description"] in page
    assert "<script" not in page


def test_users_alone_are_judged_every_month(hundred: Population, tmp_path: Path) -> None:
    """Without an attack, users of ten days are scored once, and the page can be written."""
    alone = evaluate(hundred, [], [Ringfence()], scratch=tmp_path)
    assert alone.outcomes == ()
    assert alone.alone.moments == (hundred.start + 10 * 86_400,)
    assert alone.alone.p_values.size == 100
    write_page(alone, tmp_path / "page.html")


def test_no_days_are_refused(hundred: Population, tmp_path: Path) -> None:
    """A replay of less than one day raises an error."""
    with pytest.raises(SettingsError, match="--days: must be at least 1"):
        evaluate(hundred, ATTACKS, DETECTORS, scratch=tmp_path, days=0)


@pytest.mark.slow
def test_attacks_that_do_not_fit_in_memory_wait(
    result: Evaluation, hundred: Population, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With room for one attack at a time, each has a pass of its own and the same outcome."""
    monkeypatch.setattr(evaluation_module, "MOST_TAKES_AT_ONCE", 1)
    again = evaluate(hundred, ATTACKS, DETECTORS, scratch=tmp_path, seeds=1, every="day")
    assert again.outcomes == tuple(o for o in result.outcomes if o.seed == 0)


@pytest.mark.slow
def test_attacks_begin_after_the_warm_up(hundred: Population, tmp_path: Path) -> None:
    """Of ten days, a quarter is the users' past; a long campaign takes all others."""
    long = Attack("long", RingStrategy(accounts=1, per_day=5, days=60), "sixty days")
    whole = evaluate(hundred, [long], [Ringfence()], scratch=tmp_path, every="day")
    assert whole.start == hundred.start + 2 * 86_400
    assert whole.end == hundred.start + 10 * 86_400
    part = evaluate(hundred, [long], [Ringfence()], scratch=tmp_path, every="day", days=3)
    assert (part.end - part.start, part.end) == (3 * 86_400, whole.end)
