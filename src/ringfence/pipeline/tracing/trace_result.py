"""The result of tracing a complaint: the accounts that fit, and the texts that may be sent."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ringfence.model.unread_source import UnreadSource
from ringfence.pipeline.tracing.criteria import Criteria
from ringfence.pipeline.tracing.disclosure import (
    DISCLOSURE_NOTE,
    DISCLOSURES,
    Audience,
    check_audience,
    chosen_candidate,
    complainant_text,
    holder_text,
)
from ringfence.pipeline.tracing.result import (
    FitCount,
    SearchedPeriod,
    TracedAccount,
    TraceOutcome,
    WindowCount,
    criteria_json,
)
from ringfence.visible import visible


@dataclass(frozen=True, repr=False)
class TraceResult:
    """The answer to a complaint.

    Attributes:
        criteria: what the complaint says, as it was understood.
        items: the names of its item; empty if it names none.
        headline: the answer in one sentence.
        outcome: ``one`` or ``several`` accounts fit, ``partial`` or ``none``;
            ``unanswered`` if nothing could be searched.
        accounts: number of accounts that fit all criteria.
        candidates: these accounts; if none fits, those that fit all criteria but one. At most
            1,000 of the logs and of the ledger each.
        fits: how many accounts the logs have for each set of criteria.
        windows: how the number of accounts grows with the uncertainty of the time.
        searched: what was searched: logs, ledger or both.
        notes: what a reviewer should know before drawing a conclusion.
        unread: sources that could not be read, and why.
    """

    criteria: Criteria
    items: tuple[str, ...]
    headline: str
    outcome: TraceOutcome
    accounts: int
    candidates: tuple[TracedAccount, ...]
    fits: tuple[FitCount, ...]
    windows: tuple[WindowCount, ...]
    searched: tuple[SearchedPeriod, ...]
    notes: tuple[str, ...]
    unread: tuple[UnreadSource, ...] = ()

    @property
    def identified(self) -> bool:
        """Return whether exactly one account fits, by a recorded access, and it has a login."""
        if self.outcome != "one" or not self.candidates:
            return False
        only = self.candidates[0]
        return only.certainty == "seen" and not only.visitor

    def text_for(self, audience: Audience, account: str | None = None) -> str:
        """Return the text that can be given to a reader.

        Args:
            audience: ``complainant``: no personal data at all. ``holder``: the accesses by one
                account. ``reviewer``: the result with everything.
            account: whose holder the text is for, if several accounts fit.

        Raises:
            TraceError: there is no such audience; or no account, or not a single one, is meant.
        """
        if audience == "complainant":
            return complainant_text(
                self.criteria.given, self.outcome, self.accounts, identified=self.identified
            )
        if audience == "holder":
            fitting = self.candidates if self.accounts else ()
            return holder_text(chosen_candidate(fitting, account))
        check_audience(audience)
        return repr(self)

    def __repr__(self) -> str:
        """Return the headline, one line per candidate and the notes."""
        lines = [self.headline]
        lines += [f"  {one.account}: {one.sure}" for one in self.candidates]
        return "\n".join(visible(line) for line in (*lines, *self.notes))

    def to_json(self) -> dict[str, Any]:
        """Return everything, for machines of internal reviewers."""
        return {
            "criteria": criteria_json(self.criteria),
            "items": list(self.items),
            "headline": self.headline,
            "outcome": self.outcome,
            "identified": self.identified,
            "accounts": self.accounts,
            "candidates": [one.to_json() for one in self.candidates],
            "fits": [one.to_json() for one in self.fits],
            "windows": [one.to_json() for one in self.windows],
            "searched": [one.to_json() for one in self.searched],
            "notes": list(self.notes),
            "unread": [one.to_json() for one in self.unread],
            "disclosure": [one.to_json() for one in DISCLOSURES],
            "disclosure_note": DISCLOSURE_NOTE,
        }
