"""A small service for the tests of tracing: its log, and a ledger of that log."""

from __future__ import annotations

from pathlib import Path

import ringfence

LINE = (
    "{ip} - {login} [09/Mar/2026:{clock} +0100] "
    '"GET /record/{item} HTTP/1.1" 200 512 "-" "{client}"'
)

ACCESSES = [
    ("192.0.2.11", "ann", "08:00:00", 101, "Reader/1.0"),
    ("192.0.2.11", "ann", "08:01:00", 102, "Reader/1.0"),
    ("192.0.2.12", "bob", "08:04:00", 101, "Player/2.1"),
    ("2001:db8::1", "cy", "12:00:00", 101, "Reader/1.0"),
    ("10.0.0.7", "dee", "12:00:30", 103, "Reader/1.0"),
    ("192.0.2.11", "eve", "20:00:00", 104, "Reader/1.0"),
    ("192.0.2.99", "-", "21:00:00", 105, "Robot/0.1"),
]
"""Address, login, clock in a zone one hour east of UTC, item, client."""


def write_log(path: Path) -> Path:
    """Write the accesses as a web server does, and one line of another kind."""
    lines = [
        LINE.format(ip=ip, login=login, clock=clock, item=item, client=client)
        for ip, login, clock, item, client in ACCESSES
    ]
    path.write_text("".join(f"{line}\n" for line in (*lines, "what is this")))
    return path


def write_ledger(log: Path, path: Path) -> Path:
    """Scan a log into a ledger."""
    ringfence.scan(log, ledger=path, force=True)
    return path
