"""Profiles are attached to the first findings of a scan, and to no others."""

from __future__ import annotations

import numpy as np

from ringfence.catalogue import Catalogue
from ringfence.profiles.attach import with_profiles
from ringfence.settings import Settings
from ringfence.testing import extractor, small_ledger, together, users
from ringfence.verdicts import account_findings, judge


def test_only_the_first_findings_get_a_profile() -> None:
    """Of two findings the first gets a profile with its own uses; the second keeps none."""
    events = together(
        users(60),
        extractor("bold", days=10, hours=24, per_hour=60),
        extractor("timid", days=5, hours=12, per_hour=10),
    )
    labels = {"bold": "extracting", "timid": "suspect"}
    with small_ledger(events) as context:
        scored = judge(context, lambda _: None)
        given = np.array([labels.get(str(name), "") for name in scored.accounts["account"]])
        found = account_findings(scored, given, Catalogue("", 9, 9.0, 0, ()), Settings())
        shown, other = with_profiles(context.engine, found, scored, (), limit=1)
    assert (shown.id, other.id) == ("bold", "timid")
    assert shown.profile is not None
    assert sum(shown.profile.week) == shown.uses
    assert sum(new for _, _, new in shown.profile.days) == shown.items
    assert other.profile is None
