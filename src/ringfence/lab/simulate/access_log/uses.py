"""Uses on their way to the log: columns, in no order yet."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ringfence.stats.arrays import Codes, Floats, Integers, SmallIntegers

DAY = 86_400
WEEK = 7 * DAY


@dataclass(frozen=True)
class Uses:
    """Requests of accounts, all columns of one length.

    Attributes:
        second: seconds since the week began, 0 .. WEEK - 1.
        account: number of the account.
        track: public number of the track; 0 where a line is about no track.
        reply: index into :data:`ringfence.lab.simulate.access_log.lines.REPLIES`.
        address: which of the account's addresses, 0 or 1.
    """

    second: SmallIntegers
    account: SmallIntegers
    track: SmallIntegers
    reply: Codes
    address: Codes

    def __len__(self) -> int:
        """Return the number of requests."""
        return len(self.second)

    def take(self, rows: Integers) -> Uses:
        """Return some rows, in the order given."""
        return Uses(
            second=self.second[rows],
            account=self.account[rows],
            track=self.track[rows],
            reply=self.reply[rows],
            address=self.address[rows],
        )

    @classmethod
    def streams(cls, second: SmallIntegers, account: SmallIntegers, track: SmallIntegers) -> Uses:
        """Make plain successful streams from the first address."""
        plain = np.zeros(len(second), np.int8)
        return cls(second, account, track, plain, plain.copy())


def in_week(second: Floats) -> SmallIntegers:
    """Fold times into the week, as if every week were alike, and cut them to whole seconds."""
    return (second.astype(np.int64) % WEEK).astype(np.int32)


def joined(parts: Sequence[Uses]) -> Uses:
    """Put uses one after another."""
    return Uses(
        second=np.concatenate([part.second for part in parts]),
        account=np.concatenate([part.account for part in parts]),
        track=np.concatenate([part.track for part in parts]),
        reply=np.concatenate([part.reply for part in parts]),
        address=np.concatenate([part.address for part in parts]),
    )
