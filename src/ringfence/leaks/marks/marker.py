"""Mark values that an API gives out: the only part of the marks that a service runs."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Final, overload

import numpy as np

from ringfence.leaks.marks.code import (
    BLOCK,
    AccountCode,
    ItemCodes,
    bits_of,
    item_codes,
    symbols_of,
)
from ringfence.leaks.marks.code import marked as marked_values
from ringfence.leaks.marks.keys import MarkKey, MarkKeys

REMEMBERED: Final = 100_000
"""Accounts and items whose codes are kept in memory, each a few hundred bytes."""


class Marker:
    """Marks one field of the items that an API gives out.

    The marked value stays within its block of 100: ``value // 100`` does not change. So nothing
    changes that a person is shown, or that a report counts, in units of which 100 is a part: a
    duration in milliseconds is the same in tenths of a second, rounded to seconds, and in minutes.

    A response with marks belongs to one account. A cache that several accounts share must not store
    it, so send ``Cache-Control: private``.

    Args:
        keys: from :func:`ringfence.leaks.marks.open_mark_keys`. The newest key is used.
        field: name of the field, such as ``duration_ms``. The detector needs the same name.

    Example:
        >>> from ringfence.leaks.marks import MarkKeys, Marker, new_mark_key
        >>> marker = Marker(MarkKeys((new_mark_key(),)), "duration_ms")
        >>> abs(marker.mark("ana", "track 7", 215_347) - 215_347) < 100
        True
    """

    def __init__(self, keys: MarkKeys, field: str) -> None:
        self._key: MarkKey = keys.current
        self._field = field
        self._account = lru_cache(REMEMBERED)(self._account_code)
        self._item = lru_cache(REMEMBERED)(self._item_code)

    @overload
    def mark(self, account: str, item: str, value: int) -> int: ...

    @overload
    def mark(self, account: str, item: str, value: None) -> None: ...

    def mark(self, account: str, item: str, value: int | None) -> int | None:
        """Return the value that this account is given for an item.

        Args:
            account: name of the account, as the ledger has it.
            item: name of the item, as the ledger has it.
            value: a whole number. None and negative numbers stay as they are.
        """
        return self.mark_all(account, [item], [value])[0]

    def mark_all(
        self, account: str, items: Sequence[str], values: Sequence[int | None]
    ) -> list[int | None]:
        """Return the values that this account is given for the items of one response.

        Raises:
            TypeError: a value is not a whole number, so it has no lowest digits that could vary.
            ValueError: there are fewer or more values than items.
        """
        if len(items) != len(values):
            raise ValueError(f"{len(items)} items and {len(values)} values")
        if not items:
            return []
        codes = [self._item(item) for item in items]
        joined = ItemCodes(
            np.concatenate([one.tokens for one in codes]),
            np.concatenate([one.thresholds for one in codes]),
        )
        words = self._account(account).words(joined)
        zeros = np.zeros(len(items), dtype=np.int64)
        marks = marked_values(zeros, symbols_of(words), bits_of(words, joined)).tolist()
        return [_with(value, mark) for value, mark in zip(values, marks, strict=True)]

    def _account_code(self, account: str) -> AccountCode:
        return AccountCode(self._key, account)

    def _item_code(self, item: str) -> ItemCodes:
        return item_codes(self._key, self._field, [item])


def _with(value: int | None, mark: int) -> int | None:
    """Return a value with a mark in place of its lowest digits."""
    if value is None:
        return value
    if type(value) is not int:
        raise TypeError(f"a value that is marked must be a whole number, not {value!r:.80}")
    return value if value < 0 else value - value % BLOCK + mark
