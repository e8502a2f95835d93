"""A second witness against a ring: the habits of its members, which the search did not look at.

A ring is found by what its members do not have in common, among accounts in the order of how oddly
they choose items. If the law of collisions should fail in a service (tastes that nobody knows of,
one person behind many addresses), an honest group may be found. How much its members take, and what
hand takes it, had no part in that; if the members are honest, they are together as odd as as many
other accounts with holdings as large. So a ring is ``extracting`` where both speak against it, each
at the operator's rate: even a law that fails altogether accuses no more often.

Links are no witness: classes sign up together and share a network. And rings in lockstep are never
more than suspects: honest accounts that one programme drives, shops of a chain, are as odd as it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from ringfence.evidence import Evidence
from ringfence.evidence.calibration import Floats
from ringfence.rings import Ring, matched_accounts
from ringfence.verdicts.finding import Verdict
from ringfence.verdicts.fusion import FAMILY_FLOOR
from ringfence.verdicts.judge import Judged

Rows = npt.NDArray[np.intp]

LEAST_GROUPS, MOST_GROUPS = 999, 9_999
"""Groups drawn for comparison, as many as the operator's rate asks for between these."""

SAYS: Final = {
    "members-taking": "Its members take unusually much within a day, a week or a month",
    "members-automation": "The hours, pace, networks or clients of its members are odd",
}
"""What each witness speaks of."""

WORTH_SAYING: Final = 0.05
"""A witness whose p-value is above says nothing."""


@dataclass(frozen=True)
class Witnessed:
    """A ring with what its members' own habits say.

    Attributes:
        ring: as found.
        rows: of its members among the judged accounts.
        verdict: ``extracting`` if a witness convicts it too.
        evidence: of each witness that says anything.
    """

    ring: Ring
    rows: Rows
    verdict: Verdict
    evidence: tuple[Evidence, ...]


def witnessed(judged: Judged, rings: Sequence[Ring], rate: float) -> tuple[Witnessed, ...]:
    """Ask the witnesses against every ring.

    Args:
        judged: all accounts, with rings' members among them.
        rings: as found.
        rate: the operator's false_accusation_rate.
    """
    keys = judged.accounts["account_key"]
    members = [np.searchsorted(keys, ring.keys) for ring in rings]
    suspected = np.concatenate([np.zeros(0, np.intp), *members])
    asked = len(SAYS) * len(rings)
    groups = int(np.clip(np.ceil(2 * asked / rate), LEAST_GROUPS, MOST_GROUPS))
    found = []
    for ring, rows in zip(rings, members, strict=True):
        heard = _heard(judged, rows, suspected, groups)
        evidence = tuple(one for one in heard if one.p_value <= WORTH_SAYING)
        convicts = any(one.p_value * asked <= rate for one in evidence)
        sure = convicts and ring.test == "collision" and ring.p_value <= rate
        found.append(Witnessed(ring, rows, "extracting" if sure else "suspect", evidence))
    return tuple(found)


def _heard(judged: Judged, rows: Rows, suspected: Rows, groups: int) -> tuple[Evidence, ...]:
    """Compare the members with groups of others, one witness at a time."""
    items = judged.accounts["items"].astype(np.float64)
    drawn = matched_accounts(items, rows, suspected, groups)
    if not len(drawn):
        return ()
    families = zip(SAYS, (judged.taking, judged.automation), strict=True)
    return tuple(_compared(name, p, rows, drawn) for name, p in families if not np.isnan(p).all())


def _compared(name: str, p_values: Floats, rows: Rows, drawn: Rows) -> Evidence:
    """Return the share of groups that are as odd together (Davison and Hinkley 1997, 4.2).

    Oddness is the median of −ln p: most members have to be odd, a few convict no others.
    """
    oddness = -np.log(np.clip(np.nan_to_num(p_values, nan=1.0), FAMILY_FLOOR, 1.0))
    observed = float(np.median(oddness[rows]))
    others = np.median(oddness[drawn], axis=1)
    as_odd = int(np.sum(others >= observed))
    p_value = (1 + as_odd) / (1 + len(drawn))
    return Evidence(
        name, observed, float(np.median(others)), p_value, _sentence(name, as_odd, len(drawn))
    )


def _sentence(name: str, as_odd: int, groups: int) -> str:
    of = f"{as_odd:,} of {groups:,}" if as_odd else f"none of {groups:,}"
    return (
        f"{SAYS[name]}: of groups of as many other accounts with holdings of the same size, {of} "
        "are like this."
    )
