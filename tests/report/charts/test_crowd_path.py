"""The path of a crowd is drawn with one mark per item, coloured by visitor."""

from __future__ import annotations

import re
from itertools import pairwise

from ringfence.model.ring_profile import CrowdPath
from ringfence.report.charts import crowd_path


def test_every_item_is_a_mark() -> None:
    """Three visitors with two items each are six marks in three colours."""
    path = CrowdPath((1, 1, 2, 2, 3, 3), tuple(range(0, 600_000, 100_000)), tuple(range(1, 7)))
    svg = crowd_path(path)
    paths = re.findall(r'<path d="([^"]*)" stroke="var\(--(\w+)[^"]*" stroke-width="3.5"', svg)
    assert len({colour for _, colour in paths}) == 3
    assert sorted(steps.count("M") for steps, _ in paths) == [2, 2, 2]
    # The two items of a visitor are in one colour: both of the first are left of all others.
    places = [[float(x) for x in re.findall(r"M(-?[\d.]+)", steps)] for steps, _ in paths]
    by_time = sorted(places)
    assert all(max(one) < min(other) for one, other in pairwise(by_time))
    assert "6 items taken by 3 visitors" in svg


def test_an_empty_path_is_not_drawn() -> None:
    """Rings of other tests have none."""
    assert crowd_path(CrowdPath()) == ""
