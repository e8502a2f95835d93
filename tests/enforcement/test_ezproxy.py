"""The part of EZproxy's user.txt between two lines denies suspended accounts, and nobody else."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.cases.findings import moment

from ringfence.cases.moments import MICROSECONDS_PER_DAY
from ringfence.enforcement import SinkError, Standing
from ringfence.enforcement.sinks.ezproxy import EzproxySink

BEFORE = b"# our users\n# ringfence begin\n# ringfence end\n::LDAP\n  BindPassword secret\n/LDAP\n"


@pytest.fixture
def sink(tmp_path: Path) -> EzproxySink:
    """Return a sink with a file that has the two lines."""
    (tmp_path / "user.txt").write_bytes(BEFORE)
    return EzproxySink("proxy", tmp_path / "user.txt", "suspend.htm")


def suspended(account: str, until: int | None = None) -> Standing:
    """Return a suspended account."""
    return Standing(account, "suspend", until, "", 1)


def test_accounts_are_denied_and_freed(sink: EzproxySink) -> None:
    """Each suspended account has a line with its end; without any, the file is as before."""
    accounts = [
        suspended("ann"),
        suspended("bo@example.org", moment(3) + MICROSECONDS_PER_DAY // 2),
    ]
    assert sink.replace(iter(accounts)) == {}
    assert sink.file.read_bytes() == (
        b"# our users\n# ringfence begin\n::Common\n"
        b"IfUser ann; Deny suspend.htm\n"
        b"IfUser bo@example.org; IfBefore 2026-03-06; Deny suspend.htm\n"
        b"/Common\n# ringfence end\n::LDAP\n  BindPassword secret\n/LDAP\n"
    )
    sink.replace(iter([]))
    assert sink.file.read_bytes() == BEFORE


@pytest.mark.parametrize(
    "account",
    ["", "a b", "a;Deny", "*", "a?", "-RE .*", "-x", "a\nIfUser b", "a\r", "été", "#a", "a" * 256],
)
def test_a_name_that_means_something_else_is_refused(sink: EzproxySink, account: str) -> None:
    """Such a name is left out and reported, and the others are written."""
    assert set(sink.replace(iter([suspended(account), suspended("ann")]))) == {account}
    block = sink.file.read_bytes().split(b"::Common")[1].split(b"/Common")[0]
    assert block == b"\nIfUser ann; Deny suspend.htm\n"


@pytest.mark.parametrize("effect", ["throttle", "challenge"])
def test_only_suspensions_are_possible(sink: EzproxySink, effect: str) -> None:
    """Another effect is reported, and the account is not denied."""
    one = Standing("ann", effect, None, "", 1)  # type: ignore[arg-type] # a word of the type
    assert sink.replace(iter([one])) == {"ann": f"EZproxy cannot {effect}, only suspend"}
    assert sink.file.read_bytes() == BEFORE


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"# ringfence begin\n",
        b"# ringfence end\n# ringfence begin\n",
        BEFORE + BEFORE,
    ],
)
def test_without_the_two_lines_nothing_is_written(sink: EzproxySink, content: bytes) -> None:
    """A file without its place for the lines is not touched."""
    sink.file.write_bytes(content)
    with pytest.raises(SinkError, match="needs the lines"):
        sink.replace(iter([suspended("ann")]))
    assert sink.file.read_bytes() == content


def test_a_missing_file_is_not_made(sink: EzproxySink) -> None:
    """Without user.txt there is an error that may pass, and no new file."""
    sink.file.unlink()
    with pytest.raises(SinkError, match="cannot be written") as caught:
        sink.replace(iter([suspended("ann")]))
    assert caught.value.retry
    assert not sink.file.exists()


def test_line_ends_and_mode_stay(sink: EzproxySink) -> None:
    """A file of Windows keeps its line ends, and others who may read the file still may."""
    sink.file.write_bytes(BEFORE.replace(b"\n", b"\r\n"))
    sink.file.chmod(0o644)
    sink.replace(iter([suspended("ann")]))
    content = sink.file.read_bytes()
    assert content.count(b"\n") == content.count(b"\r\n") == 9
    assert sink.file.stat().st_mode & 0o777 == 0o644
