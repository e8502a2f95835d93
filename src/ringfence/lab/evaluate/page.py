"""``evaluation.html``: an evaluation in plots and tables, one file that opens offline."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Final

from jinja2 import Environment

from ringfence.lab.evaluate.evaluation import Evaluation
from ringfence.lab.evaluate.null import Null
from ringfence.lab.evaluate.summary import Estimate, Summary, most, summaries
from ringfence.report import wording
from ringfence.report.atomic import write_text
from ringfence.report.page import page_environment

_WRITTEN: Final[dict[str, Callable[[float], str]]] = {
    "share": wording.share,
    "count": lambda number: wording.count(round(number)),
    "factor": lambda number: f"{number:,.1f}",
}


@dataclass(frozen=True)
class _Kind:
    """Users of one kind."""

    name: str
    users: int
    accused: int
    suspected: int


@dataclass(frozen=True)
class _Attack:
    """One attack's part of the page."""

    name: str
    said: str
    over_time: str
    found: str
    keys: Sequence[tuple[str, str]]
    rows: Sequence[Summary]
    usual: bool


def write_page(evaluation: Evaluation, path: Path) -> None:
    """Write the page; it runs no script and fetches nothing.

    Args:
        evaluation: what was measured.
        path: the file to write; it appears whole or not at all.

    Raises:
        OutputError: the file cannot be written.
    """
    from ringfence.lab.evaluate import plots  # noqa: PLC0415 - charts load only where they are drawn

    null, rows = evaluation.null, list(summaries(evaluation.outcomes))
    template = _environment().get_template("evaluation.html.j2")
    parts = template.generate(
        evaluation=evaluation,
        population=evaluation.population,
        null=null,
        users=null.p_values.size,
        most=most(len(null.accused), null.p_values.size),
        kinds=_kinds(null),
        qq=plots.users_qq(null.p_values),
        work=plots.work_factors(rows) if rows else "",
        lifetimes=plots.lifetimes(evaluation.adaptive) if evaluation.adaptive else "",
        attacks=[_attack(name, said, evaluation, rows) for name, said in evaluation.attacks],
        version=version("ringfence"),
    )
    write_text(path, parts)


def _attack(name: str, said: str, evaluation: Evaluation, rows: Sequence[Summary]) -> _Attack:
    from ringfence.lab.evaluate import plots  # noqa: PLC0415 - charts load only where they are drawn

    drawn = plots.lines([curve for curve in evaluation.curves if curve.attack == name])
    return _Attack(
        name,
        said,
        plots.items_over_time(name, drawn),
        plots.found_over_items(name, drawn),
        [(plots.key(line), " · ".join(line.detectors)) for line in drawn],
        [row for row in rows if row.attack == name],
        usual=any(o.usual for row in rows if row.attack == name for o in row.outcomes),
    )


def _kinds(null: Null) -> list[_Kind]:
    accused = Counter(kind for _, kind in null.accused)
    suspected = Counter(kind for _, kind in null.suspected)
    return [
        _Kind(kind, users, accused[kind], suspected[kind]) for kind, users in null.kinds.items()
    ]


def estimate(value: Estimate | None, kind: str) -> str:
    """Return a mean with its interval in brackets; a dash without one.

    Args:
        value: what was estimated.
        kind: ``share``, ``count`` or ``factor``.
    """
    if value is None:
        return "–"
    written = _WRITTEN[kind]
    mean = written(value.mean)
    if value.low is None or value.high is None or value.low == value.high:
        return mean
    return f"{mean} ({written(value.low)} to {written(value.high)})"


@cache
def _environment() -> Environment:
    environment = page_environment("ringfence.lab.evaluate", "ringfence.report")
    environment.filters["estimate"] = estimate
    return environment
