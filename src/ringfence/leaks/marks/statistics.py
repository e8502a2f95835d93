"""Compare the marks of accounts with those of a dump, and bound the chance of each agreement.

Four questions are asked of every account. All of them are about marks that an account was given,
and these are independent of the dump if the account took no part, whatever the others did to their
copies: they may merge, sort, replace, round and re-encode. So every bound holds for every attack.

=========  =====================================================================================
symbol     How many symbols agree? Each does with chance 1 / 40.
nearest    How many values that end in 0 lie within 5 of the account's? Chance 11 / 40.
down       How many values that end in 0 are the account's, rounded down? Chance 10 / 40.
code       How large is the score of Tardos' code? See :mod:`ringfence.leaks.marks.tardos`.
=========  =====================================================================================
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy.stats import binom

from ringfence.leaks.marks.code import (
    SYMBOL_CHANCE,
    SYMBOLS,
    AccountCode,
    ItemCodes,
    ReadMarks,
    bits_of,
    symbols_of,
)
from ringfence.leaks.marks.keys import MarkKey
from ringfence.leaks.marks.tardos import item_scores, log_error_bound, published_log_bound
from ringfence.stats.arrays import Flags, Floats, Integers, Rows
from ringfence.stats.binomial import log_upper_tail_bound

QUESTIONS: Final = ("symbol", "nearest", "down", "code")
"""The questions, in the order of the arrays below."""

CHANCES: Final = (SYMBOL_CHANCE, 11 * SYMBOL_CHANCE, 10 * SYMBOL_CHANCE)
"""The largest chance of one agreement, for each question but the last."""

_LEAST_TRIALS: Final = 1


@dataclass(frozen=True)
class DumpMarks:
    """The marks that a dump has, one row per item and place.

    Attributes:
        codes: (rows,) codes of the items.
        read: (rows,) the marks.
        first: (rows,) whether it is the first row of its item.
    """

    codes: ItemCodes
    read: ReadMarks
    first: Flags

    def __getitem__(self, rows: Rows) -> DumpMarks:
        """Return some rows."""
        return DumpMarks(self.codes[rows], self.read[rows], self.first[rows])

    @property
    def coded(self) -> Flags:
        """The rows that Tardos' code reads: one per item, if its value is in its block."""
        return self.first & (self.read.place >= 0)

    @property
    def one_row_per_item(self) -> bool:
        """Whether no item has several values."""
        return bool(self.first.all())


@dataclass(frozen=True)
class Agreement:
    """The agreement of some accounts with a dump.

    Attributes:
        trials: (questions, accounts) number of rows that were compared.
        observed: (questions, accounts) number of agreements; for the code, the score.
    """

    trials: Integers
    observed: Floats


def agreement(
    key: MarkKey, accounts: Sequence[str], dump: DumpMarks, rows: Sequence[Rows] | None
) -> Agreement:
    """Compare some accounts with the dump.

    Args:
        key: of the marks.
        accounts: their names.
        dump: the marks of the dump.
        rows: of each account, the rows of the dump that it may have given; None for all rows.
    """
    every = np.arange(len(dump.codes))
    flat = np.tile(every, len(accounts)) if rows is None else np.concatenate(rows)
    sizes = [every.size] * len(accounts) if rows is None else [one.size for one in rows]
    words = np.concatenate(
        [
            AccountCode(key, account).words(dump.codes if rows is None else dump.codes[rows[place]])
            for place, account in enumerate(accounts)
        ]
    )
    compared = _compared(symbols_of(words), bits_of(words, dump.codes[flat]), dump, flat)
    return Agreement(*(_sums(columns, sizes) for columns in compared))  # type: ignore[arg-type]


def _compared(
    symbols: Integers, bits: Flags, dump: DumpMarks, rows: Rows
) -> tuple[list[Flags], list[Floats | Flags]]:
    """Return what counts as a trial, and what each trial gives, per question."""
    place, first = dump.read.place[rows], dump.first[rows]
    whole = dump.read.whole[rows] & first & (place >= 0)
    exact = (place >= 0) & (place < SYMBOLS)
    distance = symbols - place
    one, zero = item_scores(dump.codes.chances, dump.read.bit)
    coded = dump.coded[rows]
    score = np.where(bits, one[rows], zero[rows]) * coded
    near = np.abs(distance) <= 5
    down = (distance >= 0) & (distance < 10)
    return (
        [exact, whole, whole, coded],
        [exact & (distance == 0), whole & near, whole & down, score],
    )


def _sums(columns: Sequence[Flags | Floats], sizes: Sequence[int]) -> Floats | Integers:
    """Return (questions, accounts) the sums over the rows of each account."""
    ends = np.cumsum(sizes)
    sums = []
    for column in columns:
        kind = np.float64 if column.dtype == np.float64 else np.int64
        total = np.concatenate([[0], np.cumsum(column, dtype=kind)])
        sums.append(total[ends] - total[ends - sizes])
    return np.array(sums)


def log_bounds(found: Agreement, dump: DumpMarks, *, all_rows: bool) -> Floats:
    """Return (questions, accounts) ln of a bound on the chance of at least this agreement.

    Counts have an exact binomial tail. If items have several values, no two rows of an item can
    agree with one account. Such counts are negatively associated, for which Chernoff's bound holds
    (Joag-Dev and Proschan 1983; Dubhashi and Ranjan 1998).

    Args:
        found: what the accounts have in common with the dump.
        dump: the marks of the dump.
        all_rows: whether every account was compared with every row.
    """
    counts = [
        _log_tail(
            found.observed[place], found.trials[place], chance, dump.one_row_per_item or place
        )
        for place, chance in enumerate(CHANCES)
    ]
    scores, items = found.observed[-1], found.trials[-1]
    if all_rows:
        used = dump.coded
        code = log_error_bound(scores, dump.codes.chances[used], dump.read.bit[used])
    else:
        code = published_log_bound(scores, items)
    return np.array([*counts, code])


def _log_tail(observed: Floats, trials: Integers, chance: float, exact: bool | int) -> Floats:
    """Return ln P(at least this many), or a bound of it."""
    some = np.maximum(trials, _LEAST_TRIALS)
    bound = np.where(trials > 0, log_upper_tail_bound(observed, some, chance), 0.0)
    if not exact:
        return bound
    with np.errstate(divide="ignore"):
        tail = binom.logsf(observed - 1, some, chance)
    return np.where((trials > 0) & np.isfinite(tail), np.minimum(tail, 0.0), bound)
