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


@pytest.mark.parametrize(
    ("verified", "said"),
    [
        ([True, True], ""),
        ([True, False], "1 declared robot is not verified (robots.networks).\n"),
        ([False, False], "2 declared robots are not verified (robots.networks).\n"),
    ],
)
def test_names_that_were_not_verified_name_the_setting(verified: list[bool], said: str) -> None:
    """If any name is only believed, the setting that verifies names is on the terminal."""
    result = object.__new__(ScanResult)
    robots = tuple(Robot(f"robot {n}", "Googlebot", 7, 9, one) for n, one in enumerate(verified))
    object.__setattr__(result, "robots", robots)
    output = io.StringIO()
    _robots(result, Console(file=output, width=80))
    assert said in output.getvalue()
    assert ("robots.networks" in output.getvalue()) == bool(said)
