"""What else stands in a log: range requests, failures, style sheets and pings."""

from __future__ import annotations

import numpy as np

from ringfence.lab.simulate.access_log.lines import ASSETS, FAILURES, PARTIAL
from ringfence.lab.simulate.access_log.uses import WEEK, Uses, joined
from ringfence.stats.arrays import Codes, Integers

RANGES = 0.03
"""Share of lines that fetch a further part of the stream just begun."""
SIDE = 0.025
"""Share of lines that are about no track."""
FAILED = 0.01
"""Share of streams that fail or are redirected."""


def plays_within(lines: int) -> int:
    """Return how many plays leave room for the other lines."""
    return lines - round(RANGES * lines) - round(SIDE * lines)


def with_noise(rng: np.random.Generator, plays: Uses, lines: int) -> Uses:
    """Add range requests and side requests until there are so many lines.

    Args:
        rng: source of randomness.
        plays: as many as :func:`plays_within` says.
        lines: lines in all.

    Returns:
        The plays, some of them now failed or partial, and the other lines.
    """
    reply = plays.reply.copy()
    failed = np.flatnonzero(rng.random(len(plays)) < FAILED)
    reply[failed] = rng.choice(FAILURES, len(failed))
    ranged = rng.integers(0, len(plays), round(RANGES * lines))
    reply[ranged] = PARTIAL
    plays = Uses(plays.second, plays.account, plays.track, reply, plays.address)
    sided = rng.integers(0, len(plays), lines - len(plays) - len(ranged))
    assets = rng.choice(ASSETS, len(sided)).astype(np.int8)
    return joined(
        [
            plays,
            _beside(plays, ranged, rng.integers(1, 15, len(ranged)), plays.track, PARTIAL),
            _beside(plays, sided, -rng.integers(0, 5, len(sided)), None, assets),
        ]
    )


def _beside(
    plays: Uses,
    rows: Integers,
    delay: Integers,
    track: np.ndarray[tuple[int], np.dtype[np.int32]] | None,
    reply: Codes | int,
) -> Uses:
    """Lines of the same people, seconds after (or before) some of their plays."""
    return Uses(
        second=((plays.second[rows] + delay) % WEEK).astype(np.int32),
        account=plays.account[rows],
        track=np.zeros(len(rows), np.int32) if track is None else track[rows],
        reply=np.broadcast_to(np.asarray(reply, np.int8), rows.shape).copy(),
        address=plays.address[rows],
    )
