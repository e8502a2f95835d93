"""Judge whether the input was read as its owner means it, from a few facts about it.

Each rule of :data:`RULES` looks for one sign of a log that was read wrongly. It says what was seen,
why it matters, and which setting mends it. A sign that makes every finding worthless stops a scan.
To add a rule, add what it needs to :class:`InputFacts`, a function here, and an entry to the table.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from ringfence.model.warning import InputWarning
from ringfence.pipeline.input_facts import InputFacts, SourceCounts
from ringfence.stats.seconds import HOUR
from ringfence.visible import visible

MOST: Final = 0.5
"""The share from which something is most of the input."""

NEARLY_ALL: Final = 0.9
"""The share from which something is nearly all of the input."""

NOTABLE: Final = 0.1
"""The share of unreadable lines that is worth a warning."""

ENOUGH: Final = 50
"""Uses below which shares say nothing."""

CROWD: Final = 20
"""Clients or networks that are more than those of one person or household."""

FEW_ADDRESSES: Final = 3
"""Addresses that are as few as those of a proxy."""

LONGEST_DAY_SHARE: Final = 0.05
"""The share of days over 25 hours from which the unit must be wrong."""


_NOBODY: Final = re.compile(
    r"""^[\s"'-]*(?:anon(?:ymous)?|guest|nobody|none|null|nil|undefined|unknown|public)?[\s"'-]*$""",
    re.IGNORECASE,
)
"""Names that stand for everybody without a name."""


@dataclass(frozen=True)
class Suspicion:
    """What a rule has found: the text of its warning, and whether it makes findings worthless."""

    text: str
    worthless: bool = False


@dataclass(frozen=True)
class PlausibilityRule:
    """A sign of a log that was read wrongly.

    Attributes:
        kind: the kind of its warnings.
        sign: what is looked for, for the documentation.
        worthless: when findings are worthless because of it; empty if they never are.
        setting: the setting or option that mends it.
        find: returns what was found, or None.
    """

    kind: str
    sign: str
    worthless: str
    setting: str
    find: Callable[[InputFacts], Suspicion | None]


def input_warnings(facts: InputFacts) -> tuple[InputWarning, ...]:
    """Return all warnings about the input; those that make findings worthless come first."""
    found = []
    for rule in RULES:
        suspicion = rule.find(facts)
        if suspicion:
            found.append(InputWarning(rule.kind, suspicion.text, rule.setting, suspicion.worthless))
    return tuple(sorted(found, key=lambda warning: not warning.worthless))


def _share(part: float, whole: float) -> float:
    return part / whole if whole else 0.0


def _percent(part: float, whole: float) -> str:
    return f"{_share(part, whole):.0%}".replace("%", " %")


def _unreadable(facts: InputFacts) -> Suspicion | None:
    bad = sum(source.quarantined for source in facts.sources)
    worst = max(facts.sources, key=_unreadable_share, default=None)
    if worst is None:
        return None
    reason = "The rest alone says little about anybody."
    if bad > MOST * facts.lines or (bad >= ENOUGH and bad >= MOST * facts.lines):
        return Suspicion(
            f"Most lines are unreadable: {bad:,} of {facts.lines:,} stayed unread. {reason}", True
        )
    if _unreadable_share(worst) > MOST:
        return Suspicion(
            f"Most lines of {visible(worst.name, 60)} are unreadable: {worst.quarantined:,} of "
            f"{worst.lines:,} stayed unread. Accounts appear less active than they are."
        )
    if bad >= ENOUGH and bad > NOTABLE * facts.lines:
        return Suspicion(
            f"{_percent(bad, facts.lines)} of the lines are unreadable: {bad:,} of "
            f"{facts.lines:,} stayed unread. Accounts appear less active than they are."
        )
    return None


def _unreadable_share(source: SourceCounts) -> float:
    return _share(source.quarantined, source.lines)


def _unreadable_times(facts: InputFacts) -> Suspicion | None:
    bad = sum(source.bad_times for source in facts.sources)
    if bad < 2 or _share(bad, facts.lines) < NOTABLE:
        return None
    return Suspicion(
        f"The times of {bad:,} of {facts.lines:,} lines cannot be read or lie in the future, so "
        "these lines stayed unread. A log that mixes forms of time is read only in part.",
        _share(bad, facts.lines) >= MOST / 2,
    )


def _no_take(facts: InputFacts) -> Suspicion | None:
    if facts.takes or not facts.lines:
        return None
    return Suspicion(
        f"None of {facts.lines:,} lines is the use of an item by an account. The counts by reason "
        "show why. Without a use there is nothing to judge.",
        not facts.lasting,
    )


def _unexplained(facts: InputFacts) -> Suspicion | None:
    pages = sum(source.no_item for source in facts.sources)
    if pages < ENOUGH or pages <= MOST * (pages + facts.takes):
        return None
    return Suspicion(
        f"No item rule explains {_percent(pages, pages + facts.takes)} of the successful requests "
        f"for pages ({pages:,} of {pages + facts.takes:,}). Items among them are not counted."
    )


def _one_account(facts: InputFacts) -> Suspicion | None:
    one = facts.account
    share = _share(one.most, one.uses)
    crowd = max(one.clients, one.networks) >= CROWD
    nobody = not one.visitor and bool(_NOBODY.search(one.name))
    if one.uses < ENOUGH or share <= (MOST if crowd or nobody else NEARLY_ALL):
        return None
    of = f"{_percent(one.most, one.uses)} of all use" if one.accounts > 1 else "all use"
    seen = f"One account, {visible(one.name, 60)}, has {of}"
    if crowd:
        return Suspicion(
            f"{seen}, from {one.clients:,} clients and {one.networks:,} networks. It is more than "
            "one person: the account was read from the wrong place, or is shared by many.",
            share >= NEARLY_ALL,
        )
    if nobody:
        return Suspicion(f"{seen}. This is not the name of one person.", share >= NEARLY_ALL)
    return Suspicion(
        f"{seen}. If it stands for many people, their use is mixed and nobody can be judged."
    )


def _one_item(facts: InputFacts) -> Suspicion | None:
    one = facts.item
    if one.uses < ENOUGH or one.most <= MOST * one.uses or facts.account.accounts < 2:
        return None
    return Suspicion(
        f"One item, {visible(one.name, 60)}, has {_percent(one.most, one.uses)} of all use. If it "
        "stands for many items, an account that takes them all looks like one that takes one."
    )


def _behind_proxy(facts: InputFacts) -> Suspicion | None:
    few = 0 < facts.addresses <= FEW_ADDRESSES
    if not few or facts.clients < CROWD or facts.visitors < MOST * facts.account.accounts:
        return None
    noun = "address" if facts.addresses == 1 else "addresses"
    return Suspicion(
        f"{facts.clients:,} different clients come from only {facts.addresses} {noun}, as "
        "behind a proxy or load balancer. People with the same browser are one account.",
        facts.inside >= NEARLY_ALL * facts.located,
    )


def _private_addresses(facts: InputFacts) -> Suspicion | None:
    if not facts.located or facts.inside < facts.located or facts.account.uses < CROWD:
        return None
    return Suspicion(
        "All addresses are private ones. They are those of a proxy or of an internal network, not "
        "of people on the internet, so networks say nothing and visitors may be mixed."
    )


def _hours_of_play(facts: InputFacts) -> Suspicion | None:
    played = facts.played
    if "seconds" in facts.columns and facts.hours and not played.days:
        return Suspicion(
            "The seconds played are zero, or longer than a week, for every use. They are ignored."
        )
    if played.long_days <= LONGEST_DAY_SHARE * played.days:
        return None
    return Suspicion(
        f"Accounts play for more hours than a day has: on {played.long_days:,} of "
        f"{played.days:,} days of an account it is more than 25 hours, on one "
        f"{played.longest / HOUR:,.0f}. The mean use takes {played.per_use:,.0f} seconds. The "
        "numbers may be milliseconds, or not be time played at all.",
        played.long_days > MOST * played.days,
    )


def _dates_only(facts: InputFacts) -> Suspicion | None:
    if facts.hours < CROWD or facts.on_the_hour < facts.hours or facts.hours_of_day > 2:
        return None
    return Suspicion(
        "All times are at the same minute of the day, as dates without a time are. Whatever "
        "concerns pace, hours and bursts would be invented.",
        True,
    )


def _other_surface(facts: InputFacts) -> Suspicion | None:
    if not facts.surfaces:
        return None
    named = ", ".join(visible(surface, 30) for surface, _ in facts.surfaces)
    events = sum(number for _, number in facts.surfaces)
    return Suspicion(
        f"The surface of {events:,} uses is unknown: {named}. Only stream, download, metadata and "
        "search are distinguished by the tests."
    )


RULES: Final = (
    PlausibilityRule(
        "unreadable-lines",
        "More than half of the lines of the input or of one source are unreadable, or a tenth of "
        "many.",
        "More than half of all lines are unreadable.",
        "events.format, events.layout",
        _unreadable,
    ),
    PlausibilityRule(
        "unreadable-times",
        "A tenth of the times cannot be read or lie in the future.",
        "A quarter of the times is lost.",
        "events.time_format, events.time_zone",
        _unreadable_times,
    ),
    PlausibilityRule(
        "no-takes",
        "There are lines, and none is a take.",
        "Always, unless the ledger holds earlier scans.",
        "items.rules, events.columns",
        _no_take,
    ),
    PlausibilityRule(
        "unexplained-pages",
        "No item rule explains most of the successful requests for pages.",
        "",
        "items.preset, items.rules",
        _unexplained,
    ),
    PlausibilityRule(
        "one-account",
        "One account has nine tenths of the use, or half of it with 20 clients or networks or "
        "with a name such as guest.",
        "It has nine tenths of the use, and 20 clients or networks or such a name.",
        "account.key, events.layout, events.columns.account",
        _one_account,
    ),
    PlausibilityRule(
        "one-item",
        "One item has most of the use.",
        "",
        "items.rules, events.columns.item",
        _one_item,
    ),
    PlausibilityRule(
        "behind-proxy",
        "Visitors come from at most 3 addresses with at least 20 clients.",
        "The addresses are private.",
        "events.trusted_proxies, events.columns.forwarded",
        _behind_proxy,
    ),
    PlausibilityRule(
        "private-addresses",
        "All addresses are private, loopback, link-local or carrier-grade.",
        "",
        "events.trusted_proxies, events.columns.forwarded",
        _private_addresses,
    ),
    PlausibilityRule(
        "hours-of-play",
        "Accounts play for more than 25 hours per day, or no time played is plausible.",
        "More than half of the days of an account have more than 25 hours.",
        "events.columns.seconds",
        _hours_of_play,
    ),
    PlausibilityRule(
        "dates-only",
        "All uses are in the first minute of the same hour of the day.",
        "Always.",
        "events.columns.ts",
        _dates_only,
    ),
    PlausibilityRule(
        "unknown-surface",
        "A surface is none of stream, download, metadata and search.",
        "",
        "events.columns.surface",
        _other_surface,
    ),
)
"""All rules, in the order in which their warnings are shown."""
