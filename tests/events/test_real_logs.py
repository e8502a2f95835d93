"""Real logs of a library proxy, where they are at hand: what is known of them must come out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ringfence.settings import ItemRule, ItemSettings, Settings

DATA = Path(__file__).parents[3] / "shared" / "data"
SPRINGER = DATA / "ezpaarse" / "springer.2013-03-12.log.gz"

pytestmark = pytest.mark.skipif(not SPRINGER.exists(), reason="the real logs are not here")

# Page and PDF counted apart, books' tables of contents too: how the log was first counted.
APART = ItemRule(pattern=r"(?P<item>10\.1007(?:/|%252F)[^/?&# ]+)")


def held(outcome: Any) -> list[int]:  # noqa: ANN401 - the fixture's own record
    """Distinct items by account, most first."""
    holdings: dict[str, set[str]] = {}
    for take in outcome.takes:
        holdings.setdefault(take["account"], set()).add(take["item"])
    return sorted(map(len, holdings.values()), reverse=True)


def test_the_heavy_login_has_its_known_count(read: Callable[..., Any]) -> None:
    """Counting each PDF and page on its own, one login has 328 and the next account 50."""
    outcome = read(SPRINGER, Settings(items=ItemSettings(rules=(APART,))))
    assert held(outcome)[:2] == [328, 50]


def test_page_and_pdf_of_an_article_are_one(read: Callable[..., Any]) -> None:
    """By DOI the login holds 323; the next account's pages and PDFs are the same articles."""
    outcome = read(SPRINGER)
    assert held(outcome)[:2] == [323, 30]
    takes = outcome.takes
    heaviest = Counter(take["account"] for take in takes).most_common(1)[0][0]
    times = [take["ts"] for take in takes if take["account"] == heaviest]
    assert int((times[-1] - times[0]).total_seconds() / 60) == 818


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
