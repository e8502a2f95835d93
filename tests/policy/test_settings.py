"""Test the settings of the policy: defaults, and the refusal of wrong values in one line."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from tests.policy.policies import policy

from ringfence.errors import SettingsError
from ringfence.settings import Settings


def test_shadow_mode_is_the_default() -> None:
    """Without settings, the policy has no rules, and nothing would take effect."""
    settings = Settings().policy
    assert (settings.mode, settings.rules) == ("shadow", ())
    assert (settings.extracting, settings.suspect) == ("suspend", "challenge")


@pytest.mark.parametrize(
    ("settings", "what"),
    [
        ({"mode": "on"}, "policy.mode: must be one of shadow or enforce, not 'on'"),
        ({"rules": [{}]}, "policy.rules.0.action: is missing"),
        ({"rules": [{"action": "ban"}]}, "policy.rules.0.action: must be one of observe"),
        (
            {"rules": [{"action": "observe"}, {"action": "suspend"}]},
            "policy.rules: rule 1 has no condition, so no later rule can apply",
        ),
        ({"rules": [{"action": "observe", "days": -1}]}, "policy.rules.0.days: must be at least 0"),
        (
            {"rules": [{"action": "observe", "most_p_value": 0}]},
            "policy.rules.0.most_p_value: must be greater than 0",
        ),
        (
            {"rules": [{"action": "observe", "least_coverage": 2}]},
            "policy.rules.0.least_coverage: must be at most 1",
        ),
        (
            {"rules": [{"action": "observe", "account_class": "staff"}]},
            "policy.rules.0.account_class: must be one of new, paying, institution or employee",
        ),
        ({"quiet_hours": ["22-7"]}, "policy.quiet_hours: '22-7' is not a range such as"),
        ({"quiet_hours": ["24:00-07:00"]}, "policy.quiet_hours: '24:00-07:00' is not a range"),
        ({"quiet_hours": ["07:00-07:00"]}, "policy.quiet_hours: '07:00-07:00' has no length"),
        ({"time_zone": "Lisbon"}, "policy.time_zone: 'Lisbon' is not an IANA time zone"),
        ({"escalate": ["suspend", "throttle"]}, "policy.escalate: must go from the mildest"),
        ({"escalate": ["throttle", "throttle"]}, "policy.escalate: must go from the mildest"),
        ({"escalate_days": 0}, "policy.escalate_days: must be greater than 0"),
        ({"most_share_per_day": 1.5}, "policy.most_share_per_day: must be at most 1"),
        ({"classes": {"employee": [" "]}}, "policy.classes.employee: must not contain an empty"),
        ({"classes": {"staff": ["x"]}}, "policy.classes.staff: there is no such setting"),
    ],
)
def test_a_wrong_value_is_refused_in_one_line(settings: dict[str, object], what: str) -> None:
    """The line names the setting and what it must be."""
    with pytest.raises(SettingsError) as caught:
        Settings(policy=settings)
    assert caught.value.what.startswith(what)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("hour", "quiet"), [(20, False), (21, True), (0, True), (5, True), (6, False), (12, True)]
)
def test_quiet_hours_may_pass_midnight(hour: int, quiet: bool) -> None:
    """The end of a range is not part of it. Lisbon is one hour ahead of UTC in summer."""
    settings = policy(quiet_hours=["22:00-07:00", "13:00-14:00"], time_zone="Europe/Lisbon")
    assert settings.is_quiet(datetime(2026, 7, 1, hour, tzinfo=UTC)) == quiet


def test_a_rule_knows_its_conditions() -> None:
    """A condition that is not set is none."""
    rule = policy({"action": "suspend", "kind": "ring", "least_items": 5}).rules[0]
    assert rule.conditions == {"kind", "least_items"}
    assert not rule.is_broadest
