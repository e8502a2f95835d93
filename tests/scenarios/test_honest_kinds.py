"""Test that honest users who look like extractors are not accused, kind by kind.

The quick tests scan two small services with users of every kind.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

import pytest
from benchmarks.fairness import KINDS, outcome_of

import ringfence
from ringfence.lab.evaluate.population import BULK
from ringfence.lab.simulate import Scenario, Truth, read_truth, write_scenario

Judged = tuple[ringfence.ScanResult, Truth]

MUSIC: Final = ("sync", "switcher", "phone", "dj", "editor", "language", "serial")
TEXTS: Final = tuple(kind for kind in KINDS if kind not in {*MUSIC, *BULK})


def service(kinds: tuple[str, ...], rest: str) -> Scenario:
    """Return a small service with some users of each kind, half of its accounts."""
    return Scenario.model_validate(
        {
            "name": rest,
            "seed": 5,
            "days": 14,
            "columns": ("surface", "ip", "client"),
            "catalogue": {"items": 40_000, "write": False},
            "users": {
                "accounts": 20 * len(kinds),
                "kinds": {kind: 2 if kind in FEW else 10 for kind in kinds},
                "rest": rest,
            },
        }
    )


FEW: Final = frozenset({"preserver", "checker", "room", "campus"})


def scanned(scenario: Scenario, folder: Path) -> Judged:
    """Write a scenario and scan it."""
    write_scenario(scenario, folder, processes=1)
    result = ringfence.scan(str(folder / "events" / "*.parquet"))
    return result, read_truth(folder / "truth.parquet")


@pytest.fixture(scope="module")
def music(tmp_path_factory: pytest.TempPathFactory) -> Judged:
    """A service of music, with casual listeners beside the kinds."""
    return scanned(service(MUSIC, "casual"), tmp_path_factory.mktemp("music"))


@pytest.fixture(scope="module")
def texts(tmp_path_factory: pytest.TempPathFactory) -> Judged:
    """A library, with patrons beside the kinds."""
    return scanned(service(TEXTS, "reader"), tmp_path_factory.mktemp("texts"))


def accused_of(kind: str, judged: Judged) -> int:
    """Return the number of accounts of a kind that are accused, alone or as members of a ring."""
    return outcome_of(*judged, kind).accused


@pytest.mark.parametrize("kind", MUSIC)
def test_no_listener_is_accused(music: Judged, kind: str) -> None:
    """No account of the kind is extracting, whatever the others do."""
    assert accused_of(kind, music) == 0


@pytest.mark.parametrize("kind", TEXTS)
def test_no_reader_is_accused(texts: Judged, kind: str) -> None:
    """No account of the kind is extracting, whatever the others do."""
    assert accused_of(kind, texts) == 0
