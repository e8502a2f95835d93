"""Texts before each line, as syslog, docker, kubectl and journald write them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

_SHARE = 0.5


@dataclass(frozen=True)
class LinePrefix:
    """A text before each line.

    Attributes:
        name: its name.
        pattern: a regular expression that RE2 and Python read alike.
        source: where it is described.
    """

    name: str
    pattern: str
    source: str


_PROGRAM = r"[^ :\[\]]+(?:\[[0-9]+\])?: +"
_STAMP = r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]+(?:Z|[+-][0-9:]+)?"

PREFIXES: Final[tuple[LinePrefix, ...]] = (
    LinePrefix(
        "syslog",
        r"(?:<[0-9]{1,3}>)?[A-Z][a-z]{2} +[0-9]{1,2} [0-9:]{8}(?:\.[0-9]+)? [^ ]+ "
        rf"{_PROGRAM}",
        "https://www.rfc-editor.org/rfc/rfc3164",
    ),
    LinePrefix(
        "syslog_iso",
        rf"(?:<[0-9]{{1,3}}>)?{_STAMP} [^ ]+ {_PROGRAM}",
        "https://www.rsyslog.com/doc/configuration/templates.html",
    ),
    LinePrefix(
        "syslog_5424",
        rf"<[0-9]{{1,3}}>[0-9]{{1,3}} {_STAMP} [^ ]+ [^ ]+ [^ ]+ [^ ]+ "
        r'(?:-|(?:\[[^ \]]+(?: [^ =]+="(?:[^"\\]|\\.)*")*\])+) ?',
        "https://www.rfc-editor.org/rfc/rfc5424",
    ),
    LinePrefix("kubectl", r"\[(?:pod|deployment|job)/[^ \]]+\] ", "https://kubernetes.io/docs"),
    LinePrefix("docker", r"[A-Za-z0-9][A-Za-z0-9_.-]* *\| ", "https://docs.docker.com/compose"),
    LinePrefix(
        "container_time", rf"{_STAMP} (?:(?:stdout|stderr) [FP] )?", "https://kubernetes.io/docs"
    ),
)
"""The table of prefixes. Several may precede one line, such as docker's name and a time."""


def find_prefix(lines: Sequence[str]) -> str:
    """Return the expression of what stands before most of these lines; empty if nothing does.

    At most two prefixes are found.
    """
    found = ""
    for _ in range(2):
        rests = [_after(found, line) for line in lines]
        best = max(PREFIXES, key=lambda one: _fitting(one, rests), default=None)
        if best is None or _fitting(best, rests) <= _SHARE * len(lines):
            break
        found += f"(?:{best.pattern})"
    return found


def without_prefix(prefix: str, line: str) -> str | None:
    """Return a line without the prefix; None if it does not have it."""
    match = re.match(prefix, line)
    return line[match.end() :] if match else None


def _after(prefix: str, line: str) -> str:
    return (without_prefix(prefix, line) or "") if prefix else line


def _fitting(prefix: LinePrefix, lines: Sequence[str]) -> int:
    return sum(bool(re.match(prefix.pattern, line)) for line in lines)
