"""A skip must not hide a missing part where nothing may be missed."""

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
def test_missing_parts_fail_only_where_told(
    pytester: pytest.Pytester,
    monkeypatch: pytest.MonkeyPatch,
    strict: str,
    errors: int,
    skipped: int,
) -> None:
    """With RINGFENCE_NO_SKIPS=1 a part to install fails its test; absent data still skips."""
    shutil.copy(Path(__file__).parents[1] / "conftest.py", pytester.path / "conftest.py")
    pytester.makepyfile(SKIPPING)
    monkeypatch.setenv("RINGFENCE_NO_SKIPS", strict)
    pytester.runpytest_inprocess("-p", "no:xdist").assert_outcomes(errors=errors, skipped=skipped)
