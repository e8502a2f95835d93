"""A skip does not hide a missing program where every test must run."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

pytest_plugins = ["pytester"]

SKIPPING = """
import pytest

@pytest.mark.skip(reason="no browser; sudo apt-get install chromium")
def test_part():
    raise AssertionError

@pytest.mark.skip(reason="the real logs are not here")
def test_data():
    raise AssertionError
"""


@pytest.mark.parametrize(("strict", "errors", "skipped"), [("1", 1, 1), ("0", 0, 2)])
def test_a_missing_program_fails_only_on_request(
    pytester: pytest.Pytester,
    monkeypatch: pytest.MonkeyPatch,
    strict: str,
    errors: int,
    skipped: int,
) -> None:
    """With RINGFENCE_NO_SKIPS=1 a missing program fails its test; missing data still skips it."""
    shutil.copy(Path(__file__).parents[1] / "conftest.py", pytester.path / "conftest.py")
    pytester.makepyfile(SKIPPING)
    monkeypatch.setenv("RINGFENCE_NO_SKIPS", strict)
    pytester.runpytest_inprocess("-p", "no:xdist").assert_outcomes(errors=errors, skipped=skipped)
