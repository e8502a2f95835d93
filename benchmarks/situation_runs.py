"""Measure situations run by run, and keep what was measured, so that a later call can go on."""

from __future__ import annotations

import argparse
import json
import tempfile
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from ringfence.lab.evaluate import Estimate

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

Run = TypeVar("Run", bound=Hashable)
Row = TypeVar("Row", bound="DataclassInstance")


def options_of(description: str | None, situations: Sequence[str]) -> argparse.Namespace:
    """Return the options of a benchmark of situations: ``situation, seeds, keep, write``.

    Args:
        description: shown by ``--help``.
        situations: names that can be chosen. Without a choice, all are measured.
    """
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--situation", nargs="+", choices=situations, default=list(situations))
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--keep", type=Path, metavar="FILE", help="rows, one JSON object per line")
    parser.add_argument("--write", type=Path, metavar="FILE", help="page to put the tables in")
    return parser.parse_args()


def measure_missing(
    runs: Iterable[Run],
    measure: Callable[[Run, Path], Row],
    *,
    run_of: Callable[[Row], Run],
    read: Callable[[dict[str, Any]], Row],
    keep: Path | None,
) -> list[Row]:
    """Return the rows of earlier calls, and those of all runs that have none yet.

    Args:
        runs: the runs to measure.
        measure: measures one run, in an empty folder.
        run_of: tells which run a row is of.
        read: makes a row of the JSON object that was written for it.
        keep: has the rows of earlier calls, and gets the new ones; None keeps none.
    """
    rows = [read(one) for one in earlier_rows(keep)]
    done = {run_of(row) for row in rows}
    for run in runs:
        if run in done:
            continue
        with tempfile.TemporaryDirectory() as folder:
            rows.append(measure(run, Path(folder)))
        if keep:
            with keep.open("a", encoding="utf-8") as file:
                file.write(json.dumps(asdict(rows[-1])) + "\n")
    return rows


def earlier_rows(keep: Path | None) -> list[dict[str, Any]]:
    """Return the JSON objects of a file; none without a file."""
    if keep is None or not keep.exists():
        return []
    return [json.loads(line) for line in keep.read_text(encoding="utf-8").splitlines()]


def cell(estimate: Estimate, form: str) -> str:
    """Return a mean, with its interval if the ends differ as they are printed."""
    if estimate.low is None or estimate.high is None:
        return format(estimate.mean, form)
    low, high = format(estimate.low, form), format(estimate.high, form)
    return low if low == high else f"{estimate.mean:{form}} ({low} – {high})"
