"""The terminal names declared robots in the right number."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from ringfence.cli.result import _robots
from ringfence.pipeline import ScanResult
from ringfence.population.robots import Robot


@pytest.mark.parametrize(
    ("number", "said"),
    [
        (1, "1 declared robot is listed separately and not scored. It took 7 items in all:"),
        (
            2,
            "2 declared robots are listed separately and not scored. They took 14 items in all.",
        ),
    ],
)
def test_robots_are_counted_in_the_right_number(number: int, said: str) -> None:
    """One robot is named in the singular, several in the plural."""
    result = object.__new__(ScanResult)
    robots = tuple(Robot(f"robot {n}", "Googlebot", 7, 9, True) for n in range(number))
    object.__setattr__(result, "robots", robots)
    output = io.StringIO()
    _robots(result, Console(file=output, width=200))
    assert output.getvalue().startswith(said)
