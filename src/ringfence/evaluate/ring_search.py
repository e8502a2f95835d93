"""Rings in a population at one moment, with the verdicts a scan would give."""

from __future__ import annotations

from ringfence import rings
from ringfence.evidence import Context
from ringfence.settings import Settings
from ringfence.verdicts import Judged, Witnessed, witnessed


def rings_in(context: Context, judged: Judged, settings: Settings) -> tuple[Witnessed, ...]:
    """Look for rings as a scan does, most certain first.

    Args:
        context: the evidence steps have run.
        judged: the accounts one by one.
        settings: what a scan would be told.
    """
    found = rings.rings_in(context.engine, judged.oddest_first(), context.columns)
    return witnessed(judged, found, settings.verdicts.false_accusation_rate)
