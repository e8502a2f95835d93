"""Detect that the events of the last minutes are probably misread.

The rules about lines and times are those of a scan (:mod:`ringfence.pipeline.plausibility`). Two
more compare the times of events with the clock, which a scan of an old log cannot do.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from ringfence.events import BAD, LIST_PAGE
from ringfence.ledger import FoldResult
from ringfence.pipeline.input_facts import InputFacts
from ringfence.pipeline.reading import SourceCounts
from ringfence.pipeline.signs_in_lines import no_take, unexplained, unreadable, unreadable_times
from ringfence.pipeline.suspicion import ENOUGH, MAJORITY
from ringfence.service.exposure.feed import FeedRows

_MINUTE: Final = 60

RECENT_SECONDS: Final = 10 * _MINUTE
"""Seconds for which a sign counts at least, and twice that at most."""

AHEAD: Final = 5 * _MINUTE
"""Seconds by which the clock of a client may be ahead."""

_EARLIEST: Final = int(datetime(2000, 1, 1, tzinfo=UTC).timestamp())
"""No service that is watched is older. Seconds that are read as milliseconds give 1970."""

_RULES: Final = (unreadable_times, unreadable, no_take, unexplained)
_MILLISECONDS: Final = 1_000


@dataclass
class InputState:
    """The part of the judge's status about the reading of records, since the process began.

    Attributes:
        lines: records that were folded, read or not.
        takes: records that are takes.
        unreadable: records that could not be read.
        bad_times: those of which the time could not be read, or lies in the future.
        ahead: new pairs of account and item whose time is minutes ahead of the clock.
        ancient: the same before the year 2000.
        problem: why the events of the last minutes are implausible; empty if they are not.
    """

    lines: int = 0
    takes: int = 0
    unreadable: int = 0
    bad_times: int = 0
    ahead: int = 0
    ancient: int = 0
    problem: str = ""


class InputWatch:
    """Counts what folds read, and judges the last minutes.

    Args:
        state: what the status says.
        note: receives one line about a new problem.
        clock: seconds since 1970.
    """

    def __init__(
        self,
        state: InputState,
        note: Callable[[str], None],
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._state = state
        self._note = note
        self._clock = clock
        self._counts: Counter[str] = Counter()
        self._before: Counter[str] = Counter()
        self._began = clock()
        self._quiet_until = 0.0

    def folded(self, results: Sequence[FoldResult], rows: FeedRows) -> None:
        """Take note of a fold.

        Args:
            results: of its sources.
            rows: the pairs that it gave to the feed.
        """
        now = self._clock()
        if abs(now - self._began) >= RECENT_SECONDS:
            self._before, self._counts, self._began = self._counts, Counter(), now
        moments = rows["moment"] // _MILLISECONDS
        counts = Counter(
            lines=sum(one.lines.total for one in results),
            takes=sum(one.lines.takes for one in results),
            unreadable=sum(one.lines.quarantined for one in results),
            bad_times=sum(one.lines.quarantine.get(reason, 0) for one in results for reason in BAD),
            no_item=sum(
                one.lines.not_takes.get(why, 0) for one in results for why in ("no-item", LIST_PAGE)
            ),
            pairs=len(moments),
            ahead=int((moments > now + AHEAD).sum()),
            ancient=int((moments < _EARLIEST).sum()),
        )
        self._counts.update(counts)
        for name in ("lines", "takes", "unreadable", "bad_times", "ahead", "ancient"):
            setattr(self._state, name, getattr(self._state, name) + counts[name])
        problem = next(_problems(self._counts + self._before), "")
        if problem and not self._state.problem:
            self._note(f"events are implausible: {problem}")
        elif counts["unreadable"] and not problem and now >= self._quiet_until:
            self._quiet_until = now + RECENT_SECONDS
            self._note(_unread(results, counts["unreadable"]))
        self._state.problem = problem


def _unread(results: Sequence[FoldResult], number: int) -> str:
    """Return one line about the records of a fold that could not be read."""
    reasons = sum((Counter(one.lines.quarantine) for one in results), Counter())
    said = ", ".join(f"{reason} {count:,}" for reason, count in sorted(reasons.items()))
    return f"{number:,} records could not be read ({said}); see quarantine/judge.jsonl"


def _problems(counts: Counter[str]) -> Iterator[str]:
    """Yield what is implausible, the most important first."""
    recent = SourceCounts(
        "the last minutes", counts["lines"], counts["takes"], counts["unreadable"],
        counts["bad_times"], counts["no_item"],
    )  # fmt: skip
    facts = InputFacts(sources=(recent,), lasting=True)
    pairs = counts["pairs"]
    if pairs >= ENOUGH and counts["ancient"] > MAJORITY * pairs:
        yield (
            f"The times of {counts['ancient']:,} of {pairs:,} new items lie before the year 2000. "
            "Seconds may have been read as milliseconds, or a clock was never set."
        )
    if pairs >= ENOUGH and counts["ahead"] > MAJORITY * pairs:
        yield (
            f"The times of {counts['ahead']:,} of {pairs:,} new items are more than "
            f"{AHEAD // _MINUTE} minutes ahead of the clock. They may be local times without a "
            "time zone (events.time_zone), or a clock is wrong."
        )
    # A few records at the start say nothing yet.
    if counts["lines"] >= ENOUGH:
        yield from (found.text for found in (rule(facts) for rule in _RULES) if found)
