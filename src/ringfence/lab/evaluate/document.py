"""``evaluation.json``: everything that was measured, for machines."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime
from importlib.metadata import version
from typing import Any

from ringfence.lab.evaluate.evaluation import Evaluation
from ringfence.lab.evaluate.null import Kinds, Null
from ringfence.lab.evaluate.outcome import Outcome
from ringfence.lab.evaluate.population import Population
from ringfence.lab.evaluate.summary import Summary, most, summaries
from ringfence.lab.evaluate.work_factor import CurvePoint


def document(evaluation: Evaluation) -> dict[str, Any]:
    """Return an evaluation as what JSON can hold; the same evaluation gives the same document."""
    by_attack: dict[str, list[dict[str, Any]]] = {name: [] for name, _ in evaluation.attacks}
    for one in summaries(evaluation.outcomes):
        by_attack[one.attack].append(_summary(one))
    return {
        "version": version("ringfence"),
        "population": _population(evaluation.population),
        "start": _time(evaluation.start),
        "end": _time(evaluation.end),
        "every": evaluation.every,
        "seeds": evaluation.seeds,
        "false_accusation_rate": (evaluation.population.settings.verdicts.false_accusation_rate),
        "users_alone": _users_alone(evaluation.null),
        "detectors": [{"name": name, "about": about} for name, about in evaluation.detectors],
        "attacks": [
            {"name": name, "description": said, "detectors": by_attack[name]}
            for name, said in evaluation.attacks
        ],
        "adaptive": [_adaptive(point) for point in evaluation.adaptive],
    }


def _adaptive(point: CurvePoint) -> dict[str, Any]:
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
        "items": population.shelf.items,
        "columns": list(population.columns),
    }


def _users_alone(null: Null) -> dict[str, Any]:
    scored = null.p_values.size
    return {
        "users": scored,
        "kinds": null.kinds,
        "moments": [_time(moment) for moment in null.moments],
        "accused": _kinds(null.accused),
        "accused_at_most": most(len(null.accused), scored),
        "suspected": _kinds(null.suspected),
        "in_rings": None if null.in_rings is None else _kinds(null.in_rings),
        "bulk_accused": _kinds(null.bulk),
    }


def _summary(one: Summary) -> dict[str, Any]:
    whole = asdict(one)
    del whole["attack"], whole["outcomes"]
    return {**whole, "runs": [_run(outcome) for outcome in one.outcomes]}


def _run(outcome: Outcome) -> dict[str, Any]:
    run = asdict(outcome)
    del run["attack"], run["detector"]
    run["usual"] = outcome.usual
    run["accused"] = _kinds(outcome.accused)
    run["suspected"] = None if outcome.suspected is None else _kinds(outcome.suspected)
    return run


def _kinds(kinds: Kinds) -> list[dict[str, str]]:
    return [{"account": name, "kind": kind} for name, kind in kinds]


def _time(moment: int) -> str:
    return datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
