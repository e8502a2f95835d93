"""What all tests share: a missing part may skip a test, but not where nothing may be missed."""

from __future__ import annotations

import os
import re
from collections.abc import Generator

import pytest
from hypothesis import settings

# How long one example takes says how busy the machine is, and nothing of the code.
settings.register_profile("ringfence", deadline=None)
settings.load_profile("ringfence")

INSTALLABLE = re.compile(r"^install:|\b(?:apt-get|brew|pip|uv) install\b")
"""Reasons of skips that an installation would have avoided; real data is not installed."""


def missing_part(longrepr: object) -> str:
    """Return the reason of a skip if it is a part that could be installed, else nothing."""
    reason = longrepr[2] if isinstance(longrepr, tuple) else ""
    reason = str(reason).removeprefix("Skipped: ")
    return reason if INSTALLABLE.search(reason) else ""


def forbid_skip(report: pytest.TestReport | pytest.CollectReport) -> None:
    """Turn a skip for a missing part into a failure if RINGFENCE_NO_SKIPS=1."""
    if os.environ.get("RINGFENCE_NO_SKIPS") != "1" or report.outcome != "skipped":
        return
    reason = missing_part(report.longrepr)
    if reason:
        report.outcome = "failed"
        report.longrepr = f"nothing may be skipped here (RINGFENCE_NO_SKIPS=1), but: {reason}"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Look at the report of every test."""
    report = yield
    forbid_skip(report)
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """Look at the report of every module, which may be skipped as a whole."""
    report = yield
    forbid_skip(report)
    return report
