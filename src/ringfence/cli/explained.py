"""One account or ring in words, on a terminal of 80 columns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from rich.console import Console
from rich.table import Table
from rich.text import Text

from ringfence.cli.visible import visible
from ringfence.evidence import built_in_tests
from ringfence.report import Stored
from ringfence.report.ring_wording import LINKS_NOTE, MISTAKEN, beside, chance, equals, noun, why
from ringfence.report.wording import odds

SHOWN: Final = 20
"""Members listed without ``--all``."""

VALUES: Final = 5
"""Values that members share, of which it is said who has them."""

NAMED: Final = 5
"""Members named with each."""

DAYS: Final = 8
"""Lines of growth."""

USUAL: Final = 0.05
"""What more than one user in twenty shows is called usual."""

STRONG: Final = 0.001
"""What fewer than one user in a thousand show speaks strongly, here as in the report."""

Record = dict[str, Any]


def render(stored: Stored, console: Console, *, every: bool = False) -> None:
    """Print what is known of an account or ring; ``every`` lists all members."""
    record = stored.record
    _head(record, console, member=bool(stored.rings))
    for ring in stored.rings:
        _say(console, _membership(record["id"], ring))
        console.print()
    if record["kind"] == "ring":
        _ring(record, console, every=every)
    elif "tests" in record:
        _nothing(record, console)
    else:
        _finding(record, console)


def _head(record: Record, console: Console, *, member: bool) -> None:
    """Print who it is about, the verdict, what is advised, and what is held."""
    console.print(Text(visible(record["id"], 400), style="bold"))
    ring = f"ring of {len(record['accounts']):,} accounts, " if record["kind"] == "ring" else ""
    advised = f", advised: {record['action']}" if "action" in record else ""
    nothing = "no finding by itself, but in a ring" if member else "no finding"
    _say(console, f"{ring}{record['verdict'] or nothing}{advised}")
    console.print()
    _say(
        console,
        f"Holds {record['items']:,} items{_coverage(record)}. First use "
        f"{_minute(record['first'])}, last {_minute(record['last'])}, UTC.",
    )
    console.print()


def _coverage(record: Record) -> str:
    if "coverage" not in record:
        return ""
    catalogue, use = (_share(record["coverage"][key]) for key in ("catalogue", "use"))
    return f", {catalogue} of the catalogue with {use} of all use"


def _finding(record: Record, console: Console) -> None:
    p_value, false = record["p_value"], record["expected_false"]
    _say(
        console,
        f"p-value {_number(p_value)}: as much or more is seen in {_odds(p_value)}. By chance, a "
        f"scan of this size has {_number(false)} honest accounts at this place or above.",
    )
    console.print()
    for one in record["evidence"]:
        _point(console, f"{one['sentence']} ({one['test']}: {_seen(one, 'account')})")


def _seen(evidence: Record, kind: str) -> str:
    """Say what a p-value is of: users, or, where the evidence is of a ring, groups."""
    p, said = evidence["p_value"], chance(evidence["test"], kind)
    return f"{said}, p {equals(evidence['test'], p)} {_number(p)}" if said else _odds(p)


def _nothing(record: Record, console: Console) -> None:
    """Say what each test said of an account that is no finding."""
    usual = record["p_value"] > USUAL
    said = "Nothing unusual" if usual else "Unusual, but not by enough to be a finding"
    seen = _odds(record["p_value"])
    _say(console, f"{said}: as much or more, in all tests together, is seen in {seen}.")
    if not usual and len(_strong_kinds(record["tests"])) == 1:
        _say(console, "One kind of evidence alone is no finding.")
    console.print()
    for test, p in sorted(record["tests"].items(), key=lambda pair: pair[1]):
        word = "nothing unusual" if p > USUAL else "unusual"
        _point(console, f"{test}: {word}, as much or more in {_odds(p)} (p = {_number(p)})")


def _strong_kinds(tests: Mapping[str, float]) -> set[str]:
    """Return the kinds (families) of evidence that speak strongly; a test not known is its own."""
    families = {test.name: test.family for test in built_in_tests()}
    return {families.get(test, test) for test, p in tests.items() if p < STRONG}


def _membership(account: str, ring: Record) -> str:
    """Say which ring an account is in, and what it has in common with the others there."""
    said = (
        f"It is one of the {len(ring['accounts']):,} accounts of {ring['id']}, which is "
        f"{ring['verdict']}, advised: {ring['action']}."
    )
    profile = ring.get("ring", {"members": ()})
    for one in profile["members"]:
        if one["account"] == account:
            observed, expected = _count(one["observed"]), _count(one["expected"])
            with_others = f"{noun(profile['test'])} with the others"
            return f"{said} It has {observed} {with_others}, {expected} expected.{_shared(one)}"
    return said


def _shared(member: Record) -> str:
    """Say what a member shares with others, which is no evidence."""
    shares = [f"{one['attribute']} {visible(one['value'], 40)}" for one in member["shares"]]
    return f" It shares with other members: {'; '.join(shares)}. {LINKS_NOTE}" if shares else ""


def _ring(record: Record, console: Console, *, every: bool) -> None:
    profile = record.get("ring")
    test = record["evidence"][0]["test"]
    _say(console, why(test, record["verdict"]))
    if test == "collision":
        _say(console, MISTAKEN)
    console.print()
    for one in record["evidence"]:
        _point(console, f"{one['sentence']} ({one['test']}: {_seen(one, 'ring')})")
    if profile is None:
        _point(console, "The scan wrote no page of this ring; rings.parquet has its members.")
        return
    _compared(profile, console)
    _growth(profile["growth"], console)
    _links(profile["links"], console)
    _sharing(profile["members"], console)
    _members(profile, console, every=every)


def _compared(profile: Record, console: Console) -> None:
    """Say how many members go with the finding, and what other accounts have in common."""
    members, others = profile["members"], profile["others"]
    more = profile["test"] == "lockstep"
    differences = [(one["observed"] or 0) - (one["expected"] or 0) for one in members]
    fitting = sum(difference > 0 if more else difference < 0 for difference in differences)
    _point(
        console,
        f"{fitting:,} of {len(members):,} members have {'more' if more else 'fewer'} "
        f"{noun(profile['test'])} with the others than independent accounts would.",
    )
    own = sum(one["items"] for one in members)
    _point(console, beside(others["accounts"], others["holdings"], own, others["collisions"]))


def _growth(points: Sequence[Record], console: Console) -> None:
    """Print some days of a ring's growth, always the first and the last."""
    if len(points) < 2:
        return
    table = _table("at the end of", "accounts", "items", "in common", "expected")
    last = len(points) - 1
    for n in sorted({round(last * k / (DAYS - 1)) for k in range(DAYS)}):
        numbers = (points[n][key] for key in ("accounts", "items", "collisions", "expected"))
        table.add_row(Text(points[n]["day"]), *map(_count, numbers))
    console.print()
    console.print(table)


def _links(links: Sequence[Record], console: Console) -> None:
    if not links:
        return
    console.print()
    _say(console, f"Shared besides. {LINKS_NOTE}")
    for link in links:
        most = "; ".join(
            f"{visible(one['value'], 40)} ({one['members']:,} members of {one['accounts']:,} "
            "accounts with it)"
            for one in link["values"][:3]
        )
        _point(
            console,
            f"{link['attribute']}: pairs of members that share one: {_count(link['observed'])}, "
            f"{_mean(link['expected'])} expected (p = {_number(link['p_value'])}). "
            f"Most shared: {most or 'none'}",
        )


def _sharing(members: Sequence[Record], console: Console) -> None:
    """Say which members share what, the most shared first."""
    who: dict[tuple[str, str], list[str]] = {}
    for one in members:
        for link in one["shares"]:
            who.setdefault((link["attribute"], link["value"]), []).append(one["account"])
    most = sorted(who.items(), key=lambda item: (-len(item[1]), item[0]))
    for (attribute, value), accounts in most[:VALUES]:
        named = ", ".join(visible(name, 20) for name in accounts[:NAMED])
        more = f" and {len(accounts) - NAMED:,} more" if len(accounts) > NAMED else ""
        _point(console, f"With {attribute} {visible(value, 40)}: {named}{more}")
    if len(most) > VALUES:
        _point(console, f"... and {len(most) - VALUES:,} more that some share, in findings.jsonl")


def _members(profile: Record, console: Console, *, every: bool) -> None:
    members = profile["members"]
    shown = members if every else members[:SHOWN]
    table = _table("account", "items", "first", "last", "observed", "expected", "verdict")
    for one in shown:
        table.add_row(
            Text(visible(one["account"], 20)),
            _count(one["items"]),
            Text(one["first"][:10]),
            Text(one["last"][:10]),
            _count(one["observed"]),
            _count(one["expected"]),
            Text(one["verdict"] or "no finding"),
        )
    console.print()
    _say(console, f"Members in order of appearance, {noun(profile['test'])} with all others:")
    console.print(table)
    if len(shown) < len(members):
        _say(console, f"... and {len(members) - len(shown):,} more, listed with --all")


def _table(first: str, *others: str) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 1, 0, 0))
    table.add_column(first, no_wrap=True, overflow="ellipsis")
    for name in others:
        words = name in {"first", "last", "verdict"}
        table.add_column(name, no_wrap=True, justify="left" if words else "right")
    return table


def _say(console: Console, text: str) -> None:
    """Print a paragraph, harmless whatever names it holds."""
    console.print(Text(visible(text, 2_000)))


def _point(console: Console, text: str) -> None:
    """Print one of several sentences, its later lines indented."""
    grid = Table.grid(padding=(0, 1, 0, 0))
    grid.add_row("-", Text(visible(text, 2_000)))
    console.print(grid)


def _count(value: float | None) -> str:
    return "" if value is None else f"{value:,.0f}"


def _mean(value: float | None) -> str:
    """Write what is expected, which may be less than one."""
    return f"{value:.1g}" if value is not None and value < 10 else _count(value)


def _number(value: float | None) -> str:
    return "unknown" if value is None else f"{value:.1g}"


def _share(value: float | None) -> str:
    return "an unknown share" if value is None else f"{value:.1%}"


def _odds(value: float | None) -> str:
    said = odds(-1.0 if value is None else value)
    return said.replace("\N{NO-BREAK SPACE}", " ")


def _minute(instant: str) -> str:
    return instant[:16].replace("T", " ")
