"""The settings of the policy: which finding leads to which action, and when a person decides."""

from __future__ import annotations

import re
from datetime import datetime, time
from typing import Final, Literal, get_args
from zoneinfo import ZoneInfo

from pydantic import Field, field_validator

from ringfence.model.finding import Action, Verdict
from ringfence.reading_settings import Section, check_time_zone

AccountClass = Literal["new", "paying", "institution", "employee"]
"""A class of accounts. An account may be in several."""

PROTECTED: Final[tuple[AccountClass, ...]] = ("employee", "institution")
"""Classes whose accounts wait for a person, unless the rule names the class."""

_HOURS: Final = re.compile(r"([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-3]):([0-5]\d)")


class ClassSettings(Section):
    """``[policy.classes]``: the classes of accounts, from the accounts table.

    Each list has values of the columns ``plan`` and ``status``. Case does not matter. An account
    may be in several classes.
    """

    new_days: int = Field(
        30, ge=0, le=36_500, description="An account is new for this number of days."
    )
    paying: tuple[str, ...] = Field(
        (), max_length=1000, description="Plans or states of accounts that pay."
    )
    institution: tuple[str, ...] = Field(
        (),
        max_length=1000,
        description="Plans or states of institutions, such as libraries. Their accounts wait for "
        "a person, unless a rule names this class.",
    )
    employee: tuple[str, ...] = Field(
        (),
        max_length=1000,
        description="Plans or states of employees. Their accounts wait for a person, unless a "
        "rule names this class.",
    )

    @property
    def protected(self) -> bool:
        """Whether any class is described whose accounts wait for a person."""
        return bool(self.institution or self.employee)

    @field_validator("paying", "institution", "employee")
    @classmethod
    def _are_filled(cls, values: tuple[str, ...]) -> tuple[str, ...]:
        if not all(value.strip() for value in values):
            raise ValueError("must not contain an empty text")
        return values


class PolicyRule(Section):
    """``[[policy.rules]]``: one rule. The first rule of which all conditions hold applies.

    If no rule applies, the advice for the verdict is proposed to a reviewer.
    """

    verdict: Verdict | None = Field(None, description="Condition: the verdict.")
    kind: Literal["account", "ring"] | None = Field(
        None, description="Condition: the kind of finding."
    )
    account_class: AccountClass | None = Field(
        None, description="Condition: the class of the account; for a ring, of all its accounts."
    )
    least_items: int = Field(0, ge=0, description="Condition: at least this number of items.")
    most_p_value: float = Field(1, gt=0, le=1, description="Condition: at most this p-value.")
    least_coverage: float = Field(
        0, ge=0, le=1, description="Condition: at least this share of the items of the catalogue."
    )
    action: Action = Field(description="The action.")
    automatic: bool = Field(
        default=False,
        description="Whether the policy decides by itself. Otherwise the action is proposed to a "
        "reviewer.",
    )
    days: float = Field(
        30, ge=0, le=3650, description="Days until the decision ends by itself. 0: it has no end."
    )
    reason: str = Field(
        "", max_length=2000, description="Reason of the decision. Empty: the finding in words."
    )
    ground: str = Field(
        "", max_length=500, description="Clause of the terms of use. Empty: `policy.ground`."
    )

    @field_validator("days")
    @classmethod
    def _is_at_least_a_minute(cls, days: float) -> float:
        # The end of a decision is a later moment than its beginning.
        if 0 < days < 1 / 1440:
            raise ValueError("must be 0, or at least a minute (0.0007)")
        return days

    @property
    def is_broadest(self) -> bool:
        """Whether the rule has no condition, so that no later rule can apply."""
        return not self.conditions

    @property
    def conditions(self) -> frozenset[str]:
        """The names of the conditions that the rule has."""
        fields = PolicyRule.model_fields
        names = list(fields)[: list(fields).index("action")]
        return frozenset(name for name in names if getattr(self, name) != fields[name].default)


class PolicySettings(Section):
    """``[policy]``: which finding leads to which action. Shadow mode is the default.

    The policy decides when a scan is given a store of cases.
    """

    extracting: Action = Field("suspend", description="Advice for the verdict extracting.")
    suspect: Action = Field("challenge", description="Advice for the verdict suspect.")
    mode: Literal["shadow", "enforce"] = Field(
        "shadow",
        description="shadow: decisions of the policy are recorded as what would have happened. "
        "enforce: they take effect.",
    )
    ground: str = Field(
        "terms of use",
        min_length=1,
        max_length=500,
        description="Clause of the terms of use that an extracting account violates.",
    )
    rules: tuple[PolicyRule, ...] = Field(
        (), max_length=200, description="The rules, in order, at most 200."
    )
    classes: ClassSettings = Field(default_factory=ClassSettings)
    most_suspensions_per_day: int = Field(
        10,
        ge=0,
        description="The policy suspends at most this number of accounts within 24 hours. Once "
        "this is reached, everything waits for a person.",
    )
    most_share_per_day: float = Field(
        0.01,
        ge=0,
        le=1,
        description="The same limit as a share of the accounts with a use in the last 30 days of "
        "the ledger. The smaller of both applies.",
    )
    quiet_hours: tuple[str, ...] = Field(
        (),
        max_length=50,
        description="Hours in which the policy decides nothing, such as `22:00-07:00`.",
    )
    time_zone: str = Field("UTC", description="Time zone of the quiet hours, as an IANA name.")
    escalate: tuple[Action, ...] = Field(
        (),
        description="Actions from the mildest to the strictest. If a finding continues, the policy "
        "takes the action after its last one.",
    )
    escalate_days: float = Field(
        7, gt=0, le=3650, description="Days from one of these actions to the next."
    )

    @field_validator("rules")
    @classmethod
    def _can_all_apply(cls, rules: tuple[PolicyRule, ...]) -> tuple[PolicyRule, ...]:
        for number, rule in enumerate(rules[:-1], 1):
            if rule.is_broadest:
                raise ValueError(f"rule {number} has no condition, so no later rule can apply")
        return rules

    @field_validator("quiet_hours")
    @classmethod
    def _are_hours(cls, ranges: tuple[str, ...]) -> tuple[str, ...]:
        for text in ranges:
            if not _HOURS.fullmatch(text):
                raise ValueError(f"{text[:60]!r} is not a range such as 22:00-07:00")
            start, end = _times(text)
            if start == end:
                raise ValueError(f"{text!r} has no length")
        return ranges

    @field_validator("time_zone")
    @classmethod
    def _is_a_time_zone(cls, name: str) -> str:
        return check_time_zone(name)

    @field_validator("escalate")
    @classmethod
    def _becomes_stricter(cls, steps: tuple[Action, ...]) -> tuple[Action, ...]:
        if list(steps) != sorted(set(steps), key=get_args(Action).index):
            raise ValueError("must go from the mildest action to the strictest, each once")
        return steps

    def is_quiet(self, moment: datetime) -> bool:
        """Return whether a moment with a zone is in the quiet hours."""
        now = moment.astimezone(ZoneInfo(self.time_zone)).time()
        return any(_contains(*_times(text), now) for text in self.quiet_hours)


def _times(text: str) -> tuple[time, time]:
    start, end = text.split("-")
    return time.fromisoformat(start), time.fromisoformat(end)


def _contains(start: time, end: time, now: time) -> bool:
    """Return whether a time is in a range, which may go past midnight."""
    return start <= now < end if start < end else now >= start or now < end
