"""Error control: the operator's one number, the gate, and the order of the verdicts."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ringfence.verdicts.error_control import (
    MIN_SCAN_SIZE,
    MIN_SCAN_SIZE_FOR_SUSPECTS,
    VOLUME_GATE,
    expected_false,
    extracting,
    suspect,
)

probabilities = st.floats(1e-12, 1.0)
accounts = st.lists(
    st.tuples(probabilities, st.one_of(probabilities, st.just(float("nan")))),
    min_size=1,
    max_size=30,
)


@pytest.mark.parametrize("size", [10, 1_000, 50_000])
@pytest.mark.parametrize("rate", [0.5, 0.05])
def test_honest_accounts_are_seldom_accused(size: int, rate: float) -> None:
    """Over many scans of users alone, somebody is accused in at most the share asked for."""
    rng = np.random.default_rng(size)
    scans = 4_000
    # Of uniform p-values only the least can matter, and its law is known.
    least = 1 - (1 - rng.random(scans)) ** (1 / size)
    accused = (
        sum(bool(extracting(scan(p, size), np.zeros(size), rate).any()) for p in least[:400]) / 400
    )
    assert accused <= rate + 4 * np.sqrt(rate / 400)
    assert np.mean(least * max(size, MIN_SCAN_SIZE) <= rate) <= rate + 4 * np.sqrt(rate / scans)


def scan(least: float, size: int) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """A scan's p-values of which the least is given."""
    p = np.ones(size)
    p[0] = least
    return p


def test_bonferroni_is_used_up_in_a_large_scan() -> None:
    """In a scan of more than the least number of accounts the threshold is rate / accounts."""
    size = 4 * MIN_SCAN_SIZE
    volume = np.zeros(size)
    assert extracting(scan(0.999 * 0.01 / size, size), volume, 0.01)[0]
    assert not extracting(scan(1.001 * 0.01 / size, size), volume, 0.01)[0]


def test_small_scans_are_held_to_the_same_standard() -> None:
    """One account alone needs the p-value that it would need among ten thousand."""
    one = np.zeros(1)
    assert extracting(np.array([1e-6]), one, 0.01)[0]
    assert not extracting(np.array([1.01e-6]), one, 0.01)[0]
    usual = np.full(1, VOLUME_GATE)
    assert suspect(np.array([0.5 / MIN_SCAN_SIZE_FOR_SUSPECTS]), usual)[0]
    assert not suspect(np.array([0.51 / MIN_SCAN_SIZE_FOR_SUSPECTS]), usual)[0]


@pytest.mark.parametrize("volume", [VOLUME_GATE + 1e-9, 0.5, 1.0, float("nan")])
def test_gate(volume: float) -> None:
    """An account that takes as much as one user in twenty, or is not measured, is not a finding."""
    p = np.array([1e-300])
    assert not extracting(p, np.array([volume]), 0.9)[0]
    assert not suspect(p, np.array([volume]))[0]
    assert extracting(p, np.array([VOLUME_GATE]), 0.9)[0]
    assert suspect(p, np.array([VOLUME_GATE]))[0]


@given(accounts, st.floats(1e-6, 0.999))
def test_extracting_is_suspect_too(these: list[tuple[float, float]], rate: float) -> None:
    """Every extracting account passes the weaker standard of a suspect."""
    p, volume = (np.array(column) for column in zip(*these, strict=True))
    assert np.all(suspect(p, volume)[extracting(p, volume, rate)])


@given(accounts, st.floats(1e-6, 0.5))
def test_a_laxer_rate_accuses_no_fewer(these: list[tuple[float, float]], rate: float) -> None:
    """A higher false accusation rate never clears an account."""
    p, volume = (np.array(column) for column in zip(*these, strict=True))
    assert np.all(extracting(p, volume, 2 * rate)[extracting(p, volume, rate)])


def test_expected_false_is_what_users_show() -> None:
    """On average the stated number of users reaches a p-value, the smaller of two."""
    rng = np.random.default_rng(6)
    counts = []
    for _ in range(300):
        looks = rng.random((2, 500))
        counts.append(np.sum(looks.min(axis=0) <= 0.01))
    said = expected_false(np.full(500, 0.01))
    assert said[0] == 10.0
    assert np.mean(counts) == pytest.approx(said[0], abs=4 * np.sqrt(10 / 300))
    assert expected_false(np.full(500, 1e-6))[0] == 500e-6
