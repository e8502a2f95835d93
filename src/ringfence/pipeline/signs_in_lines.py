"""Rules that look for signs of misread lines, times, seconds played, surfaces and columns."""

from __future__ import annotations

from ringfence.pipeline.input_facts import InputFacts
from ringfence.pipeline.reading import SourceCounts
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
    """Find a source in which many lines are unreadable."""
    bad = sum(source.quarantined for source in facts.sources)
    worst = max(facts.sources, key=_unreadable_share, default=None)
    if worst is None:
        return None
    reason = "The other lines alone say little about any account."
    if bad > MAJORITY * facts.lines or (bad >= ENOUGH and bad >= MAJORITY * facts.lines):
        return Suspicion(
            f"Most lines are unreadable: {bad:,} of {facts.lines:,} lines. {reason}", True
        )
    if _unreadable_share(worst) > MAJORITY:
        return Suspicion(
            f"Most lines of {visible(worst.name, 60)} are unreadable: {worst.quarantined:,} of "
            f"{worst.lines:,} lines. Accounts appear less active than they are."
        )
    if bad >= ENOUGH and bad > NOTABLE * facts.lines:
        return Suspicion(
            f"{percent_of(bad, facts.lines)} of the lines are unreadable: {bad:,} of "
            f"{facts.lines:,} lines. Accounts appear less active than they are."
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
        f"{visible(worst.name, 60)} mixes two formats: {bad:,} of {facts.lines:,} lines were "
        "not read, because they are records of another known format. Their accounts are missing.",
        share_of(bad, facts.lines) >= HALF_OF_HALF,
    )


def unreadable_times(facts: InputFacts) -> Suspicion | None:
    """Find times that were not understood."""
    bad = sum(source.bad_times for source in facts.sources)
    if bad < 2 or share_of(bad, facts.lines) < NOTABLE:
        return None
    return Suspicion(
        f"The times of {bad:,} of {facts.lines:,} lines cannot be read or lie in the future, so "
        "these lines were not read. If a log mixes forms of time, only a part of it is read.",
        share_of(bad, facts.lines) >= HALF_OF_HALF,
    )


def no_take(facts: InputFacts) -> Suspicion | None:
    """Find an input without any take."""
    if facts.takes or not facts.lines:
        return None
    return Suspicion(
        f"None of {facts.lines:,} lines is the use of an item by an account. The counts by reason "
        "show why. Without uses, no account can be judged.",
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
        "All times fall in the same minute of the day, like dates without a time of day. Evidence "
        "from pace, hours and bursts would be false.",
        True,
    )


def hours_of_play(facts: InputFacts) -> Suspicion | None:
    """Find days with more time played than a day has."""
    played = facts.played
    if "seconds" in facts.columns and facts.hours and not played.days:
        return Suspicion(
            "No use has seconds played that can be counted. They are not plain numbers such as "
            "183.4, or they are zero, or longer than a week. They are ignored."
        )
    if played.long_days <= LONGEST_DAY_SHARE * played.days:
        return None
    return Suspicion(
        f"Accounts play for more than 25 hours per day on {played.long_days:,} of "
        f"{played.days:,} days with plays. The longest day has {played.longest / HOUR:,.0f} hours. "
        f"The mean use takes {played.per_use:,.0f} seconds. The numbers may be milliseconds, or "
        "may not be time played.",
        played.long_days > MAJORITY * played.days,
    )


def other_surface(facts: InputFacts) -> Suspicion | None:
    """Find surfaces that the evidence tests do not know."""
    if not facts.surfaces:
        return None
    named = ", ".join(visible(surface, 30) for surface, _ in facts.surfaces)
    events = sum(number for _, number in facts.surfaces)
    return Suspicion(
        f"The surface of {events:,} uses is unknown: {named}. The tests distinguish only "
        "stream, download, metadata and search."
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
