"""The chart of the incident shows what was measured, to all readers."""

from __future__ import annotations

import json
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from benchmarks.live_chart import across, chart, sentence

ROOT = Path(__file__).parents[2]
IMAGES = ROOT / "docs/images"
DATA = json.loads((IMAGES / "live-incident.json").read_text(encoding="utf-8"))
MOST_BYTES = 20_000


@pytest.mark.parametrize(
    ("name", "animated"), [("live-incident", True), ("live-incident-still", False)]
)
def test_the_chart_is_that_of_the_series(name: str, animated: bool) -> None:
    """The file in the documentation is drawn from the measured series, and it is small."""
    drawn = (IMAGES / f"{name}.svg").read_text(encoding="utf-8")
    assert drawn == chart(DATA, animated=animated)
    assert len(drawn) < MOST_BYTES
    assert ("prefers-reduced-motion: no-preference" in drawn) == animated


def test_the_readme_has_the_animated_chart() -> None:
    """A visitor sees it on the first page."""
    assert "(docs/images/live-incident.svg)" in (ROOT / "README.md").read_text(encoding="utf-8")


def test_each_line_ends_where_its_run_ended() -> None:
    """Lines end at the day of the last measurement, and the words beside them give the share."""
    root = ET.fromstring(chart(DATA, animated=False))  # noqa: S314 - our own
    space = "{http://www.w3.org/2000/svg}"
    lines = [
        one.get("d", "") for one in root.iter(f"{space}path") if "line" in one.get("class", "")
    ]
    words = ["".join(one.itertext()) for one in root.iter(f"{space}text")]
    assert len(lines) == len(DATA["runs"])
    for run, line in zip(DATA["runs"], lines, strict=True):
        day, share, _ = run["series"][-1]
        assert float(line.rpartition("L")[2].split()[0]) == pytest.approx(across(day), abs=0.1)
        assert share == pytest.approx(run["share"], rel=1e-3)
        assert sentence(run, DATA["sizes"]["extractors"]) in words
