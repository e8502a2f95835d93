"""What every detector sees at one verdict time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy.typing as npt

from ringfence.evidence import Context
from ringfence.verdicts import Judged


@dataclass(frozen=True)
class Snapshot:
    """The population with an attack in it, as folded and judged at one moment.

    Attributes:
        moment: seconds since 1970; all events before it are folded, none from it on.
        context: the ledger so far; the evidence steps have run, and the temp table ``catalogue``
            is filled.
        judged: what :func:`ringfence.verdicts.judge` came to.
        labels: verdicts at the operator's rate, one an account of ``judged``.
    """

    moment: int
    context: Context
    judged: Judged
    labels: npt.NDArray[Any]
