"""Put together what the logs and the ledger say, and summarise it in one sentence."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from ringfence.pipeline.tracing.criteria import Criteria
from ringfence.pipeline.tracing.result import (
    SearchAnswer,
    SearchedPeriod,
    TracedAccount,
    TraceOutcome,
    WindowCount,
)
from ringfence.pipeline.tracing.wording import fact, how_sure, period_text


@dataclass(frozen=True)
class Combined:
    """The answer of the logs and the ledger together.

    Attributes:
        outcome: one or several accounts fit, some in part, or none; or nothing could be searched.
        accounts: number of accounts that fit all criteria.
        candidates: those accounts, from the logs first.
        windows: growth with the uncertainty of the time.
        notes: where the answer comes from.
    """

    outcome: TraceOutcome
    accounts: int
    candidates: tuple[TracedAccount, ...]
    windows: tuple[WindowCount, ...]
    notes: tuple[str, ...]


def combine_answers(
    criteria: Criteria, logs: SearchAnswer | None, ledger: SearchAnswer | None
) -> Combined:
    """Return one answer.

    Accesses in logs are exact, so they come first. The accounts that only the ledger knows are
    added. If the logs cover the whole window of time, only those with a recorded use are added: the
    logs may be those of one server of several.

    Args:
        criteria: of the complaint.
        logs: what the logs say; None if there are none.
        ledger: what the ledger says; None if there is none, or if it cannot be searched for this.
    """
    in_logs = logs.candidates if logs and logs.accounts else ()
    covered = bool(
        logs and criteria.time and logs.period.contains(criteria.window(criteria.within))
    )
    only_ledger, others = _added(ledger, in_logs, recorded_only=covered) if ledger else ((), 0)
    in_all_logs = logs.accounts if logs else 0
    accounts = in_all_logs + others
    if accounts:
        recorded = in_all_logs + sum(one.certainty == "seen" for one in only_ledger)
        fitting = _with_words((*in_logs, *only_ledger), criteria, recorded, accounts - recorded)
        outcome: TraceOutcome = "one" if accounts == 1 else "several"
    else:
        partial = logs.candidates if logs else ()
        fitting = _with_words(partial, criteria, len(partial), 0)
        outcome = "partial" if partial else "none" if logs or ledger else "unanswered"
    answered = logs if logs and (logs.accounts or not others) else ledger
    return Combined(
        outcome,
        accounts,
        fitting,
        answered.windows if answered else (),
        tuple(_origins(logs, ledger, others, covered=covered)),
    )


def _added(
    ledger: SearchAnswer, in_logs: Sequence[TracedAccount], *, recorded_only: bool
) -> tuple[tuple[TracedAccount, ...], int]:
    """Return the accounts that only the ledger knows, and their number, listed or not."""
    known = {one.account for one in in_logs}
    added = tuple(one for one in ledger.candidates if one.account not in known)
    if recorded_only:
        recorded = tuple(one for one in added if one.certainty == "seen")
        return recorded, len(recorded)
    return added, ledger.accounts - (len(ledger.candidates) - len(added))


def headline(criteria: Criteria, combined: Combined, searched: Sequence[SearchedPeriod]) -> str:
    """Return the answer in one sentence or two; a time outside of all records comes first."""
    if combined.outcome == "unanswered":
        wide = "the ledger cannot be searched for this network"
        why = wide if criteria.address else "the records have no addresses"
        return f"The complaint cannot be answered: {why}."
    window = criteria.window(criteria.within)
    what = " and ".join(period_text(one) for one in searched)
    outside = criteria.time and not any(one.touches(window) for one in searched)
    before = f"The time is outside of {what}. " if outside else ""
    said = fact(criteria, criteria.given)
    if combined.accounts:
        certain = all(one.certainty == "seen" for one in combined.candidates)
        if not certain:
            said = fact(criteria, criteria.given, "possible")
        count = combined.accounts
        return f"{'One account' if count == 1 else f'{count:,} accounts'} {said}."
    if combined.outcome == "partial":
        number = len(combined.candidates)
        some = "one account fits" if number == 1 else f"{number:,} accounts fit"
        return f"{before}No account {said}; {some} in part."
    return f"{before}No account {said}. Searched: {what}."


def _with_words(
    candidates: Iterable[TracedAccount], criteria: Criteria, recorded: int, possible: int
) -> tuple[TracedAccount, ...]:
    return tuple(
        replace(one, sure=how_sure(one, criteria, recorded, possible)) for one in candidates
    )


def _origins(
    logs: SearchAnswer | None, ledger: SearchAnswer | None, others: int, *, covered: bool
) -> Iterable[str]:
    """Yield where the answer comes from, if both were searched, and how far it reaches."""
    if logs and ledger:
        if covered:
            yield "The logs cover this time, so of the ledger only recorded uses count."
        if logs.accounts and others:
            yield f"{logs.accounts:,} of them are from the logs, {others:,} from the ledger alone."
        elif others:
            yield "The logs show no account that fits; the answer is from the ledger alone."
        else:
            yield "The answer is from the logs; the ledger adds no account."
    elif ledger:
        yield "The answer is from the ledger alone: it has no exact times of single accesses."
    if logs and logs.accounts == 1:
        yield "It is complete only if the logs are: further logs of that time may show others."
