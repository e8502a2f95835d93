"""No line of any layout takes more than linear time, whatever it repeats."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.events.hostile_lines import processor_seconds, repeating

from ringfence.events.layouts.known import KNOWN, KnownLayout
from ringfence.events.layouts.layout import Field, Layout
from ringfence.events.layouts.matching import Matcher
from ringfence.events.layouts.prefixes import PREFIXES, LinePrefix
from ringfence.events.layouts.separated import separated_layout
from ringfence.events.layouts.tail import with_tail

VALUES = {
    "address": "10.0.0.1", "host": "example.org", "addresses": "10.0.0.1, ::1", "name": "a.b",
    "ident": "-", "number": "1.5", "padded": "  12", "digits": "12", "status": "200",
    "clf": "10/Mar/2026:08:00:00 +0000", "iso": "2026-03-10T08:00:00Z", "epoch": "1773129600.5",
    "query": "?a=1", "bare_query": "a=1", "path": "/p/1", "mark": "?", "quoted_key": 'k="v"',
    "captures": "{a|b} ", "squid_result": "TCP_MISS/200:HIER_DIRECT",
}  # fmt: skip
REST = ' "http://example.org/" "Mozilla/5.0" "10.0.0.1, 10.0.0.2" 0.1'
BEFORE = {
    "syslog": ["<1>", "Mar 10 ", "08:00:00 ", "host ", "program", "[1]", ": "],
    "syslog_iso": ["<1>", "2026-03-10T08:00:00Z ", "host ", "program", "[1]", ": "],
    "syslog_5424": ["<1>1 ", "2026-03-10T08:00:00Z ", "h a p m ", "[id", ' k="v"', "] "],
    "kubectl": ["[pod/", "x", "] "],
    "docker": ["name", "-1", " ", "| "],
    "container_time": ["2026-03-10T08:00:00Z ", "stdout F "],
}


def good(layout: Layout) -> list[str]:
    """Return the pieces of a line of a layout."""
    values = {"request": "GET /p/1 HTTP/1.1"}
    return [
        values.get(part.raw, VALUES.get(part.shape, "x")) if isinstance(part, Field) else part
        for part in layout.pieces
    ]


@pytest.mark.slow
@pytest.mark.parametrize("spaced", [False, True])
@pytest.mark.parametrize("known", KNOWN, ids=lambda known: known.name)
def test_lines_of_known_layouts(known: KnownLayout, spaced: bool) -> None:
    """Each layout is attacked at each of its fields, in both of its expressions."""
    layout = known.layout()
    layout = with_tail(layout, [REST]) if known.has_tail else layout
    matcher = Matcher(replace(layout, spaced=spaced))
    assert matcher.record("".join(good(layout)))
    with processor_seconds(5):
        for line in repeating(good(layout)):
            matcher.record(line)


@pytest.mark.parametrize("prefix", PREFIXES, ids=lambda prefix: prefix.name)
def test_prefixes(prefix: LinePrefix) -> None:
    """The text before a line is attacked in the same way."""
    combined = next(known for known in KNOWN if known.name == "combined").layout()
    layout = replace(with_tail(combined, [REST]), before=f"(?:{prefix.pattern})")
    matcher = Matcher(layout)
    pieces = BEFORE[prefix.name]
    assert matcher.record("".join([*pieces, *good(layout)]))
    with processor_seconds(5):
        for line in repeating([*pieces, *good(layout)[:2]]):
            matcher.record(line)


@pytest.mark.parametrize("end", ["", "\\", '"', "\\\\"])
@pytest.mark.parametrize("piece", ['"\\', '\\"', "\\", '"', '""\\', '" \\"'])
def test_separated_lines(piece: str, end: str) -> None:
    """A quote that is never closed is looked for once, also if the line ends with a backslash."""
    line = '2026-03-10T08:00:00Z|192.0.2.1|ann|"GET /p/1 HTTP/1.1"'
    assert separated_layout([line])
    with processor_seconds(2):
        separated_layout([f"{line}|{piece * 100_000}{end}"])


@pytest.mark.parametrize("piece", ["1.1.1.1, ", "::1, ", "a ", 'k="v" ', '"a" '])
def test_endless_fields_after_a_layout(piece: str) -> None:
    """A line with thousands of fields after those of the layout takes linear time."""
    combined = next(known for known in KNOWN if known.name == "combined").layout()
    with processor_seconds(2):
        with_tail(combined, [f"{REST} {piece * 20_000}~"])
