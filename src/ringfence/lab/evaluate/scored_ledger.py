"""Score a ledger as a scan does, at one moment of a replay."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from ringfence.evidence import Context
from ringfence.pipeline.steps import combined_verdicts
from ringfence.settings import Settings
from ringfence.stats.arrays import Keys, Names
from ringfence.verdicts import CombinedVerdicts, ScoredAccounts, account_verdicts, combine, judge


@dataclass(frozen=True)
class ScoredLedger:
    """A population, with an attack in it, folded and scored up to one moment: a detector's input.

    Attributes:
        moment: seconds since 1970. All events before it are folded, and none from it on.
        context: the ledger. The evidence steps have run, and the table ``catalogue`` is filled.
        scored: all accounts with their evidence.
        labels: (accounts,) the verdict on each account from its own evidence.
        settings: the settings of the scan.
        search_groups: whether detectors search for groups of accounts at this moment. A search
            costs much more than all other steps, so a replay makes it less often.
    """

    moment: int
    context: Context
    scored: ScoredAccounts
    labels: Names
    settings: Settings
    search_groups: bool = True

    @property
    def keys(self) -> Keys:
        """(accounts,) account keys, ascending."""
        return self.scored.accounts["account_key"]

    @cached_property
    def combined(self) -> CombinedVerdicts:
        """Verdicts on accounts and rings together; the search runs once, when first asked for.

        There are no rings at a moment without a search.
        """
        if self.search_groups:
            return combined_verdicts(self.context, self.scored, self.settings)
        return combine(self.scored, (), self.settings.verdicts.false_accusation_rate)


def score_ledger(
    context: Context, settings: Settings, moment: int, *, search_groups: bool = True
) -> ScoredLedger:
    """Run every evidence test and return the ledger with its verdicts on single accounts.

    Args:
        context: a measured ledger.
        settings: the settings of the scan.
        moment: the time up to which the ledger is folded, seconds since 1970.
        search_groups: whether detectors search for groups of accounts.
    """
    scored = judge(context, lambda _: None)
    labels = account_verdicts(scored, settings.verdicts.false_accusation_rate)
    return ScoredLedger(moment, context, scored, labels, settings, search_groups)
