"""Real logs of a library proxy, if they are there: the known counts must come out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

DATA = Path(__file__).parents[3] / "shared" / "data"
SPRINGER = DATA / "ezpaarse" / "springer.2013-03-12.log.gz"

pytestmark = pytest.mark.skipif(not SPRINGER.exists(), reason="the real logs are not here")


def held(outcome: Any) -> list[int]:  # noqa: ANN401 - the fixture's own record
    """Distinct items by account, most first."""
    holdings: dict[str, set[str]] = {}
    for take in outcome.takes:
        holdings.setdefault(take["account"], set()).add(take["item"])
    return sorted(map(len, holdings.values()), reverse=True)


def test_the_heavy_login_has_its_known_count(read: Callable[..., Any]) -> None:
    """One login took 328 articles, in 818 minutes; no other comes near."""
    outcome = read(SPRINGER)
    assert held(outcome)[:2] == [328, 52]
    takes = outcome.takes
    heaviest = Counter(take["account"] for take in takes).most_common(1)[0][0]
    times = [take["ts"] for take in takes if take["account"] == heaviest]
    assert int((times[-1] - times[0]).total_seconds() / 60) == 818


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "form", "bad"),
    [
        ("ezpaarse/cairn.2013-03-12.log.gz", "ezproxy", {}),
        ("ezpaarse/edp.2013-01-23.log.gz", "ezproxy", {}),
        ("ezpaarse/sd.2013-03-12.log.gz", "ezproxy", {}),
        ("semicomplete.apache.log.gz", "combined", {}),
        ("erddap.tomcat.log.gz", "combined", {"not-a-record": 5796}),
    ],
)
def test_no_record_of_a_real_log_is_lost(
    read: Callable[..., Any], name: str, form: str, bad: dict[str, int]
) -> None:
    """Every line is an event or in the quarantine."""
    outcome = read(DATA / name)
    assert outcome.reading.format == form
    assert outcome.counts == bad
