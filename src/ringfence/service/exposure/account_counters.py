"""Counters of new items per account: one row of 160 bytes per account in a mapped file.

A row has the buckets of each of the :data:`BUDGET_WINDOWS` as rings. The bucket of a moment is at
the place of its number modulo the length of the ring. Buckets that have left the window are emptied
when something is added, and are left out when it is read.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from struct import Struct
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ringfence.service.exposure.budget import BUCKET, BUDGET_WINDOWS, YEAR
from ringfence.service.exposure.mapped_file import MappedFile
from ringfence.stats.seconds import DAY

_ROW: Final = Struct("<QIIHBBHH66H4x")
_ROW_TYPE: Final = np.dtype(
    [
        ("account", "<u8"), ("first", "<u4"), ("last", "<u4"), ("copied", "<u2"),
        ("devices", "u1"), ("spare", "u1"), ("copy_day", "<u2"), ("spare_2", "<u2"),
        ("hour", "<u2", 12), ("day", "<u2", 24), ("month", "<u2", 30), ("end", "<u4"),
    ]
)  # fmt: skip
_FIRST, _LAST = Struct("<I"), Struct("<I")
_HOUR, _DAY, _MONTH, _END = 8, 20, 44, 74
"""Where the rings begin in an unpacked row."""

_SHORTS: Final = (12, 24, 48)
"""Where the rings begin in a row, in units of two bytes."""

_HOURS: Final = BUDGET_WINDOWS[1].width // BUCKET
_DAYS: Final = BUDGET_WINDOWS[2].width // BUCKET
_DIVISORS: Final = (1, _HOURS, _DAYS)
"""Smallest buckets per bucket of each window."""

_LENGTHS: Final = tuple(window.buckets for window in BUDGET_WINDOWS)
_RINGS: Final = tuple(zip(_DIVISORS, _LENGTHS, _SHORTS, strict=True))
_ZEROS: Final = memoryview(bytes(2 * max(_LENGTHS))).cast("H")
_MOST: Final = 65_535
_HEADER: Final = 4096
_AT_ONCE: Final = 65_536
"""Rows by which the file grows at least."""

_BACK: Final = 12
"""Buckets by which the clock may go back. If it goes back further, the row begins again."""


class Use(NamedTuple):
    """The counters of an account at a moment.

    Attributes:
        hour: new items within the hour.
        day: the same within the day.
        month: the same within 30 days.
        first: when the account was first seen, in seconds since 1970.
        copied: items that were charged to the allowance for copies within a year.
        devices: devices that were seen.
    """

    hour: int
    day: int
    month: int
    first: int
    copied: int
    devices: int


class AccountCounters:
    """The rows of all accounts.

    Args:
        path: of the file.
        most: accounts that it may have. Further accounts are not counted.
    """

    def __init__(self, path: Path, most: int) -> None:
        self._file = MappedFile(path, _HEADER + _AT_ONCE * _ROW.size)
        self._most = most
        self._view()
        self._places = {
            account: place
            for place, account in enumerate(self._rows["account"][: self.count].tolist())
        }
        self.uncounted = 0

    def __len__(self) -> int:
        """Return the number of accounts."""
        return len(self._places)

    @property
    def count(self) -> int:
        """The number of rows in use."""
        return int(self._counts[0])

    @property
    def header(self) -> NDArray[np.uint64]:
        """Numbers that are kept beside the rows. The first one is the number of rows."""
        return self._counts

    def use(self, account: int, now: int) -> Use:
        """Return the counters of an account.

        Args:
            account: its number.
            now: seconds since 1970.
        """
        place = self._places.get(account)
        if place is None:
            return Use(0, 0, 0, now, 0, 0)
        row = _ROW.unpack_from(self._memory, _HEADER + place * _ROW.size)
        bucket, last = now // BUCKET, row[2]
        if last != bucket and not bucket < last <= bucket + _BACK:
            if last > bucket:
                return Use(0, 0, 0, row[1], 0, row[4])
            return Use(
                _sum(row[_HOUR:_DAY], last, bucket),
                _sum(row[_DAY:_MONTH], last // _HOURS, bucket // _HOURS),
                _sum(row[_MONTH:_END], last // _DAYS, bucket // _DAYS),
                row[1], _copied(row, now), row[4],
            )  # fmt: skip
        return Use(
            sum(row[_HOUR:_DAY]), sum(row[_DAY:_MONTH]), sum(row[_MONTH:_END]),
            row[1], _copied(row, now), row[4],
        )  # fmt: skip

    def wait(self, account: int, window: int, limit: int, now: int) -> int:
        """Return the seconds until a window has fewer new items than a limit.

        Args:
            account: its number.
            window: place of the window in :data:`BUDGET_WINDOWS`.
            limit: of that window.
            now: seconds since 1970.
        """
        place = self._places.get(account)
        if place is None:
            return 0
        self._advance(place, now // BUCKET, now // BUCKET)
        ring = self._rows[BUDGET_WINDOWS[window].name][place].tolist()
        width, length = BUDGET_WINDOWS[window].width, BUDGET_WINDOWS[window].buckets
        current, left = now // width, sum(ring)
        for step in range(1, length + 1):
            left -= ring[(current + step) % length]
            if left < limit:
                return (current + step) * width - now
        return length * width

    def add(self, account: int, moment: int, now: int) -> None:
        """Count one new item of an account.

        Args:
            account: its number.
            moment: when it was taken, in seconds since 1970.
            now: seconds since 1970. A later moment counts as now.
        """
        moment = min(moment, now)
        place = self._place(account, moment)
        if place is None:
            return
        bucket = moment // BUCKET
        last = self._advance(place, bucket, now // BUCKET)
        start, shorts = (_HEADER + place * _ROW.size) // 2, self._shorts
        for divisor, length, ring in _RINGS:
            number = bucket // divisor
            if last // divisor - number < length:
                short = start + ring + number % length
                count = shorts[short]
                if count < _MOST:
                    shorts[short] = count + 1

    def add_copy(self, account: int, now: int) -> None:
        """Count one item that is charged to the allowance for copies."""
        place = self._place(account, now)
        if place is None:
            return
        self._advance(place, now // BUCKET, now // BUCKET)
        row, today = self._rows[place : place + 1], now // DAY
        if not row["copied"][0] or today - int(row["copy_day"][0]) >= YEAR // DAY:
            row["copied"], row["copy_day"] = 0, today
        row["copied"] = min(int(row["copied"][0]) + 1, _MOST)

    def add_device(self, account: int, now: int) -> None:
        """Count one new device of an account."""
        place = self._place(account, now)
        if place is not None:
            self._rows["devices"][place] = min(int(self._rows["devices"][place]) + 1, 255)

    def see(self, accounts: Sequence[int], moments: Sequence[int]) -> None:
        """Make a row for each new account, and note the earliest moment of each account.

        Args:
            accounts: their numbers.
            moments: seconds since 1970, one per account.
        """
        for account, moment in zip(accounts, moments, strict=True):
            self._place(account, moment)

    def add_all(self, accounts: NDArray[np.uint64], moments: NDArray[np.int64], now: int) -> None:
        """Count new items, one per account in the list. Accounts may be there several times.

        Args:
            accounts: their numbers. Those without a row are left out: call :meth:`see` first.
            moments: when each was taken, in seconds since 1970.
            now: seconds since 1970. Later moments count as now.
        """
        found = [self._places.get(account, -1) for account in accounts.tolist()]
        places = np.array(found, np.int64)
        known = places >= 0
        places, buckets = places[known], np.minimum(moments[known], now) // BUCKET
        if not len(places):
            return
        rows, inverse = np.unique(places, return_inverse=True)
        newest = np.zeros(len(rows), np.int64)
        np.maximum.at(newest, inverse, buckets)
        self._advance_all(rows, newest, now // BUCKET)
        last = self._rows["last"][places].astype(np.int64)
        for window, divisor in zip(BUDGET_WINDOWS, _DIVISORS, strict=True):
            numbers = buckets // divisor
            inside = last // divisor - numbers < window.buckets
            where, counts = np.unique(
                places[inside] * window.buckets + numbers[inside] % window.buckets,
                return_counts=True,
            )
            ring = self._rows[window.name]
            at = (where // window.buckets, where % window.buckets)
            ring[at] = np.minimum(ring[at] + counts, _MOST).astype(np.uint16)

    def totals(self, accounts: NDArray[np.uint64], now: int) -> NDArray[np.int64]:
        """Return the counters of accounts: one row per account, one column per window."""
        found = [self._places.get(account, -1) for account in accounts.tolist()]
        places = np.array(found, np.int64)
        rows = self._rows[np.maximum(places, 0)]
        last, current = rows["last"].astype(np.int64), now // BUCKET
        counted = (places >= 0) & (last <= current + _BACK)
        newest = np.maximum(last, current)
        sums = np.zeros((len(places), len(BUDGET_WINDOWS)), np.int64)
        for column, (window, divisor) in enumerate(zip(BUDGET_WINDOWS, _DIVISORS, strict=True)):
            before = (last // divisor)[:, None]
            numbers = before - (before - np.arange(window.buckets)) % window.buckets
            inside = (newest // divisor)[:, None] - numbers < window.buckets
            sums[:, column] = (rows[window.name] * inside).sum(axis=1) * counted
        return sums

    def forgive(self) -> None:
        """Set all counters to zero, and keep when each account was first seen."""
        rows = self._rows[: self.count]
        for name in ("copied", "copy_day", *(window.name for window in BUDGET_WINDOWS)):
            rows[name] = 0

    def remove_idle(self, before: int) -> int:
        """Remove the accounts that took nothing new since a moment; return how many were removed.

        Args:
            before: seconds since 1970. Takes before it must have left all windows.
        """
        rows = self._rows[: self.count]
        kept = rows[(rows["last"] >= before // BUCKET) | (rows["copied"] > 0)].copy()
        removed = len(rows) - len(kept)
        if removed:
            rows[: len(kept)] = kept
            self._counts[0] = len(kept)
            self._places = {one: place for place, one in enumerate(kept["account"].tolist())}
        return removed

    def sync(self) -> None:
        """Wait until the disk has everything."""
        self._file.sync()

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def _view(self) -> None:
        memory = self._file.memory
        self._memory = memory
        self._counts = np.frombuffer(memory, "<u8", 8)
        self._rows: NDArray[Any] = np.frombuffer(
            memory, _ROW_TYPE, (len(memory) - _HEADER) // _ROW.size, _HEADER
        )
        self._shorts = memoryview(memory).cast("H")

    def _place(self, account: int, moment: int) -> int | None:
        """Return the place of an account's row, which is made if there is none."""
        place = self._places.get(account)
        if place is not None:
            if moment < _FIRST.unpack_from(self._memory, _HEADER + place * _ROW.size + 8)[0]:
                _FIRST.pack_into(self._memory, _HEADER + place * _ROW.size + 8, max(moment, 0))
            return place
        if len(self._places) >= self._most:
            self.uncounted += 1
            return None
        place = self.count
        if place >= len(self._rows):
            self._file.grow(_HEADER + max(2 * place, _AT_ONCE) * _ROW.size)
            self._view()
        moment = max(moment, 0)
        _ROW.pack_into(
            self._memory, _HEADER + place * _ROW.size, account, moment, moment // BUCKET,
            *(0,) * (_END - 3),
        )  # fmt: skip
        self._counts[0] = place + 1
        self._places[account] = place
        return place

    def _advance(self, place: int, bucket: int, now: int) -> int:
        """Empty the buckets of a row that leave its windows when a bucket becomes the newest.

        Returns:
            The newest bucket of the row then.
        """
        start = _HEADER + place * _ROW.size
        last: int = _LAST.unpack_from(self._memory, start + 12)[0]
        if last == bucket or bucket < last <= now + _BACK:
            return last
        if last > now + _BACK:
            last = 0
        shorts = self._shorts
        for divisor, length, ring in _RINGS:
            before, number, first = last // divisor, bucket // divisor, start // 2 + ring
            if number - before >= length:
                shorts[first : first + length] = _ZEROS[:length]
                continue
            for since, end in _gone(before, number, length):
                shorts[first + since : first + end] = _ZEROS[: end - since]
        _LAST.pack_into(self._memory, start + 12, bucket)
        return bucket

    def _advance_all(self, places: NDArray[np.int64], buckets: NDArray[np.int64], now: int) -> None:
        last = self._rows["last"][places].astype(np.int64)
        # The clock was in the future for a while: nothing that is counted there can be trusted.
        strange = last > now + _BACK
        newest = np.where(strange, buckets, np.maximum(last, buckets))
        for window, divisor in zip(BUDGET_WINDOWS, _DIVISORS, strict=True):
            before = last // divisor
            gone = np.where(strange, window.buckets, newest // divisor - before)
            if not gone.any():
                continue
            ring = self._rows[window.name][places]
            at = np.arange(window.buckets)
            ring[(at - before[:, None] - 1) % window.buckets < gone[:, None]] = 0
            self._rows[window.name][places] = ring
        self._rows["last"][places] = newest


def _sum(ring: tuple[int, ...], last: int, current: int) -> int:
    """Return the sum of the buckets of a ring that are in the window at a moment."""
    length = len(ring)
    gone = current - last
    if not gone:
        return sum(ring)
    if gone >= length:
        return 0
    return sum(ring) - sum(sum(ring[start:end]) for start, end in _gone(last, current, length))


def _gone(last: int, current: int, length: int) -> tuple[tuple[int, int], ...]:
    """Return where the buckets after the last one up to the current one are in a ring.

    Returns:
        The start and the end of one slice, or of two if they pass the end of the ring.
    """
    if last == current:
        return ()
    start, end = (last + 1) % length, current % length + 1
    return ((start, end),) if start < end else ((start, length), (0, end))


def _copied(row: tuple[int, ...], now: int) -> int:
    return row[3] if row[3] and now // DAY - row[6] < YEAR // DAY else 0
