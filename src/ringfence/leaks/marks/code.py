"""The code of the marks: what an account's copy of a value says, and how it is read back.

A mark replaces the lowest two digits of a whole number, such as a duration in milliseconds. The
hundred values of these digits, the *block*, carry two things:

==========  ========================================================================================
the bit     which half of the block: 0 to 39, or 50 to 89. It is drawn with a chance that differs
            from item to item, as in Tardos' code, and names accounts that compare their copies.
the symbol  one of 40 places within the half. It names an account from a few dozen rows.
==========  ========================================================================================

Ten places above each half are never used. So a value that is rounded to tens keeps its bit and
stays in its block.

Both are functions of a secret key, the account and the item. HMAC-SHA256 (RFC 2104) of the account
gives the key of AES-128, and HMAC-SHA256 of field and item gives a block of 16 bytes. The
encrypted block is the mark. AES is the fastest pseudo-random function for many items of one
account: a few nanoseconds per mark, so that a dump can be compared with a million accounts.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from ringfence.leaks.marks.keys import MarkKey
from ringfence.stats.arrays import Flags, Floats, Integers

BLOCK: Final = 100
"""Number of values that a mark chooses from. A mark changes a value by less."""

HALF: Final = 50
"""Place in the block at which the second half begins."""

SYMBOLS: Final = 40
"""Number of symbols, which is the number of places in use of each half."""

SYMBOL_CHANCE: Final = 1 / SYMBOLS + 2.0**-32
"""Largest chance of any symbol: 32 random bits are divided into 40 parts."""

CUTOFF: Final = 1 / 9_000
"""Tardos' cutoff t = 1 / 300c for coalitions of c = 30: chances are in [t, 1 − t]."""

_BYTES: Final = 16
_LANES: Final = 4
"""Words of 32 bits in an encrypted block: the first gives the symbol, the second the bit."""

Words = npt.NDArray[np.uint32]
"""Words of 32 random bits."""


@dataclass(frozen=True)
class ItemCodes:
    """The part of some items' marks that all accounts share: arrays of one length.

    Attributes:
        tokens: (items, 4) the blocks that are encrypted.
        thresholds: (items,) the bit is 1 if a random word is below.
    """

    tokens: Words
    thresholds: Words

    @property
    def chances(self) -> Floats:
        """The chance that the bit of an account is 1, per item."""
        return self.thresholds / 2.0**32

    def __getitem__(self, rows: npt.NDArray[np.intp] | slice) -> ItemCodes:
        """Return the codes of some rows."""
        return ItemCodes(self.tokens[rows], self.thresholds[rows])

    def __len__(self) -> int:
        """Return the number of items."""
        return int(self.thresholds.size)


def item_codes(key: MarkKey, field: str, items: Iterable[str]) -> ItemCodes:
    """Return the codes of items.

    Args:
        key: the secret.
        field: name of the value that is marked. Two fields of one item have unrelated marks.
        items: names of the items, as the API gives them out.
    """
    digests = b"".join(key.digest("item", field, item) for item in items)
    words = np.frombuffer(digests, dtype="<u4").reshape(-1, 2 * _LANES)
    tokens = np.ascontiguousarray(words[:, :_LANES])
    return ItemCodes(tokens, bit_thresholds(words[:, _LANES] / 2.0**32))


def bit_thresholds(places: Floats) -> Words:
    """Return thresholds of words whose chance has the arcsine distribution (Tardos 2008).

    Args:
        places: numbers in [0, 1), uniform.
    """
    lowest = np.arcsin(np.sqrt(CUTOFF))
    angles = lowest + places * (np.pi / 2 - 2 * lowest)
    return np.asarray(np.round(np.sin(angles) ** 2 * 2.0**32), dtype=np.uint32)


class AccountCode:
    """The marks of one account.

    Args:
        key: the secret.
        account: the account's name.
    """

    def __init__(self, key: MarkKey, account: str) -> None:
        secret = key.digest("account", "", account)[:_BYTES]
        # One block per item, and never two of one item: there is no pattern for ECB to show.
        self._cipher = Cipher(algorithms.AES(secret), modes.ECB())  # noqa: S305

    def words(self, codes: ItemCodes) -> Words:
        """Return (items, 4) random words of the account for these items."""
        encrypted = self._cipher.encryptor().update(codes.tokens.tobytes())
        return np.frombuffer(encrypted, dtype="<u4").reshape(-1, _LANES)


def symbols_of(words: Words) -> Integers:
    """Return the symbols that words of an account stand for, in [0, 40)."""
    return ((words[..., 0].astype(np.uint64) * SYMBOLS) >> 32).astype(np.int64)


def bits_of(words: Words, codes: ItemCodes) -> Flags:
    """Return the bits that words of an account stand for."""
    return np.asarray(words[..., 1] < codes.thresholds)


def marked(values: Integers, symbols: Integers, bits: Flags) -> Integers:
    """Return values with a mark in place of their lowest two digits."""
    return values - values % BLOCK + HALF * bits + symbols


@dataclass(frozen=True)
class ReadMarks:
    """The marks that values of a dump carry, if they carry any: arrays of one length.

    Attributes:
        place: place in the half of the block, 0 to 49; -1 if the value is not in its block.
        bit: the half.
        whole: whether the last digit is 0, as that of a value rounded to tens.
    """

    place: Integers
    bit: Flags
    whole: Flags

    def __getitem__(self, rows: npt.NDArray[np.intp] | slice | Flags) -> ReadMarks:
        """Return the marks of some rows."""
        return ReadMarks(self.place[rows], self.bit[rows], self.whole[rows])


def read_marks(values: Integers, true_values: Integers | None = None) -> ReadMarks:
    """Return the marks of values that a dump has.

    Args:
        values: as the dump has them.
        true_values: as the owner has them, without a mark; -1 where they are not known. A value in
            another block was replaced.
    """
    offset = values % BLOCK
    inside = values >= 0
    if true_values is not None:
        inside &= (true_values < 0) | (values // BLOCK == true_values // BLOCK)
    place = np.where(inside, offset % HALF, -1)
    # A value between the halves was rounded up, or is the mean of several copies.
    return ReadMarks(place, offset >= HALF - 5, values % 10 == 0)
