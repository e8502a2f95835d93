"""The sample of requests from which item rules are chosen."""

from __future__ import annotations

import gzip
from itertools import pairwise
from pathlib import Path

import pytest

from ringfence.engine import Engine
from ringfence.events import Quarantine, Source, open_source, sampling
from ringfence.events.items import Visit
from ringfence.events.sampling import sample_visits
from ringfence.settings import Settings

LINE = '{ip} - {login} [09/Mar/2026:08:00:00 +0000] "{method} {url} HTTP/1.1" {status} 9 "-" "x"\n'


def line(url: str, **changed: str) -> str:
    """Return one line of a log."""
    usual = {"ip": "192.0.2.7", "login": "ann", "method": "GET", "status": "200"}
    return LINE.format(url=url, **(usual | changed))


def sample(engine: Engine, path: Path) -> list[Visit]:
    """Return the sample of a log."""
    reading = open_source(engine, Source(path, path.name), Settings(), Quarantine(engine.scratch))
    assert reading.plan is not None
    return sample_visits(engine, reading.plan.form, reading.plan.opened, reading.plan.path)


def test_only_successful_requests_that_take_something_are_sampled(
    engine: Engine, tmp_path: Path
) -> None:
    """Errors, redirects and deletions are not pages; not modified is a success."""
    path = tmp_path / "access.log"
    path.write_text(
        line("/a")
        + line("/b", status="404")
        + line("/c", status="302")
        + line("/d", status="304")
        + line("/e", method="DELETE")
        + "no record at all\n"
    )
    assert [visit.url for visit in sample(engine, path)] == ["/a", "/d"]


def test_the_account_is_the_login_else_the_address(engine: Engine, tmp_path: Path) -> None:
    """Sharing is measured between logins, and between addresses where there is none."""
    path = tmp_path / "access.log"
    path.write_text(line("/a") + line("/b", login="-"))
    assert [visit.account for visit in sample(engine, path)] == ["ann", "192.0.2.7"]


@pytest.mark.parametrize("packed", [False, True])
def test_the_sample_is_runs_spread_over_the_file(
    engine: Engine, tmp_path: Path, *, packed: bool
) -> None:
    """Of a long file some runs of consecutive lines are read, from the beginning to the end."""
    text = "".join(line(f"/record/{number}") for number in range(60_000)).encode()
    path = tmp_path / ("access.log.gz" if packed else "access.log")
    path.write_bytes(gzip.compress(text) if packed else text)
    numbers = [int(visit.url.rpartition("/")[2]) for visit in sample(engine, path)]
    assert 5_000 <= len(numbers) <= 11_000
    assert numbers[0] == 0
    assert numbers[-1] > 50_000
    assert sum(b == a + 1 for a, b in pairwise(numbers)) > 0.99 * len(numbers)


def test_no_part_of_a_very_long_line_is_sampled(engine: Engine, tmp_path: Path) -> None:
    """Records that a client writes into one long line are left out, wherever the sample begins."""
    path = tmp_path / "access.log"
    fake = line("/fake").rstrip("\n") + " "
    path.write_text(line("/a") * 50 + fake * (90_000_000 // len(fake)) + "\n" + line("/b") * 50)
    assert {visit.url for visit in sample(engine, path)} == {"/a"}


def test_the_sample_of_long_lines_has_a_bounded_size(
    engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Fewer long lines than short ones are sampled, from all parts of the file."""
    monkeypatch.setattr(sampling, "_BYTES", 1 << 20)
    path = tmp_path / "access.log"
    path.write_text("".join(line(f"/{n}/" + "a" * 6_000) for n in range(2_000)))
    urls = [visit.url for visit in sample(engine, path)]
    assert 0.9 * (1 << 20) < sum(map(len, urls)) < 1.2 * (1 << 20)
    assert int(urls[-1].split("/")[1]) > 1_700
