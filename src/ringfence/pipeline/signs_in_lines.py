"""Signs of a wrong reading in lines, times, and what is known about each use."""

from __future__ import annotations

from ringfence.pipeline.input_facts import InputFacts, SourceCounts
from ringfence.pipeline.suspicion import (
    CROWD,
    ENOUGH,
    HALF_OF_HALF,
    LONGEST_DAY_SHARE,
    MAJORITY,
    NOT_BY_ACCIDENT,
    NOTABLE,
    Suspicion,
    percent_of,
    share_of,
)
from ringfence.stats.seconds import HOUR
from ringfence.visible import visible


def unreadable(facts: InputFacts) -> Suspicion | None:
    """Find a source of which most lines stayed unread."""
    bad = sum(source.quarantined for source in facts.sources)
    worst = max(facts.sources, key=_unreadable_share, default=None)
    if worst is None:
        return None
    reason = "The rest alone says little about anybody."
    if bad > MAJORITY * facts.lines or (bad >= ENOUGH and bad >= MAJORITY * facts.lines):
        return Suspicion(
            f"Most lines are unreadable: {bad:,} of {facts.lines:,} stayed unread. {reason}", True
        )
    if _unreadable_share(worst) > MAJORITY:
        return Suspicion(
            f"Most lines of {visible(worst.name, 60)} are unreadable: {worst.quarantined:,} of "
            f"{worst.lines:,} stayed unread. Accounts appear less active than they are."
        )
    if bad >= ENOUGH and bad > NOTABLE * facts.lines:
        return Suspicion(
            f"{percent_of(bad, facts.lines)} of the lines are unreadable: {bad:,} of "
            f"{facts.lines:,} stayed unread. Accounts appear less active than they are."
        )
    return None


def _unreadable_share(source: SourceCounts) -> float:
    return share_of(source.quarantined, source.lines)


def mixed_formats(facts: InputFacts) -> Suspicion | None:
    """Find a source that mixes lines of two known formats."""
    mixed = [source for source in facts.sources if source.mixed]
    bad = sum(source.quarantined for source in mixed)
    if not mixed:
        return None
    worst = max(mixed, key=lambda source: source.quarantined)
    return Suspicion(
        f"{visible(worst.name, 60)} mixes two formats: {bad:,} of {facts.lines:,} lines stayed "
        "unread, although they are records of another known format. Their accounts are missing.",
        share_of(bad, facts.lines) >= HALF_OF_HALF,
    )


def unreadable_times(facts: InputFacts) -> Suspicion | None:
    """Find times that were not understood."""
    bad = sum(source.bad_times for source in facts.sources)
    if bad < 2 or share_of(bad, facts.lines) < NOTABLE:
        return None
    return Suspicion(
        f"The times of {bad:,} of {facts.lines:,} lines cannot be read or lie in the future, so "
        "these lines stayed unread. A log that mixes forms of time is read only in part.",
        share_of(bad, facts.lines) >= HALF_OF_HALF,
    )


def no_take(facts: InputFacts) -> Suspicion | None:
    """Find an input without any take."""
    if facts.takes or not facts.lines:
        return None
    return Suspicion(
        f"None of {facts.lines:,} lines is the use of an item by an account. The counts by reason "
        "show why. Without a use there is nothing to judge.",
        not facts.lasting,
    )


def unexplained(facts: InputFacts) -> Suspicion | None:
    """Find pages that the item rules miss."""
    pages = sum(source.no_item for source in facts.sources)
    if pages < ENOUGH or pages < NOT_BY_ACCIDENT * (pages + facts.takes):
        return None
    return Suspicion(
        f"No item rule explains {percent_of(pages, pages + facts.takes)} of the successful "
        f"requests for pages ({pages:,} of {pages + facts.takes:,}). Items among them do not count."
    )


def dates_only(facts: InputFacts) -> Suspicion | None:
    """Find times without a time of day."""
    if facts.hours < CROWD or facts.on_the_hour < facts.hours or facts.hours_of_day > 2:
        return None
    return Suspicion(
        "All times are at the same minute of the day, as dates without a time are. Whatever "
        "concerns pace, hours and bursts would be invented.",
        True,
    )


def hours_of_play(facts: InputFacts) -> Suspicion | None:
    """Find time played that no day has room for."""
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
        played.long_days > MAJORITY * played.days,
    )


def other_surface(facts: InputFacts) -> Suspicion | None:
    """Find surfaces that have no meaning here."""
    if not facts.surfaces:
        return None
    named = ", ".join(visible(surface, 30) for surface, _ in facts.surfaces)
    events = sum(number for _, number in facts.surfaces)
    return Suspicion(
        f"The surface of {events:,} uses is unknown: {named}. Only stream, download, metadata and "
        "search are distinguished by the tests."
    )


def late_columns(facts: InputFacts) -> Suspicion | None:
    """Find columns that earlier sources in the ledger lack."""
    if not facts.late_columns:
        return None
    named = ", ".join(sorted(facts.late_columns))
    return Suspicion(
        f"Earlier sources in the ledger were read without: {named}. Evidence "
        "from these columns concerns only a part of the events."
    )
