"""What company says of an account: evidence that is weak alone counts for more in a ring.

Among all accounts of a scan somebody is always odd. Who is in a ring was not chosen for how much it
takes or what hand takes it, and is one of few: its own evidence of these two kinds is held to the
operator's rate among the rings' members, not among everybody.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt

from ringfence.evidence import Evidence
from ringfence.verdicts.fusion import fuse
from ringfence.verdicts.judge import Judged
from ringfence.verdicts.witnesses import Witnessed

Labels = npt.NDArray[Any]


def in_company(
    judged: Judged, labels: Labels, rings: Sequence[Witnessed], rate: float
) -> tuple[Judged, Labels]:
    """Judge members of rings among themselves, and say of all of them which company they keep.

    Args:
        judged: all accounts.
        labels: their verdicts alone.
        rings: those found; only members of rings that collide too little at the operator's rate
            are judged anew.
        rate: the operator's false_accusation_rate.

    Returns:
        The accounts with what their company says, and their verdicts. Who is accused for its
        company has the p-value of its own evidence without how it chooses items, and as many
        honest accounts are expected as there are members times that.
    """
    counting = [r.rows for r in rings if r.ring.test == "collision" and r.ring.p_value <= rate]
    sure = np.unique(np.concatenate([np.zeros(0, np.intp), *counting]))
    nothing = np.full(labels.size, np.nan)
    own = fuse({"taking": judged.taking, "selection": nothing, "automation": judged.automation})
    accused = np.zeros(labels.size, dtype=bool)
    accused[sure] = own[sure] * sure.size <= rate
    accused &= labels != "extracting"
    besides = {
        row: _evidence(one, place) for one in rings for place, row in enumerate(one.rows.tolist())
    }
    anew = replace(
        judged,
        p_values=np.where(accused, own, judged.p_values),
        expected_false=np.where(accused, own * sure.size, judged.expected_false),
        company=besides,
    )
    return anew, np.where(accused, "extracting", labels)


def _evidence(one: Witnessed, place: int) -> Evidence:
    observed, expected = one.ring.toward[place].tolist()
    sentence = _sentence(one, observed, expected)
    return Evidence(one.ring.test, observed, expected, one.ring.p_value, sentence)


def _sentence(one: Witnessed, observed: float, expected: float) -> str:
    others = one.rows.size - 1
    if one.ring.test == "lockstep":
        return (
            f"It is in a ring: {observed:,.0f} times it took what one of {others:,} other accounts "
            f"took at the same moment; chance would have {expected:,.0f}."
        )
    return (
        f"It is in a ring: with {others:,} other accounts it has {observed:,.0f} items in common, "
        f"account by account; an independent one would have {expected:,.0f}."
    )
