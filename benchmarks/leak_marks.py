"""Measure keyed marks: accounts named, the bound by simulation, colluders, speed and overhead.

python -m benchmarks.leak_marks [--accounts N] [--write docs/benchmarks.md]
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import numpy as np
from benchmarks.page import Row, publish, table

from ringfence.leaks.marks import (
    MarkedRows,
    Marker,
    MarkKeys,
    detect_marks,
    new_mark_key,
)
from ringfence.leaks.marks.code import AccountCode, bits_of, item_codes, marked, symbols_of
from ringfence.leaks.marks.tardos import items_needed
from ringfence.stats.arrays import Integers

FIELD = "duration_ms"
KEYS = MarkKeys((new_mark_key(),))
MARKER = Marker(KEYS, FIELD)
COLLUDERS = ((3, 3_000), (10, 35_000), (30, 310_000))
"""Numbers of colluders, each with a number of common items."""


def catalogue(items: int) -> tuple[list[str], Integers]:
    """Return items and their true durations."""
    return [f"track:{n}" for n in range(items)], np.random.default_rng(2).integers(
        30_000, 600_000, items
    )


def copies_of(accounts: Sequence[str], items: list[str], true: Integers) -> Integers:
    """Return (accounts, items) what accounts are given, as the marker gives it."""
    codes = item_codes(KEYS.current, FIELD, items)
    copies = np.empty((len(accounts), len(items)), dtype=np.int64)
    for row, account in enumerate(accounts):
        words = AccountCode(KEYS.current, account).words(codes)
        copies[row] = marked(true, symbols_of(words), bits_of(words, codes))
    some = slice(0, 40)
    if copies[0, some].tolist() != MARKER.mark_all(accounts[0], items[some], true[some].tolist()):
        raise RuntimeError("the marker gives other values")
    return copies


def forty_rows(accounts: int) -> list[Row]:
    """Name one account of many from 40 rows, a third of them rounded or replaced."""
    items, true = catalogue(40)
    values = copies_of(["u77"], items, true)[0]
    values[:7] = (values[:7] + 5) // 10 * 10
    values[7:13] = true[7:13]
    names = [f"u{n}" for n in range(accounts)]
    begin = time.process_time()
    found = detect_marks(MarkedRows(FIELD, items, values, true), names, KEYS)
    seconds = time.process_time() - begin
    error = found.named[0].log10_error if found.named else 0.0
    right = [one.account for one in found.named] == ["u77"]
    return [
        (f"40 rows, {accounts:,} accounts: right account alone named", "yes" if right else "no"),
        ("error, all accounts together", f"1e{error:.0f}"),
        ("CPU seconds", f"{seconds:.1f}"),
    ]


def bound(accounts: int = 100_000) -> list[Row]:
    """Compare the bound with how often accounts that took no part reach it."""
    items, true = catalogue(200)
    given = copies_of([f"c{n}" for n in range(5)], items, true)
    values = given[np.random.default_rng(3).integers(0, 5, 200), np.arange(200)]
    values[:60] = values[:60] // 10 * 10
    names = [f"u{n}" for n in range(accounts)]
    found = detect_marks(MarkedRows(FIELD, items, values, true), names, KEYS, error=1e12)
    bounds = np.array([one.log10_error for one in found.named]) - np.log10(accounts)
    return [
        (f"accounts that took no part with a bound of {limit:g} or less", f"{share:.2g}")
        for limit in (0.1, 0.01, 0.001, 0.0001)
        for share in (float((bounds <= np.log10(limit)).sum()) / accounts,)
    ]


def collusion(colluders: int, size: int, others: int = 300) -> list[Row]:
    """Let accounts compare their copies of common items in three ways."""
    items, true = catalogue(size)
    copies = copies_of([f"u{n}" for n in range(colluders)], items, true)
    rng = np.random.default_rng(4)
    block = true // 100 * 100
    ones = (copies % 100 >= 50).sum(axis=0)
    # Where all copies are in one half, no colluder knows that there is another one.
    rarest = np.where(ones == 0, 0, np.where(ones == colluders, 1, ones * 2 < colluders))
    attacks = {
        "any copy": copies[rng.integers(0, colluders, size), np.arange(size)],
        "mean of all": copies.mean(axis=0).round().astype(np.int64),
        "rarest half, any place": block + 50 * rarest + rng.integers(0, 40, size),
    }
    names = [f"u{n}" for n in range(others)]
    rows = []
    for attack, values in attacks.items():
        found = detect_marks(MarkedRows(FIELD, items, values, true), names, KEYS)
        numbers = [int(one.account[1:]) for one in found.named]
        right = sum(number < colluders for number in numbers)
        rows.append(
            (
                f"{colluders} colluders, {size:,} common items, {attack}: they / others named",
                f"{right} / {len(numbers) - right}",
            )
        )
    rows.append(
        (
            f"items after which m = π² c² ln(1/ε), {colluders} colluders",
            f"{items_needed(colluders, 1e-9 / others):,}",
        )
    )
    return rows


def overhead() -> list[Row]:
    """Measure the time that marking adds to a response of 50 items."""
    items, true = catalogue(50)
    values = true.tolist()
    times = []
    for number in range(2_000):
        begin = time.perf_counter_ns()
        MARKER.mark_all(f"new{number}", items, values)
        times.append(time.perf_counter_ns() - begin)
    return [
        ("added to a response of 50 items, median", f"{np.median(times) / 1000:.0f} µs"),
        ("the same, 99th percentile", f"{np.quantile(times, 0.99) / 1000:.0f} µs"),
    ]


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure, print, and write the table into a page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--accounts", type=int, default=1_000_000)
    parser.add_argument("--write", type=Path)
    chosen = parser.parse_args(arguments)
    rows: list[Row] = []
    parts = [overhead, partial(forty_rows, chosen.accounts), bound]
    for part in [*parts, *(partial(collusion, *one) for one in COLLUDERS)]:
        rows += part()
        print(f"{len(rows)} rows: {' '.join(rows[-1])}", flush=True)
    publish("leak marks", table(("keyed marks", "measured"), rows), chosen.write)


if __name__ == "__main__":
    main()
