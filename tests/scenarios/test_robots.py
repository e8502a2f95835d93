"""Test that declared robots are listed apart from findings."""

from __future__ import annotations

from pathlib import Path

import pytest

import ringfence

GOOGLEBOT = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"
BROWSER = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"


def line(second: int, address: str, track: int, agent: str) -> str:
    """Return one line of the combined format, within one day."""
    clock = f"{second // 3600 % 24:02d}:{second // 60 % 60:02d}:{second % 60:02d}"
    return (f'{address} - - [02/Jun/2025:{clock} +0000] "GET /stream/{track} HTTP/1.1" 200 5000 '
            f'"-" "{agent}"\n')  # fmt: skip


def log(folder: Path, taker: str) -> Path:
    """Write a day on which one visitor takes 5,000 tracks and thirty others up to 60 each."""
    path = folder / "access.log"
    lines = [line(n * 17, "10.9.9.9", n, taker) for n in range(5_000)]
    for user in range(30):
        lines += [line(n * 240 + user * 900, f"10.0.0.{user}", n * n * (user + 1) % 99,
        BROWSER)
                  for n in range(60)]  # fmt: skip
    path.write_text("".join(sorted(lines, key=lambda text: text.split("[")[1])))
    return path


@pytest.mark.slow
def test_a_declared_robot_is_not_a_finding(tmp_path: Path) -> None:
    """Googlebot is listed among the robots with its items, and not among the findings."""
    result = ringfence.scan(log(tmp_path, GOOGLEBOT))
    (robot,) = result.robots
    assert (robot.client, robot.items, robot.uses) == (GOOGLEBOT, 5_000, 5_000)
    assert robot.account.startswith("10.9.9.9 ")
    assert not result.findings
    assert robot.account not in result.accounts.column("account")


@pytest.mark.slow
def test_the_same_accesses_with_a_browsers_name_are_a_finding(tmp_path: Path) -> None:
    """Only the declaration makes a robot, not its behaviour."""
    result = ringfence.scan(log(tmp_path, BROWSER))
    assert not result.robots
    assert [found.items for found in result.findings] == [5_000]
