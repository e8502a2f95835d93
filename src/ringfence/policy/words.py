"""Say a policy in words."""

from __future__ import annotations

from collections.abc import Iterator

from ringfence.policy_settings import PROTECTED, PolicyRule, PolicySettings


def in_words(settings: PolicySettings) -> Iterator[str]:
    """Yield sentences that say what a policy does, in the order in which it is applied."""
    if settings.mode == "shadow":
        yield "Shadow mode: decisions are recorded as what would have happened. None takes effect."
    else:
        yield "The policy is enforced: its decisions take effect."
    for number, rule in enumerate(settings.rules, 1):
        yield f"{number}. {rule_in_words(rule, settings.ground)}"
    if not settings.rules or not settings.rules[-1].is_broadest:
        yield (
            f"{'Otherwise' if settings.rules else 'There are no rules'}: the advice waits for a "
            f"person: {settings.extracting} if extracting, {settings.suspect} if suspect."
        )
    if any(rule.automatic for rule in settings.rules):
        yield from _limits(settings)


def rule_in_words(rule: PolicyRule, ground: str) -> str:
    """Return one rule as a sentence.

    Args:
        rule: the rule.
        ground: the clause of the terms of use, if the rule names none.
    """
    parts = [_subject(rule)]
    if rule.least_items:
        parts.append(f"at least {rule.least_items:,} items")
    if "most_p_value" in rule.conditions:
        parts.append(f"a p-value of at most {rule.most_p_value:g}")
    if rule.least_coverage:
        parts.append(f"at least {rule.least_coverage:.2%} of the catalogue")
    condition = parts[0] + (f" with {' and '.join(parts[1:])}" if parts[1:] else "")
    how = "by itself" if rule.automatic else "after review"
    end = f"for {_duration(rule.days)}" if rule.days else "without an end"
    return f"{condition}: {rule.action} {how}, {end}. Ground: {rule.ground or ground}."


def _duration(days: float) -> str:
    return f"{days:g} days" if days > 1 else f"{24 * days:.3g} hours"


def _subject(rule: PolicyRule) -> str:
    nouns = {"account": "account", "ring": "ring", None: "finding"}
    words = (rule.account_class, rule.verdict, nouns[rule.kind])
    return f"Any {' '.join(word for word in words if word)}"


def _limits(settings: PolicySettings) -> Iterator[str]:
    yield (
        f"At most {settings.most_suspensions_per_day:,} accounts, or "
        f"{settings.most_share_per_day:.2%} of those active in the last 30 days, are suspended "
        "without a person in 24 hours. Past this, everything waits for a person."
    )
    named = {rule.account_class for rule in settings.rules if rule.automatic}
    if waiting := [name for name in PROTECTED if name not in named]:
        yield f"Accounts of these classes wait for a person: {', '.join(waiting)}."
    if settings.classes.protected:
        yield "So does an account whose plan and state are not in the accounts table."
    yield (
        "An account whose login may be stolen is challenged, not throttled or suspended: its owner "
        "did nothing."
    )
    if settings.quiet_hours:
        yield (
            f"Nothing is decided without a person at {', '.join(settings.quiet_hours)} "
            f"({settings.time_zone}). Scan outside these hours as well."
        )
    if settings.escalate:
        yield (
            f"If a finding continues, the next step follows after {settings.escalate_days:g} days: "
            f"{', '.join(settings.escalate)}."
        )
