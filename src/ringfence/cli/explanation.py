"""Explain one account or ring in words, on a terminal of 80 columns."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Final

from rich.console import Console
from rich.table import Table
from rich.text import Text

from ringfence.cli.known_details import account_line, item_lines, member_lines
from ringfence.evidence import built_in_tests
from ringfence.model.evidence import UNUSUAL, Evidence, is_explanation
from ringfence.model.finding import Coverage, Finding
from ringfence.model.output_tables import AccountRow
from ringfence.model.ring_profile import Growth, Member, RingProfile, SharedAttribute
from ringfence.report import Subject
from ringfence.report.evidence_wording import (
    FLOOR_NOTE,
    TWO_WAYS,
    counts_twice,
    has_floored_evidence,
    sections,
)
from ringfence.report.ring_wording import (
    LINKS_NOTE,
    MISTAKEN,
    compared_with,
    may_be_stolen,
    meaning_of_p,
    noun,
    relation,
    why,
)
from ringfence.report.wording import iso_day, moment, odds
from ringfence.visible import visible

MEMBERS_IN_TERMINAL: Final = 20
"""Number of members listed without ``--all``."""

SHARED_VALUES: Final = 5
"""Number of shared values whose members are named."""

MEMBERS_PER_VALUE: Final = 5
"""Number of members named with each shared value."""

GROWTH_DAYS: Final = 8
"""Number of days in the table of a ring's growth."""

STRONG: Final = 0.001
"""p-value below which evidence is strong."""


def render(subject: Subject, console: Console, *, every: bool = False) -> None:
    """Print all that is known about an account or ring; ``every`` lists all members."""
    record = subject.record
    _head(subject, console)
    for ring in subject.rings:
        _say(console, _membership(_name(record), ring))
        console.print()
    if isinstance(record, AccountRow):
        _no_finding(record, console)
        return
    if record.kind == "ring":
        _ring(record, console, every=every)
    else:
        _account(record, console)
    _items(record, console)


def _name(record: Finding | AccountRow) -> str:
    return record.id if isinstance(record, Finding) else record.account


def _head(subject: Subject, console: Console) -> None:
    """Print the name, the verdict, the advice, and the holdings."""
    record = subject.record
    console.print(Text(visible(_name(record), 400), style="bold"))
    if known := account_line(record.details):
        _say(console, known)
    _say(console, _verdict(subject))
    if isinstance(record, Finding) and record.may_be_stolen:
        _say(console, may_be_stolen(record.kind))
    console.print()
    coverage = _coverage(record.coverage) if isinstance(record, Finding) else ""
    _say(
        console,
        f"Holds {record.items:,} items{coverage}. First use {moment(record.first)}, last use "
        f"{moment(record.last)}, UTC.",
    )
    if names := _clients(record):
        _say(console, f"Client: {'; '.join(visible(name, 160) for name in names)}")
    console.print()


def _clients(record: Finding | AccountRow) -> tuple[str, ...]:
    """Return the client names of an account or ring, most used first; empty if there are none."""
    if isinstance(record, Finding):
        return record.clients
    return (record.client,) if record.client else ()


def _items(finding: Finding, console: Console) -> None:
    """Print some of the items with their titles, if the finding has a page in the report."""
    if finding.sample:
        console.print()
        _say(console, "Some of the items, first taken first:")
    for line in item_lines(finding.sample):
        _point(console, line)


def _verdict(subject: Subject) -> str:
    record = subject.record
    if isinstance(record, AccountRow):
        member = " by itself, but a member of a ring" if subject.rings else ""
        return f"{record.verdict or 'no finding'}{member}"
    ring = f"ring of {len(record.accounts):,} accounts, " if record.kind == "ring" else ""
    return f"{ring}{record.verdict}, advised: {record.action}"


def _coverage(coverage: Coverage) -> str:
    return f", {_share(coverage.catalogue)} of the catalogue with {_share(coverage.use)} of all use"


def _account(finding: Finding, console: Console) -> None:
    _say(
        console,
        f"p-value {_number(finding.p_value)}: {_odds(finding.p_value)} show evidence as strong as "
        "this or stronger. A scan of this size is expected to have "
        f"{_number(finding.expected_false)} honest accounts with a p-value this small."
        f"{TWO_WAYS if counts_twice(finding) else ''}",
    )
    if has_floored_evidence(finding):
        _say(console, FLOOR_NOTE)
    for heading, evidence in sections(finding.evidence):
        console.print()
        _say(console, f"{heading}:")
        for one in evidence:
            meaning = "" if is_explanation(one.test) else f": {_meaning(one, 'account')}"
            _point(console, f"{one.sentence} ({one.test}{meaning})")


def _meaning(evidence: Evidence, kind: str) -> str:
    """Say what a p-value is about: users, or groups where the evidence is about a ring."""
    said = meaning_of_p(evidence.test, kind)
    if not said:
        return _odds(evidence.p_value)
    return f"{said}, p {relation(evidence.test, evidence.p_value)} {_number(evidence.p_value)}"


def _no_finding(row: AccountRow, console: Console) -> None:
    """Print the answer of each test about an account that is not a finding."""
    usual = row.p_value > UNUSUAL
    said = "Nothing unusual" if usual else "Unusual, but not enough to be a finding"
    _say(
        console,
        f"{said}: over all tests, {_odds(row.p_value)} show evidence as strong as this or "
        "stronger.",
    )
    if not usual and len(_strong_families(row.tests)) == 1:
        _say(console, "Evidence of one family alone does not make a finding.")
    console.print()
    for test, p in sorted(row.tests.items(), key=lambda pair: pair[1]):
        word = "nothing unusual" if p > UNUSUAL else "unusual"
        _point(console, f"{test}: {word}, seen in {_odds(p)} (p = {_number(p)})")


def _strong_families(tests: Mapping[str, float]) -> set[str]:
    """Return the families with strong evidence; an unknown test counts as a separate family."""
    families = {test.name: test.family for test in built_in_tests()}
    return {families.get(test, test) for test, p in tests.items() if p < STRONG}


def _membership(account: str, ring: Finding) -> str:
    """Say which ring an account is in, and what it has in common with the other members."""
    said = (
        f"It is one of the {len(ring.accounts):,} accounts of {ring.id}, which is "
        f"{ring.verdict}, advised: {ring.action}."
    )
    members = ring.ring.members if ring.ring else ()
    for member in members:
        if ring.ring and member.account == account:
            common = f"{_count(member.observed)} {noun(ring.ring.test)} with the others"
            return (
                f"{said} It has {common}; {_count(member.expected)} are expected.{_shared(member)}"
            )
    return said


def _shared(member: Member) -> str:
    """Name the values that a member shares with others, which are never evidence alone."""
    if not member.shares:
        return ""
    shares = "; ".join(f"{one.attribute} {visible(one.value, 40)}" for one in member.shares)
    return f" It shares with other members: {shares}. {LINKS_NOTE}"


def _ring(finding: Finding, console: Console, *, every: bool) -> None:
    test = finding.evidence[0].test
    _say(console, why(test, finding.verdict))
    if test == "collision":
        _say(console, MISTAKEN)
    console.print()
    for one in finding.evidence:
        _point(console, f"{one.sentence} ({one.test}: {_meaning(one, 'ring')})")
    if finding.ring is None:
        _point(console, "The scan wrote no page for this ring; rings.parquet has its members.")
        return
    _comparison(finding.ring, console)
    _links(finding.ring.links, console)
    _sharing(finding.ring.members, console)
    _growth(finding.ring.growth, console)
    _members(finding.ring, console, every=every)


def _comparison(profile: RingProfile, console: Console) -> None:
    """Say how many members fit the finding, and what other accounts have in common."""
    members, others = profile.members, profile.others
    more = profile.test == "lockstep"
    differences = [_known(one.observed) - _known(one.expected) for one in members]
    fitting = sum(difference > 0 if more else difference < 0 for difference in differences)
    _point(
        console,
        f"{fitting:,} of {len(members):,} members have {'more' if more else 'fewer'} "
        f"{noun(profile.test)} with the others than independent accounts would.",
    )
    _point(console, compared_with(others, sum(member.items for member in members)))


def _growth(points: Sequence[Growth], console: Console) -> None:
    """Print some days of a ring's growth, always the first and the last."""
    if len(points) < 2:
        return
    table = _table("at the end of", "accounts", "items", "in common", "expected")
    last = len(points) - 1
    for n in sorted({round(last * k / (GROWTH_DAYS - 1)) for k in range(GROWTH_DAYS)}):
        one = points[n]
        numbers = (one.accounts, one.items, one.collisions, one.expected)
        table.add_row(Text(one.day.isoformat()), *map(_count, numbers))
    console.print()
    console.print(table)


def _links(links: Sequence[SharedAttribute], console: Console) -> None:
    if not links:
        return
    console.print()
    _say(console, f"Attributes that members share. {LINKS_NOTE}")
    for link in links:
        _point(
            console,
            f"{link.attribute}: {_count(link.observed)} pairs of members share a value, "
            f"{_mean(link.expected)} expected (p = {_number(link.p_value)}). "
            f"Most shared: {_most_shared(link) or 'none'}",
        )


def _most_shared(link: SharedAttribute) -> str:
    return "; ".join(
        f"{visible(one.value, 40)} ({one.members:,} members, {one.accounts:,} accounts in all)"
        for one in link.values[:3]
    )


def _sharing(members: Sequence[Member], console: Console) -> None:
    """Name the members that share a value, for the most shared values."""
    sharing: dict[tuple[str, str], list[str]] = {}
    for member in members:
        for one in member.shares:
            sharing.setdefault((one.attribute, one.value), []).append(member.account)
    most = sorted(sharing.items(), key=lambda item: (-len(item[1]), item[0]))
    for (attribute, value), accounts in most[:SHARED_VALUES]:
        named = ", ".join(visible(name, 20) for name in accounts[:MEMBERS_PER_VALUE])
        more = (
            f" and {len(accounts) - MEMBERS_PER_VALUE:,} more"
            if len(accounts) > MEMBERS_PER_VALUE
            else ""
        )
        _point(console, f"With {attribute} {visible(value, 40)}: {named}{more}")
    if len(most) > SHARED_VALUES:
        more = f"{len(most) - SHARED_VALUES:,} more shared values are in findings.jsonl"
        _point(console, f"... and {more}")


def _members(profile: RingProfile, console: Console, *, every: bool) -> None:
    members = profile.members
    listed = members if every else members[:MEMBERS_IN_TERMINAL]
    table = _table("account", "items", "first", "last", "observed", "expected", "verdict")
    for one in listed:
        table.add_row(
            Text(visible(one.account, 20)),
            _count(one.items),
            Text(iso_day(one.first)),
            Text(iso_day(one.last)),
            _count(one.observed),
            _count(one.expected),
            Text(one.verdict or "no finding"),
        )
    console.print()
    _say(console, f"Members in order of their first use, with {noun(profile.test)}:")
    console.print(table)
    if len(listed) < len(members):
        _say(console, f"... and {len(members) - len(listed):,} more, listed with --all")
    for line in member_lines(listed):
        _point(console, line)


def _table(first: str, *others: str) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 1, 0, 0))
    table.add_column(first, no_wrap=True, overflow="ellipsis")
    for name in others:
        words = name in {"first", "last", "verdict"}
        table.add_column(name, no_wrap=True, justify="left" if words else "right")
    return table


def _say(console: Console, text: str) -> None:
    """Print a paragraph; names in it can do no harm."""
    console.print(Text(visible(text, 2_000)))


def _point(console: Console, text: str) -> None:
    """Print one item of a list, its later lines indented."""
    grid = Table.grid(padding=(0, 1, 0, 0))
    grid.add_row("-", Text(visible(text, 2_000)))
    console.print(grid)


def _known(value: float) -> float:
    return value if math.isfinite(value) else 0.0


def _count(value: float) -> str:
    return f"{value:,.0f}" if math.isfinite(value) else ""


def _mean(value: float) -> str:
    """Write an expected number, which may be less than one."""
    return f"{value:.1g}" if value < 10 else _count(value)


def _number(value: float) -> str:
    return f"{value:.1g}" if math.isfinite(value) else "unknown"


def _share(value: float) -> str:
    return f"{value:.1%}" if math.isfinite(value) else "an unknown share"


def _odds(value: float) -> str:
    return odds(value).replace("\N{NO-BREAK SPACE}", " ")
