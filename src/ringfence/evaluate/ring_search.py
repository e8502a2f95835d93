"""Rings in a population at one moment, with the verdicts a scan would give."""

from __future__ import annotations

from ringfence.evidence import Context
from ringfence.rings import rings_in
from ringfence.settings import Settings
from ringfence.verdicts import Judged, JudgedRing, judge_rings, verdicts


def judged_rings(context: Context, judged: Judged, settings: Settings) -> tuple[JudgedRing, ...]:
    """Look for rings as a scan does and say of each what it is, most certain first.

    Args:
        context: the evidence steps have run.
        judged: the accounts one by one.
        settings: what a scan would be told.
    """
    found = rings_in(context.engine, judged.oddest_first(), context.columns)
    rate = settings.verdicts.false_accusation_rate
    return judge_rings(judged, verdicts(judged, rate), found, rate)
