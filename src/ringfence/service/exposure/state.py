"""The exposure of all accounts: what each has taken, and what it may still take.

Everything is in mapped files, so it survives the end of the process at any moment. A pair is first
noted in the filter and then counted. So if the process ends in between, only counts are lost, in
favour of the account: one item of an answer, or at most one piece of a file of the feed.

Files of the feed are removed after the disk has what was in them. If the machine itself stops, the
mapped files may be from different moments. Then all counters begin at zero, and the files of the
feed that are left are counted again: every account has its allowance once more, and no account is
charged for what it did not take.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ringfence.errors import OutputError
from ringfence.private_files import make_folder, remove_partial_files
from ringfence.service.exposure.account_counters import AccountCounters, Use
from ringfence.service.exposure.budget import BUDGET_WINDOWS, BudgetRule, Limits
from ringfence.service.exposure.feed import FeedRows
from ringfence.service.exposure.keys import hash_pair, hash_pairs
from ringfence.service.exposure.pair_filter import PairFilter
from ringfence.service.files import ServiceFolder

FEED_PIECE: Final = 128
"""Rows of the feed that are counted at once, while answers wait: less than a millisecond."""

_POSITION, _BOOT, _CLOSED, _SECRET = 1, 2, 3, 4
"""Places in the header of the accounts' file."""

_BOOT_ID: Final = Path("/proc/sys/kernel/random/boot_id")


@dataclass(frozen=True)
class ExposureSize:
    """The sizes of the files.

    Attributes:
        pairs: pairs of account and item that the first filter is made for: 1.5 bytes per pair.
        accounts: accounts that are counted, at most: 160 bytes per account.
    """

    pairs: int = 50_000_000
    accounts: int = 10_000_000


class ExposureState:
    """The counters of all accounts, and all pairs that were taken.

    Args:
        folder: of the service. One process at a time may use it.
        rule: the allowance; takes beyond it are charged to the allowance for copies.
        size: of the files. It counts when they are made.
        now: seconds since 1970, for tests.

    Attributes:
        accounts: the counters.
        pairs: the filter.
        forgiven: whether the counters were set to zero because the machine had stopped.

    Raises:
        OutputError: the disk is too full, or the files belong to another secret.
    """

    def __init__(
        self,
        folder: ServiceFolder,
        secret: bytes,
        rule: BudgetRule,
        size: ExposureSize | None = None,
        now: int | None = None,
    ) -> None:
        size = size or ExposureSize()
        make_folder(folder.exposure)
        remove_partial_files(folder.exposure)
        self.rule = rule
        self.accounts = AccountCounters(folder.exposure / "accounts.table", size.accounts)
        self._header = _checked(self.accounts, secret, folder.exposure)
        self.pairs = PairFilter(folder.exposure, size.pairs)
        boot = _boot()
        self.forgiven = not self._header[_CLOSED] and int(self._header[_BOOT]) not in {0, boot}
        if self.forgiven:
            self.accounts.forgive()
        self.accounts.remove_idle((int(time.time()) if now is None else now) - 2 * _LONGEST)
        self._header[_BOOT], self._header[_CLOSED] = boot, 0

    @property
    def position(self) -> int:
        """The number of the last file of the feed that was counted; -1 for none."""
        return int(self._header[_POSITION]) - 1

    def passed(self, number: int) -> None:
        """Note that a file of the feed was counted to its end."""
        self._header[_POSITION] = number + 1

    def holds(self, account: int, item: int) -> bool:
        """Return whether an account has taken an item before."""
        return self.pairs.has(hash_pair(account, item))

    def use(self, account: int, now: int) -> Use:
        """Return the counters of an account at a moment, in seconds since 1970."""
        return self.accounts.use(account, now)

    def charge(self, account: int, pair: int, now: int, *, copy: bool = False) -> None:
        """Note that an account takes an item that is new to it.

        Args:
            account: its number.
            pair: the number of the pair.
            now: seconds since 1970.
            copy: whether the item is charged to the allowance for copies.
        """
        self.pairs.add(pair)
        if copy:
            self.accounts.add_copy(account, now)
        else:
            self.accounts.add(account, now, now)

    def note_device(self, account: int, device: int, now: int) -> None:
        """Note a device of an account, which then has its own allowance for copies."""
        pair = hash_pair(account, device)
        if not self.pairs.has(pair):
            self.pairs.add(pair)
            self.accounts.add_device(account, now)

    def count(self, rows: FeedRows, now: int) -> int:
        """Count what the judge has seen, and return the number of takes that were new.

        A take that was charged when a gateway asked is in the filter, and is not charged again.

        Args:
            rows: rows of the feed, at most some thousand.
            now: seconds since 1970.
        """
        accounts, items = rows["account"].astype(np.uint64), rows["item"].astype(np.uint64)
        pairs = hash_pairs(accounts, items)
        moments = rows["moment"].astype(np.int64) // 1_000
        self.accounts.see(accounts.tolist(), moments.tolist())
        _, firsts = np.unique(pairs, return_index=True)
        new = np.sort(firsts[~self.pairs.have(pairs[firsts])])
        self.pairs.add_all(pairs[new])
        self._add(accounts[new], moments[new], now)
        return len(new)

    def sync(self) -> None:
        """Wait until the disk has everything, and has room for the next pairs."""
        self.pairs.prepare()
        self.pairs.sync()
        self.accounts.sync()

    def close(self) -> None:
        """Write everything to the disk and close the files."""
        self.sync()
        self._header[_CLOSED] = 1
        self.accounts.sync()
        self.accounts.close()
        self.pairs.close()

    def _add(self, accounts: NDArray[np.uint64], moments: NDArray[np.int64], now: int) -> None:
        """Count new items. Accounts that may exceed their allowance are counted one by one."""
        names, inverse, counts = np.unique(accounts, return_inverse=True, return_counts=True)
        after = self.accounts.totals(names, now) + counts[:, None]
        over: NDArray[np.bool_] = np.any(after > np.array(self.rule.limits(0)), axis=1)
        beyond = over[inverse]
        self.accounts.add_all(accounts[~beyond], moments[~beyond], now)
        for account, moment in zip(
            accounts[beyond].tolist(), moments[beyond].tolist(), strict=True
        ):
            use = self.accounts.use(account, now)
            room = use.copied < self.rule.copies(use.devices)
            if room and exceeded(use, self.rule.limits(now - use.first)) >= 0:
                self.accounts.add_copy(account, now)
            else:
                self.accounts.add(account, moment, now)


_LONGEST: Final = BUDGET_WINDOWS[-1].seconds


def exceeded(use: Use, limits: Limits) -> int:
    """Return the longest window in which nothing new is left, or -1 if there is none.

    Returns:
        Its place in :data:`BUDGET_WINDOWS`.
    """
    if use.month >= limits[2]:
        return 2
    if use.day >= limits[1]:
        return 1
    return 0 if use.hour >= limits[0] else -1


def _checked(accounts: AccountCounters, secret: bytes, folder: Path) -> NDArray[np.uint64]:
    """Return the header of the accounts' file.

    Raises:
        OutputError: the file was made with another secret.
    """
    header = accounts.header
    check = hash_pair(int.from_bytes(secret[:8], "little"), int.from_bytes(secret[8:16], "little"))
    # A process that was killed here before has left zeros.
    if not accounts.count and not header[_SECRET]:
        header[_SECRET] = check
    if int(header[_SECRET]) != check:
        raise OutputError(
            "the files were made with another secret",
            where=str(folder),
            hint="restore the secret, or remove this folder: all items then look new",
        )
    return header


def _boot() -> int:
    """Return a number of this start of the machine, or 1 if the system has none."""
    try:
        return int(_BOOT_ID.read_text().replace("-", "")[:15], 16) + 1
    except (OSError, ValueError):
        return 1
