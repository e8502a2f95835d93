"""Test how the benchmark of crowds by size counts seeds."""

from __future__ import annotations

from benchmarks.crowd_sizes import Cell, text

from ringfence.lab.evaluate import SituationOutcome


def scanned(addresses: int, seed: int, together: int) -> Cell:
    """Return one scan of a crawl in which some of its visitors are in one finding."""
    outcome = SituationOutcome(
        situation="crawl-4000x3",
        seed=seed,
        accounts=addresses,
        users=8_000,
        found=together,
        together=together,
        honest_together=0,
        honest_found=seed,
        honest_accused=0,
        verdict="suspect" if together else "",
        held=together * 3,
        cpu=1.0,
    )
    return Cell(addresses, 3, outcome)


def test_a_cell_says_how_many_seeds_give_a_finding() -> None:
    """Seeds without a finding count in the mean, and cells may have different numbers of seeds."""
    cells = [
        scanned(200, 0, 0),
        *(scanned(400, seed, together) for seed, together in enumerate((0, 0, 400))),
        *(scanned(800, seed, 800) for seed in range(3)),
        scanned(1_600, 0, 1_520),
    ]
    said = text(cells)
    assert "| 3 | –; 1 seed | 33% (0% – 100%); 1 of 3 seeds | 100%; 3 seeds | 95%; 1 seed |" in said
    assert "64,000 honest visitors of these 8 scans, 6 are in findings, at most 2 in one" in said
