"""Test how UsageLimit lines become a policy that can be loaded."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ringfence.errors import SettingsError
from ringfence.policy.ezproxy import policy_of, read_configuration, read_usage_limits
from ringfence.policy_settings import PolicySettings
from ringfence.settings import Settings


def imported(text: str) -> PolicySettings:
    """Return the policy of a configuration, as a settings file is loaded."""
    written = policy_of(read_usage_limits(text, "config.txt"))
    return Settings(**tomllib.loads(written)).policy


def test_an_enforced_limit_suspends_in_shadow_mode_first() -> None:
    """The time of the suspension is kept; other directives are not looked at."""
    settings = imported(
        "Name proxy\n# UsageLimit -enforce old\n"
        "usagelimit -enforce -interval=15 -expires=720 -MB=100 Global\n"
    )
    (rule,) = settings.rules
    assert (settings.mode, rule.action, rule.automatic, rule.days, rule.verdict) == (
        "shadow", "suspend", True, 0.5, "extracting",
    )  # fmt: skip
    assert rule.reason == "Bulk access, as limited by UsageLimit Global."


def test_a_limit_that_only_monitors_observes() -> None:
    """Without -enforce, EZproxy does not suspend."""
    assert imported("UsageLimit -transfers=100 Watch").rules[0].action == "observe"


def test_several_limits_become_one_rule_with_the_shortest_time() -> None:
    """A limit that only monitors does not count beside those that suspend."""
    text = "UsageLimit -enforce -expires=1440 A\nUsageLimit -enforce -expires=2880 B\n"
    (rule,) = imported(text + "UsageLimit -expires=5 C\n").rules
    assert (rule.days, rule.reason) == (1, "Bulk access, as limited by UsageLimit A, B.")


def test_without_an_end_a_person_ends_it() -> None:
    """Neither a missing nor a zero -expires makes a decision that ends at once."""
    assert imported("UsageLimit -enforce A").rules[0].days == 0
    assert imported("UsageLimit -enforce -expires=0 A").rules[0].days == 0
    assert imported("UsageLimit -enforce -expires=999999999 A").rules[0].days == 3650


def test_each_option_that_is_lost_is_named() -> None:
    """So that nobody believes that a threshold has been taken over."""
    text = "UsageLimit -end -local -interval=15 -MB=7 -transfers=9 -new=1 A"
    written = policy_of(read_usage_limits(text, "config.txt"))
    for lost in ("-end:", "-local:", "-interval=15:", "-MB=7:", "-transfers=9:", "-new=1:"):
        assert f"#   {lost}" in written


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("Name proxy\n", "there is no UsageLimit line"),
        ("UsageLimit -enforce\n", "the UsageLimit has no name"),
        ("UsageLimit -MB=lots A\n", "-MB needs a whole number, not 'lots'"),
        ("UsageLimit -MB=\u0661 A\n", "-MB needs a whole number"),
    ],
)
def test_a_wrong_line_is_refused(text: str, what: str, tmp_path: Path) -> None:
    """The error names the line."""
    file = tmp_path / "config.txt"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(SettingsError) as caught:
        read_configuration(file)
    assert caught.value.what.startswith(what)
    assert caught.value.where.startswith(str(file))


@given(name=st.text(min_size=1, max_size=80), option=st.text(max_size=80))
def test_hostile_text_stays_a_comment_or_a_string(name: str, option: str) -> None:
    """No name ends a comment or a string, so no other setting can be smuggled in."""
    try:
        settings = imported(f"UsageLimit -enforce -{option} x{name}")
    except SettingsError:
        return
    assert len(settings.rules) == 1
    assert settings.model_dump(exclude={"rules"}) == PolicySettings().model_dump(exclude={"rules"})
