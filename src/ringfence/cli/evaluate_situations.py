"""Measure situations for ``ringfence evaluate``, alone or beside a population."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path

from ringfence.cli.consoles import progress_console
from ringfence.cli.evaluation_output import output_results
from ringfence.cli.evaluation_tables import render_situations
from ringfence.cli.progress import watched
from ringfence.lab.evaluate import (
    SituationOutcome,
    SituationResults,
    measure_situations,
    situations_document,
    write_situations_page,
)
from ringfence.lab.simulate import Scenario
from ringfence.pipeline import scratch_folder
from ringfence.settings import Settings


def evaluate_situations(
    situations: Sequence[Scenario],
    settings: Settings,
    seeds: int,
    folder: Path | None,
    *,
    as_json: bool,
) -> None:
    """Measure situations alone, and print and write the results.

    Args:
        situations: at least one.
        settings: how to judge.
        seeds: runs of each situation.
        folder: receives ``evaluation.json`` and ``evaluation.html``; None writes nothing.
        as_json: print the document instead of the table.

    Raises:
        OutputError: a file cannot be written.
    """
    with scratch_folder(settings) as scratch:
        outcomes = measured_situations(situations, settings, scratch, seeds)
    results = SituationResults(outcomes, seeds, settings.verdicts.false_accusation_rate)
    page, table = partial(write_situations_page, results), partial(render_situations, outcomes)
    output_results(situations_document(results), folder, page, table, as_json=as_json)


def measured_situations(
    situations: Sequence[Scenario], settings: Settings, scratch: Path, seeds: int
) -> tuple[SituationOutcome, ...]:
    """Scan the situations, with a progress bar."""
    with watched(progress_console()) as progress:
        return measure_situations(situations, settings, scratch, seeds, progress)
