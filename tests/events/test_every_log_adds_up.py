"""In the log of every layout and product, damaged lines of one account hide no other's takes."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Callable
from typing import Any, Final

import pytest
from tests.events.formats.test_products import SAMPLES as PRODUCTS
from tests.events.formats.test_products import record
from tests.events.layouts.samples import SAMPLES

_OWN: Final = 9
_TABLE: Final = ("ts,account,item,agent", '2026-03-09T08:00:00Z,ann,tr-1,"Player/2.1"')
_FIELDS: Final = "#Fields: date time c-ip cs-username cs-method cs-uri-stem sc-status"

LOGS: Final[dict[str, tuple[list[str], str]]] = {
    **{
        f"{one.layout} {one.title}".strip(): (
            [], next(line for line, right in one.lines if right.status in {"200", None}))
        for one in SAMPLES
    },
    **{name: ([], json.dumps(record(flat))) for name, flat in PRODUCTS.items()},
    **{
        f"csv {sign!r}": ([_TABLE[0].replace(",", sign)], _TABLE[1].replace(",", sign))
        for sign in ",;\t|"
    },
    "w3c": ([_FIELDS], "2026-03-09 08:00:00 192.0.2.11 ann GET /tracks/1 200"),
    "w3c, tabs": ([_FIELDS.replace(" ", "\t").replace("s:\t", "s: ")],
                  "2026-03-09\t08:00:00\t192.0.2.11\tann\tGET\t/tracks/1\t200"),
    "ndjson": ([], '{"ts": "2026-03-09T08:00:00Z", "account": "ann", "item": "tr-1"}'),
    "logfmt": ([], 'ts=2026-03-09T08:00:00Z account=ann item=tr-1 agent="Player/2.1 (Demo)"'),
}  # fmt: skip
"""Header and one line by log."""

_SIGNS: Final = (
    *(b'"', b'""', b"\\", b"\\ud83d", b"\xed\xa0\xbd", b"\xf0\x9f", b"\x00", b"\x0b", b"\x0c"),
    *(b"\xef\xbb\xbf", b"\xff\xfe", b" ", b"\t", b",", b"[", b"}", b"{", b"\x1a", b"\xe2\x80\xa8"),
    *(b"9" * 400, b"#", b"=", b"|", b";", b"%", b"\x85"),
)


_OTHER: Final = "203.0.113.99"


def marked(line: str) -> str:
    """Return the line of another account: another login, or another address."""
    name = re.compile(r"\bann\b")
    return name.sub("mallory", line) if name.search(line) else line.replace("192.0.2.11", _OTHER)


def _damaged(dice: random.Random, line: bytes) -> bytes:
    """Return a line with a sign put in or at its end, a digit twice, or a part missing."""
    start = dice.randrange(len(line))
    digits = [match.end() for match in re.finditer(rb"[0-9]", line)]
    return dice.choice(
        (
            line[:start] + dice.choice(_SIGNS) + line[start:],
            line + dice.choice(_SIGNS),
            dice.choice(_SIGNS) + line,
            line[: (digit := dice.choice(digits))] + line[digit - 1 :],
            line[:start],
            line[:start] + line[start + dice.randrange(20) :],
            dice.choice(_SIGNS),
        )
    )


def _own_takes(out: Any) -> int:  # noqa: ANN401 - the outcome of the fixture
    return sum(any(mark in str(take) for mark in ("mallory", _OTHER)) for take in out.takes)


@pytest.mark.parametrize("end", [b"\n", pytest.param(b"\r\n", marks=pytest.mark.slow)])
@pytest.mark.parametrize("log", LOGS)
def test_damaged_lines_hide_no_take_of_others(
    read: Callable[..., Any], log: str, end: bytes
) -> None:
    """All takes of an account between damaged lines count, and all lines add up."""
    head, line = LOGS[log]
    header, good, own = [one.encode() for one in head], line.encode(), marked(line).encode()
    dice = random.Random(f"{log}{end!r}")  # noqa: S311 - a test
    lines = [good] * 40
    for _ in range(_OWN):
        lines += [*(_damaged(dice, good) for _ in range(dice.randint(1, 4))), own]
    lines = [one for one in lines if one]
    out = read(end.join([*header, *lines]))
    assert _own_takes(out) == _OWN
    assert len(out.events) + sum(out.counts.values()) == len(lines)
    assert "line-not-read" not in out.counts


@pytest.mark.slow
@pytest.mark.parametrize("log", LOGS)
def test_line_ends_of_several_kinds_and_empty_lines_hide_nothing(
    read: Callable[..., Any], log: str
) -> None:
    """Ends may differ from line to line, lines may be empty, and the last one needs no end."""
    head, line = LOGS[log]
    text = b"\xef\xbb\xbf" + b"".join(one.encode() + b"\n" for one in head)
    for number in range(20):
        text += line.encode() + (b"\n", b"\r\n", b"\n\n", b"\r\n\r\n")[number % 4]
    out = read(text + b"\n".join([marked(line).encode()] * _OWN))
    assert (_own_takes(out), len(out.events), out.counts) == (_OWN, 20 + _OWN, {})
