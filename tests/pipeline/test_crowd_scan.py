"""A crowd in a log of addresses becomes a finding with a page."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from tests.rings.crowd_visits import crowd, news, surfers, together

import ringfence

START = np.datetime64("2026-03-02T00:00:00")
HONEST = 1_500


@pytest.mark.slow
def test_a_crowd_is_a_finding_of_a_scan(tmp_path: Path) -> None:
    """It has the kind ring and the test crowd, is a suspect, and shows the path of its visitors."""
    rng = np.random.default_rng(4)
    honest = together(surfers(rng, HONEST), news(rng))
    visits = together(honest, crowd(rng, 120, 15, in_order=True))
    address = np.array(
        [f"{network}.{n % 250 + 1}" for n, network in enumerate(visits.network)], dtype=object
    )
    # Addresses of the crowd are of networks that no user has.
    address[honest.visitors :] = [f"100.64.{n}.7" for n in range(120)]
    events = pa.table(
        {
            "ts": START + visits.second.astype("timedelta64[s]"),
            "account": address[visits.account],
            "item": np.array([f"p-{n}" for n in visits.item], dtype=object),
            "ip": address[visits.account],
            "client": visits.client[visits.account],
        }
    )
    result = ringfence.scan(events, out=tmp_path / "out")
    (found,) = [one for one in result.findings if one.kind == "ring"]
    members = {*address[honest.visitors :]}
    assert found.evidence[0].test == "crowd"
    assert found.verdict == "suspect"
    assert len(members & set(found.accounts)) >= 0.8 * len(members)
    assert len(set(found.accounts) - members) <= 0.02 * len(found.accounts)
    assert "continue where the visitor before them stopped" in found.evidence[0].sentence
    assert found.ring is not None
    path = found.ring.path
    assert 50 <= len(set(path.turns)) <= 60
    # In the order of visitors, places go on without a gap.
    assert (np.diff(path.places) == 1).mean() > 0.95
    page = (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    assert "Path through the catalogue" in page
    assert not [one for one in result.findings if one.verdict == "extracting"]
