"""In every format, hostile lines and values hide no take, and all lines add up."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from typing import Any

import pytest

_OWN = 9


def _combined(n: int, account: str) -> bytes:
    request = f'"GET /stream/tr-{n} HTTP/1.1" 200 12 "-" "x"'
    return f"192.0.2.1 - {account} [01/Jun/2025:10:{n:02d}:00 +0000] {request}".encode()


def _ndjson(n: int, account: str) -> bytes:
    record = {"ts": f"2025-06-01T10:{n:02d}:00Z", "account": account, "item": f"tr-{n}"}
    return json.dumps(record).encode()


def _csv(n: int, account: str) -> bytes:
    return f"2025-06-01T10:{n:02d}:00Z,{account},tr-{n},x".encode()


def _logfmt(n: int, account: str) -> bytes:
    return f'ts=2025-06-01T10:{n:02d}:00Z account={account} item=tr-{n} agent="x y"'.encode()


def _w3c(n: int, account: str) -> bytes:
    return f"2025-06-01 10:{n:02d}:00 192.0.2.1 {account} GET /stream/tr-{n} 200".encode()


_FORMS: dict[str, tuple[Callable[[int, str], bytes], list[bytes]]] = {
    "combined": (_combined, []),
    "ndjson": (_ndjson, []),
    "csv": (_csv, [b"ts,account,item,agent"]),
    "logfmt": (_logfmt, []),
    "w3c": (_w3c, [b"#Fields: date time c-ip cs-username cs-method cs-uri-stem sc-status"]),
}
_HOSTILE = (
    *(b'"', b'x"y', b"\\", b'"a b" c"', b'a b c "d', b"\x00", b"\xff\xfe", b"\x0b", b"\x0c", b" "),
    *(b"\xef\xbb\xbf", b'{"ts":', b",,,", b"\x1a", b"\x85", b"\x01", b"-", b"\xe2\x80\xa8"),
)


@pytest.mark.slow
@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\r"])
@pytest.mark.parametrize("form", _FORMS)
def test_takes_among_hostile_lines_are_counted(
    read: Callable[..., Any], form: str, end: bytes
) -> None:
    """Between any hostile lines, an account's takes count exactly, and the lines add up."""
    line, header = _FORMS[form]
    dice = random.Random(f"{form}{end!r}")  # noqa: S311 - a test
    lines = [line(n, f"u{n % 5}") for n in range(40)]
    for number in range(_OWN):
        hostile = [] if end == b"\r" else dice.choices(_HOSTILE, k=dice.randint(1, 3))
        lines += [*hostile, line(number, "mallory")]
    out = read(end.join([*header, *lines]))
    assert sum(take["account"] == "mallory" for take in out.takes) == _OWN
    assert len(out.events) + sum(out.counts.values()) == len(lines)
    assert "line-not-read" not in out.counts


@pytest.mark.parametrize("suffix", [b"\x0b", b"\x0c", b" ", b"\x00"])
def test_signs_after_a_json_line_hide_nothing(read: Callable[..., Any], suffix: bytes) -> None:
    """A control character behind a record belongs to no value."""
    lines = [_ndjson(n, "u") for n in range(20)] + [_ndjson(n, "m") + suffix for n in range(_OWN)]
    assert len(read(b"\n".join(lines)).takes) == 20 + _OWN


def test_half_a_surrogate_anywhere_hides_nothing(read: Callable[..., Any]) -> None:
    r"""A row with ``\ud83d`` in a value or a key is a take like any other."""
    lines = [_ndjson(n, "u") for n in range(20)]
    lines += [line.replace(b"}", b', "agent": "\\ud83d"}') for line in lines[:5]]
    lines += [line.replace(b"}", b', "\\ud83d": {"a": "\\udc00"}}') for line in lines[5:10]]
    lines += [line.replace(b'"tr-', b'"\\ud83dtr-') for line in lines[10:15]]
    out = read(b"\n".join(lines))
    assert len(out.takes) == len(lines)
    assert len({take["item"] for take in out.takes}) == 25


@pytest.mark.parametrize(
    ("time", "reason"),
    [
        ("20255-06-01T10:00:00Z", "unreadable-time"),
        ("2225-06-01T10:00:00Z", "unreadable-time"),
        ("2099-06-01T10:00:00Z", "time-in-the-future"),
        ("1969-06-01T10:00:00Z", "time-before-1970"),
        ("9" * 400, "unreadable-time"),
    ],
)
@pytest.mark.parametrize("line", [_ndjson, _csv])
def test_a_time_out_of_range_costs_its_line_only(
    read: Callable[..., Any], line: Callable[[int, str], bytes], time: str, reason: str
) -> None:
    """The line is quarantined by reason, and the lines around it are events."""
    lines = [line(n, "u") for n in range(20)]
    lines[7] = lines[7].replace(b"2025-06-01T10:07:00Z", time.encode())
    header = [b"ts,account,item,agent"] if line is _csv else []
    out = read(b"\n".join([*header, *lines]))
    assert (len(out.takes), out.counts) == (19, {reason: 1})
    assert out.quarantined[0]["line"] == 8 + len(header)
