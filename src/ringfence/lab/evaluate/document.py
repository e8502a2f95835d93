"""Return an evaluation as a JSON document: the content of ``evaluation.json``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from importlib.metadata import version
from typing import Any

from ringfence.lab.evaluate.evaluation import Evaluation
from ringfence.lab.evaluate.outcome import AttackOutcome
from ringfence.lab.evaluate.population import Population
from ringfence.lab.evaluate.situation_summary import (
    SituationResults,
    SituationSummary,
    summarize_situations,
)
from ringfence.lab.evaluate.situations import SituationOutcome
from ringfence.lab.evaluate.summary import Summary, summarize, upper_bound
from ringfence.lab.evaluate.users_alone import AccountKinds, UsersAlone
from ringfence.lab.evaluate.work_factor import LifetimeResult


def document(evaluation: Evaluation) -> dict[str, Any]:
    """Return all results of an evaluation as JSON values."""
    by_attack: dict[str, list[dict[str, Any]]] = {name: [] for name, _ in evaluation.attacks}
    for summary in summarize(evaluation.outcomes):
        by_attack[summary.attack].append(_summary(summary))
    return {
        "version": version("ringfence"),
        "population": _population(evaluation.population),
        "start": _time(evaluation.start),
        "end": _time(evaluation.end),
        "every": evaluation.every,
        "seeds": evaluation.seeds,
        "false_accusation_rate": evaluation.population.settings.verdicts.false_accusation_rate,
        "users_alone": _users_alone(evaluation.alone),
        "detectors": [{"name": name, "about": about} for name, about in evaluation.detectors],
        "attacks": [
            {"name": name, "description": description, "detectors": by_attack[name]}
            for name, description in evaluation.attacks
        ],
        "adaptive": [_adaptive(point) for point in evaluation.adaptive],
        "situations": _situations(evaluation.situations),
    }


def situations_document(results: SituationResults) -> dict[str, Any]:
    """Return the results of situations alone as JSON values; keys of a replay are absent."""
    return {
        "version": version("ringfence"),
        "seeds": results.seeds,
        "false_accusation_rate": results.false_accusation_rate,
        "situations": _situations(results.outcomes),
    }


def _situations(outcomes: Sequence[SituationOutcome]) -> list[dict[str, Any]]:
    return [_situation(one) for one in summarize_situations(outcomes)]


def _situation(summary: SituationSummary) -> dict[str, Any]:
    values = asdict(summary)
    runs = [_without_name(run) for run in values.pop("outcomes")]
    return {"name": values.pop("situation"), **values, "runs": runs}


def _without_name(run: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in run.items() if key != "situation"}


def _adaptive(point: LifetimeResult) -> dict[str, Any]:
    limit = point.voracious
    return {
        "days": point.best.days,
        "items": point.best.items,
        "unseen": point.unseen,
        "items_a_month": point.best.items_a_month,
        "work_factor": point.best.work_factor if point.best.items else None,
        "voracious_items": limit.items if limit else None,
        "voracious_work_factor": limit.work_factor if limit else None,
    }


def _population(population: Population) -> dict[str, Any]:
    return {
        "name": population.name,
        "accounts": population.accounts,
        "account_months": population.account_months,
        "events": population.events,
        "days": population.days,
        "items": population.item_pool.items,
        "columns": list(population.columns),
    }


def _users_alone(alone: UsersAlone) -> dict[str, Any]:
    scored = alone.p_values.size
    return {
        "users": scored,
        "kinds": [asdict(kind) for kind in alone.kinds],
        "moments": [_time(moment) for moment in alone.moments],
        "accused": _kinds(alone.accused),
        "accused_at_most": upper_bound(len(alone.accused), scored),
        "suspected": _kinds(alone.suspected),
        "in_rings": None if alone.in_rings is None else _kinds(alone.in_rings),
        "bulk_accused": _kinds(alone.bulk),
    }


def _summary(summary: Summary) -> dict[str, Any]:
    estimates = asdict(summary)
    del estimates["attack"], estimates["outcomes"]
    return {**estimates, "runs": [_run(outcome) for outcome in summary.outcomes]}


def _run(outcome: AttackOutcome) -> dict[str, Any]:
    run = asdict(outcome)
    del run["attack"], run["detector"]
    run["usual"] = outcome.usual
    run["accused"] = _kinds(outcome.accused)
    run["suspected"] = None if outcome.suspected is None else _kinds(outcome.suspected)
    return run


def _kinds(kinds: AccountKinds) -> list[dict[str, str]]:
    return [{"account": name, "kind": kind} for name, kind in kinds]


def _time(moment: int) -> str:
    return datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
