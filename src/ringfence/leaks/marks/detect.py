"""Name the accounts whose marks a dump carries, and bound the chance that one is wrong."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from ringfence.leaks.dumps import UnreadableRecords
from ringfence.leaks.marks.code import SYMBOL_CHANCE, item_codes, read_marks
from ringfence.leaks.marks.keys import MarkKey, MarkKeys
from ringfence.leaks.marks.statistics import (
    CHANCES,
    QUESTIONS,
    Agreement,
    DumpMarks,
    agreement,
    log_bounds,
)
from ringfence.stats.arrays import Floats, Integers, Rows

DEFAULT_ERROR: Final = 1e-9
"""Chance of naming any account that took no part."""

MOST_PAIRS: Final = 2_000_000_000
"""Accounts times rows that are compared. Beyond it, all accounts are compared on a sample of the
rows first, and the most similar ones on all rows."""

KEPT_SHARE: Final = 0.02
"""Share of the accounts that are compared on all rows."""

_BATCH: Final = 1_000_000
"""Pairs of account and row that are compared at a time, about 100 bytes each."""

DetectionStep = Callable[[float], None]
"""Receives the share of the work that is done."""


@dataclass(frozen=True)
class MarkedRows:
    """Rows of a dump whose items the catalogue knows.

    Attributes:
        field: name of the marked field, as the marker had it.
        items: the items, as the marker had them.
        values: (rows,) values of the field in the marked unit; -1 where there is none. See
            :func:`ringfence.leaks.marks.parse_values`.
        true_values: (rows,) the owner's values without marks, -1 where unknown; None for all
            unknown. With them, values that were replaced are left out.
    """

    field: str
    items: Sequence[str]
    values: Integers
    true_values: Integers | None = None


@dataclass(frozen=True)
class NamedAccount:
    """An account whose marks the dump carries.

    Attributes:
        account: its name.
        key: id of the key of the marks.
        question: the question that names it: ``symbol``, ``nearest``, ``down`` or ``code``.
        rows: number of rows that were compared.
        observed: number of rows that agree; for ``code``, the score.
        expected: the same by chance.
        log10_error: log₁₀ of a bound on the chance that any account that took no part agrees at
            least this much, all accounts, keys and questions included.
    """

    account: str
    key: str
    question: str
    rows: int
    observed: float
    expected: float
    log10_error: float

    @property
    def share(self) -> float:
        """The estimated share of the compared rows that the account gave; NaN for ``code``."""
        if self.question == "code":
            return float("nan")
        chance = CHANCES[QUESTIONS.index(self.question)]
        return max((self.observed / self.rows - chance) / (1 - chance), 0.0)


@dataclass(frozen=True)
class Detection:
    """The result of comparing a dump with accounts.

    Attributes:
        named: accounts, most certain first.
        rows: number of rows with a value in its block.
        items: number of items of these rows.
        accounts: number of accounts that were compared.
        keys: number of keys.
        error: the chance of naming any account that took no part is at most this.
        screened: whether most accounts were compared on a sample of the rows only.
        unreadable: records of the dump that could not be read.
    """

    named: tuple[NamedAccount, ...]
    rows: int
    items: int
    accounts: int
    keys: int
    error: float
    screened: bool
    unreadable: UnreadableRecords = field(default_factory=UnreadableRecords)


def detect_marks(  # noqa: PLR0913 - the dump, the accounts, the keys, and how to compare them
    rows: MarkedRows,
    accounts: Sequence[str],
    keys: MarkKeys,
    *,
    held: Sequence[Rows] | None = None,
    error: float = DEFAULT_ERROR,
    step: DetectionStep | None = None,
) -> Detection:
    """Return the accounts whose marks a dump carries.

    The bound is exact for each account and corrected for the number of accounts, keys and questions
    (Bonferroni). It holds whatever was done to the dump. It does not hold
    for an account whose login others used: its marks were given to them.

    Fails to name: where fewer than about ten rows of an account are left, where all values are
    rounded to more than tens, and where copies were replaced by measured values.

    Args:
        rows: of the dump.
        accounts: names of all accounts that may have given rows, each once.
        keys: all keys that were in use.
        held: of each account, ascending positions in ``rows`` of items that it holds, from the
            ledger. It is then compared on these only, which tells far more if many accounts'
            takes are merged. None compares all accounts on all rows.
        error: the chance of naming any account that took no part.
        step: receives the share of the work that is done.
    """
    named: list[NamedAccount] = []
    screened = False
    usable = 0, 0
    for number, key in enumerate(keys.keys):
        dump, kept = _dump_marks(rows, key)
        usable = kept.size, int(dump.first.sum())
        own = None if held is None else _own_rows(held, kept, len(rows.items))
        done = _progress(step, number, len(keys.keys))
        places, found, all_rows = _compared_accounts(key, accounts, dump, own, done)
        screened |= places.size < len(accounts) and held is None
        bounds = log_bounds(found, dump, all_rows=all_rows)
        penalty = np.log(len(accounts) or 1) + np.log(len(keys.keys)) + np.log(len(QUESTIONS))
        names = [accounts[place] for place in places]
        named += _named(key, names, found, bounds + penalty, np.log(error))
    ordered = tuple(sorted(named, key=lambda one: (one.log10_error, one.account)))
    return Detection(ordered, *usable, len(accounts), len(keys.keys), error, screened)


def _dump_marks(rows: MarkedRows, key: MarkKey) -> tuple[DumpMarks, Rows]:
    """Return the marks of a dump, one row per item and place, and the positions of these rows."""
    read = read_marks(rows.values, rows.true_values)
    _, items = np.unique(np.asarray(rows.items, dtype=object).astype(str), return_inverse=True)
    inside = np.flatnonzero(read.place >= 0)
    pairs = items[inside].astype(np.int64) * 64 + read.place[inside]
    kept = inside[np.sort(np.unique(pairs, return_index=True)[1])]
    first = np.zeros(kept.size, dtype=bool)
    first[np.unique(items[kept], return_index=True)[1]] = True
    codes = item_codes(key, rows.field, (str(rows.items[row]) for row in kept))
    return DumpMarks(codes, read[kept], first), kept


def _own_rows(held: Sequence[Rows], kept: Rows, size: int) -> list[Rows]:
    """Return the positions among the kept rows of what each account holds."""
    position = np.full(size, -1, dtype=np.intp)
    position[kept] = np.arange(kept.size)
    return [own[own >= 0] for own in (position[np.asarray(one, dtype=np.intp)] for one in held)]


def _compared_accounts(
    key: MarkKey,
    accounts: Sequence[str],
    dump: DumpMarks,
    own: Sequence[Rows] | None,
    done: DetectionStep,
) -> tuple[Rows, Agreement, bool]:
    """Return the accounts that were compared, their agreement, and whether on all rows."""
    size = len(dump.codes)
    if own is not None:
        places = np.array([place for place, one in enumerate(own) if one.size], dtype=np.intp)
        return places, _in_batches(key, accounts, places, dump, own, done), False
    places = np.arange(len(accounts))
    if size * len(accounts) > MOST_PAIRS:
        # The sample depends on no mark, and every account still counts in the correction.
        sample = np.random.default_rng(0).choice(size, MOST_PAIRS // len(accounts), replace=False)
        part = dump[np.sort(sample)]
        likeness = _likeness(_in_batches(key, accounts, places, part, None, done), part)
        places = np.sort(np.argsort(-likeness, kind="stable")[: int(KEPT_SHARE * places.size) + 1])
    return places, _in_batches(key, accounts, places, dump, None, done), True


def _likeness(found: Agreement, dump: DumpMarks) -> Floats:
    """Return (accounts,) the larger of two standardised statistics, to choose accounts by."""
    trials = np.maximum(found.trials[0], 1)
    matches = (found.observed[0] - trials * SYMBOL_CHANCE) / np.sqrt(trials * SYMBOL_CHANCE)
    score = found.observed[-1] / np.sqrt(max(int(dump.coded.sum()), 1))
    return np.asarray(np.maximum(matches, score), dtype=np.float64)


def _in_batches(  # noqa: PLR0913, PLR0917 - what is compared with what
    key: MarkKey,
    accounts: Sequence[str],
    places: Rows,
    dump: DumpMarks,
    own: Sequence[Rows] | None,
    done: DetectionStep,
) -> Agreement:
    parts = []
    for batch in _batches(places, [len(dump.codes)] if own is None else [one.size for one in own]):
        names = [accounts[place] for place in batch]
        mine = None if own is None else [own[place] for place in batch]
        parts.append(agreement(key, names, dump, mine))
        done(float(np.searchsorted(places, batch[-1], side="right")) / places.size)
    if not parts:
        empty = np.zeros((len(QUESTIONS), 0))
        return Agreement(empty.astype(np.int64), empty)
    return Agreement(
        np.concatenate([one.trials for one in parts], axis=1),
        np.concatenate([one.observed for one in parts], axis=1),
    )


def _batches(places: Rows, sizes: Sequence[int]) -> Iterator[Rows]:
    """Yield places whose rows are together about as many as a batch holds."""
    if not places.size:
        return
    rows = np.full(places.size, sizes[0]) if len(sizes) == 1 else np.asarray(sizes)[places]
    batch = np.cumsum(np.maximum(rows, 1)) // _BATCH
    yield from np.split(places, np.flatnonzero(np.diff(batch)) + 1)


def _named(
    key: MarkKey, accounts: Sequence[str], found: Agreement, bounds: Floats, limit: float
) -> Iterator[NamedAccount]:
    """Yield the accounts whose best bound is within the limit."""
    best = np.argmin(bounds, axis=0) if bounds.size else np.zeros(0, dtype=np.intp)
    lowest = bounds[best, np.arange(best.size)]
    for place in np.flatnonzero(lowest <= limit):
        question = int(best[place])
        rows = int(found.trials[question, place])
        expected = rows * CHANCES[question] if question < len(CHANCES) else 0.0
        yield NamedAccount(
            account=accounts[int(place)],
            key=key.id,
            question=QUESTIONS[question],
            rows=rows,
            observed=float(found.observed[question, place]),
            expected=expected,
            log10_error=float(lowest[place] / np.log(10)),
        )


def _progress(step: DetectionStep | None, number: int, of: int) -> DetectionStep:
    """Return a step that reports the share of one key as a share of all keys."""

    def done(share: float) -> None:
        if step is not None:
            step((number + share) / of)

    return done
