"""Write ``evaluation.html``: plots and tables of an evaluation in one file that opens offline."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Final

from jinja2 import Environment

from ringfence.lab.evaluate.evaluation import Evaluation
from ringfence.lab.evaluate.situation_summary import SituationResults, summarize_situations
from ringfence.lab.evaluate.summary import Estimate, Summary, summarize, upper_bound
from ringfence.report import wording
from ringfence.report.atomic import write_text
from ringfence.report.page import page_environment

_FORMATS: Final[dict[str, Callable[[float], str]]] = {
    "share": wording.share,
    "count": lambda number: wording.count(round(number)),
    "factor": lambda number: f"{number:,.1f}",
}


@dataclass(frozen=True)
class _Attack:
    """The section of one attack."""

    name: str
    description: str
    over_time: str
    found: str
    keys: Sequence[tuple[str, str]]
    rows: Sequence[Summary]
    usual: bool


def write_page(evaluation: Evaluation, path: Path) -> None:
    """Write the page, which runs no script and fetches nothing.

    Args:
        evaluation: the results.
        path: the file to write. It is replaced as a whole, or not at all.

    Raises:
        OutputError: the file cannot be written.
    """
    from ringfence.lab.evaluate import plots  # noqa: PLC0415 - Altair loads only for charts

    alone, rows = evaluation.alone, list(summarize(evaluation.outcomes))
    template = _environment().get_template("evaluation.html.j2")
    chunks = template.generate(
        evaluation=evaluation,
        population=evaluation.population,
        alone=alone,
        users=alone.p_values.size,
        upper_bound=upper_bound(len(alone.accused), alone.p_values.size),
        qq=plots.users_qq(alone.p_values),
        work=plots.work_factors(rows) if rows else "",
        lifetimes=plots.lifetimes(evaluation.adaptive) if evaluation.adaptive else "",
        attacks=[_attack(name, about, evaluation, rows) for name, about in evaluation.attacks],
        situations=list(summarize_situations(evaluation.situations)),
        version=version("ringfence"),
    )
    write_text(path, chunks)


def write_situations_page(results: SituationResults, path: Path) -> None:
    """Write the page of situations alone, which runs no script and fetches nothing.

    Args:
        results: the outcomes of all situations and seeds.
        path: the file to write. It is replaced as a whole, or not at all.

    Raises:
        OutputError: the file cannot be written.
    """
    chunks = (
        _environment()
        .get_template("situations.html.j2")
        .generate(
            situations=list(summarize_situations(results.outcomes)),
            seeds=results.seeds,
            users=sum(one.users for one in results.outcomes),
            found=sum(one.honest_found for one in results.outcomes),
            accused=sum(one.honest_accused for one in results.outcomes),
            version=version("ringfence"),
        )
    )
    write_text(path, chunks)


def _attack(name: str, about: str, evaluation: Evaluation, rows: Sequence[Summary]) -> _Attack:
    from ringfence.lab.evaluate import plots  # noqa: PLC0415 - Altair loads only for charts

    lines = plots.lines([curve for curve in evaluation.curves if curve.attack == name])
    return _Attack(
        name,
        about,
        plots.items_over_time(name, lines),
        plots.found_over_items(name, lines),
        [(plots.key(line), " · ".join(line.detectors)) for line in lines],
        [row for row in rows if row.attack == name],
        usual=any(o.usual for row in rows if row.attack == name for o in row.outcomes),
    )


def estimate(value: Estimate | None, kind: str) -> str:
    """Return a mean with its interval in brackets; a dash for None.

    Args:
        value: the estimate.
        kind: ``share``, ``count`` or ``factor``.
    """
    if value is None:
        return "–"
    text = _FORMATS[kind]
    mean = text(value.mean)
    if value.low is None or value.high is None or value.low == value.high:
        return mean
    return f"{mean} ({text(value.low)} to {text(value.high)})"


@cache
def _environment() -> Environment:
    environment = page_environment("ringfence.lab.evaluate", "ringfence.report")
    environment.filters["estimate"] = estimate
    return environment
