"""What every detector sees at one verdict time."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy.typing as npt

from ringfence.evidence import Context
from ringfence.pipeline.steps import ring_verdicts
from ringfence.settings import Settings
from ringfence.verdicts import RingVerdict, ScoredAccounts


@dataclass(frozen=True)
class Snapshot:
    """The population with an attack in it, as folded and scored at one moment.

    Attributes:
        moment: seconds since 1970; all events before it are folded, none from it on.
        context: the ledger so far; the evidence steps have run, and the temp table ``catalogue``
            is filled.
        scored: what :func:`ringfence.verdicts.judge` came to.
        labels: verdicts at the operator's rate, one an account of ``scored``.
        settings: how the population is scored.
        searched: whether groups of accounts are looked for at this moment, which costs much more
            than all else; a detector that looks for groups says nothing of them where not.
    """

    moment: int
    context: Context
    scored: ScoredAccounts
    labels: npt.NDArray[Any]
    settings: Settings
    searched: bool = True

    @cached_property
    def rings(self) -> tuple[RingVerdict, ...]:
        """Rings as a scan finds them, looked for once and only if asked; none if not searched."""
        if not self.searched:
            return ()
        return ring_verdicts(self.context, self.scored, self.settings)
