"""The access log of a scenario: one line per event, plus noise, sorted by time."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb
import pytest

from ringfence.errors import OutputError, SettingsError
from ringfence.lab.simulate import Scenario, read_truth, write_access_log, write_scenario
from ringfence.lab.simulate.attributes import CLIENT_NAMES

LINE = re.compile(
    r'^(10\.\d+\.\d+\.\d+) - (\S+) \[(\S+) \+0000\] "GET (/\S+) HTTP/1\.1" (\d{3}) (\d+) '
    r'"([^"]+)" "([^"]+)"$'
)
COLUMNS = ("surface", "ip", "client")
SCENARIO = Scenario.model_validate(
    {
        "name": "week",
        "seed": 3,
        "days": 3,
        "columns": COLUMNS,
        "catalogue": {"items": 20_000},
        "users": {"accounts": 150, "kinds": {"crawler": 1, "granted": 2, "casual": 60}},
        "attack": [{"name": "greedy", "parameters": {"per_day": 400, "days": 2}}],
    }
)


@dataclass(frozen=True)
class Request:
    """One line of a log, taken apart."""

    ip: str
    login: str
    time: datetime
    url: str
    status: int
    size: int
    referrer: str
    client: str

    @property
    def item(self) -> str | None:
        """The item in the URL."""
        found = re.search(r"(?:id=|/track/)(tr-\d+)", self.url)
        return found.group(1) if found else None


@dataclass(frozen=True)
class RenderedLog:
    """A scenario's folder with its log."""

    folder: Path
    lines: list[str]
    requests: list[Request]

    def events(self) -> Counter[tuple[object, ...]]:
        """Count the events of the scenario by second, account and item."""
        rows = duckdb.execute(
            f"SELECT ts, account, item, ip, client FROM '{self.folder}/events/*.parquet'"
        ).fetchall()
        return Counter((ts.replace(tzinfo=UTC), *rest) for ts, *rest in rows)


def _parse(line: str) -> Request | None:
    found = LINE.match(line)
    if found is None:
        return None
    ip, login, time, url, status, size, referrer, client = found.groups()
    when = datetime.strptime(time, "%d/%b/%Y:%H:%M:%S").replace(tzinfo=UTC)
    return Request(ip, login, when, url, int(status), int(size), referrer, client)


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> RenderedLog:
    """The log of the scenario."""
    folder = tmp_path_factory.mktemp("log")
    write_scenario(SCENARIO, folder, processes=1)
    path = folder / "access.log"
    assert write_access_log(folder, path) == path.read_bytes().count(b"\n")
    lines = path.read_text(encoding="ascii").splitlines()
    return RenderedLog(folder, lines, [one for one in map(_parse, lines) if one])


@pytest.mark.slow
def test_every_event_is_a_line_that_succeeds(log: RenderedLog) -> None:
    """Each event has a line with its second, item, address and client, and no event is lost."""
    crawlers = read_truth(log.folder / "truth.parquet").of_kind("crawler")
    lines = Counter(
        (one.time, one.login, one.item, one.ip, one.client)
        for one in log.requests
        if one.status in {200, 206} and one.item
    )
    for (ts, account, *rest), count in log.events().items():
        login = "-" if account in crawlers else account
        assert lines[(ts, login, *rest)] >= count


def test_noise_adds_a_few_per_cent_of_lines(log: RenderedLog) -> None:
    """Noise is between 3 and 8 % of all lines, of each status that a server answers with."""
    events = sum(log.events().values())
    assert 1.03 < len(log.lines) / events < 1.08
    assert {one.status for one in log.requests} >= {200, 206, 302, 404, 503}


def test_lines_are_sorted_and_within_the_scenario(log: RenderedLog) -> None:
    """No line goes back in time; the first and the last lie in the first and the last day."""
    times = [one.time for one in log.requests]
    assert times == sorted(times)
    start = datetime(2026, 3, 2, tzinfo=UTC)
    assert start <= times[0] < start + timedelta(hours=1)
    assert timedelta(days=2, hours=23) < times[-1] - start < timedelta(days=3)


def test_ranges_follow_their_stream_within_seconds(log: RenderedLog) -> None:
    """Every range request is for an item that the account began at most 15 seconds before."""
    begun: dict[tuple[str, str | None], datetime] = {}
    ranges = 0
    for one in log.requests:
        if one.status == 206:
            before = begun.get((one.login, one.item))
            if before is not None and before < one.time:
                ranges += one.time - before <= timedelta(seconds=15)
        if one.status in {200, 206}:
            begun[one.login, one.item] = one.time
    events = sum(log.events().values())
    assert 0.01 < ranges / events < 0.04


def test_failed_requests_are_followed_by_the_one_that_succeeds(log: RenderedLog) -> None:
    """An account that gets a server error gets the same item within three seconds."""
    served = {(one.login, one.item, one.time) for one in log.requests if one.status in {200, 206}}
    failed = [one for one in log.requests if one.status == 503]
    assert failed
    for one in failed:
        later = [one.time + timedelta(seconds=n) for n in range(1, 4)]
        assert any((one.login, one.item, time) in served for time in later)


def test_missing_items_are_in_no_catalogue(log: RenderedLog) -> None:
    """A 404 is for an item number that the catalogue does not have, and has no body."""
    missing = [one for one in log.requests if one.status == 404]
    assert missing
    assert all(int(str(one.item).removeprefix("tr-")) >= 20_000 for one in missing)
    assert {one.size for one in missing} == {0}


def test_declared_crawlers_read_pages_without_a_login(log: RenderedLog) -> None:
    """Lines of a crawler's client have no login and no app's URL; nobody else lacks a login."""
    anonymous = [one for one in log.requests if one.login == "-"]
    assert anonymous
    for one in anonymous:
        assert "bot" in one.client
        assert one.url.startswith(("/track/tr-", "/robots.txt"))


def test_downloads_are_downloads(log: RenderedLog) -> None:
    """Accounts under a grant use the download call, all others stream."""
    granted = read_truth(log.folder / "truth.parquet").of_kind("granted")
    calls = {(one.login in granted, one.url.split("?")[0]) for one in log.requests if one.item
             and one.login != "-"}  # fmt: skip
    assert calls == {(True, "/rest/download"), (False, "/rest/stream")}


def test_only_browsers_have_a_referrer_and_load_pages(log: RenderedLog) -> None:
    """Style sheets belong to browsers and pings to apps."""
    for one in log.requests:
        browser = "Gecko/" in one.client or "Safari/605" in one.client
        assert (one.referrer != "-") == browser
        if one.url.startswith(("/app/", "/favicon")):
            assert browser
        if one.url.startswith("/rest/ping"):
            assert not browser
        assert one.client in CLIENT_NAMES


def test_one_track_has_one_size(log: RenderedLog) -> None:
    """Successful streams of an item all have the same number of bytes."""
    sizes: dict[str, set[int]] = {}
    for one in log.requests:
        if one.item and one.status in {200, 206} and one.login != "-":
            sizes.setdefault(one.item, set()).add(one.size)
    assert all(len(size) == 1 for size in sizes.values())
    assert min(min(size) for size in sizes.values()) >= 1_500_000


@pytest.mark.slow
def test_lines_cut_off_are_the_only_ones_that_do_not_parse(tmp_path: Path) -> None:
    """A larger log has some lines that end in the middle and some TLS handshakes."""
    larger = SCENARIO.model_copy(
        update={"users": SCENARIO.users.model_copy(update={"accounts": 900})}
    )
    write_scenario(larger, tmp_path, processes=1)
    write_access_log(tmp_path, tmp_path / "access.log")
    lines = (tmp_path / "access.log").read_text(encoding="ascii").splitlines()
    odd = [line for line in lines if not LINE.match(line)]
    handshakes = [line for line in odd if r'"\x16\x03\x01" 400 157 "-" "-"' in line]
    broken = [line for line in odd if line not in handshakes]
    assert handshakes
    assert broken
    assert all(30 <= len(line) < 90 and not line.endswith('"') for line in broken)
    assert len(odd) < len(lines) / 2_000


def test_the_same_folder_gives_the_same_bytes(log: RenderedLog, tmp_path: Path) -> None:
    """A second rendering of one folder is byte by byte the first."""
    write_access_log(log.folder, tmp_path / "again.log")
    assert (tmp_path / "again.log").read_text(encoding="ascii").splitlines() == log.lines


def test_missing_columns_are_one_clear_error(tmp_path: Path) -> None:
    """A scenario without addresses and clients cannot be rendered; the error names the columns."""
    plain = SCENARIO.model_copy(update={"columns": ("seconds", "surface")})
    write_scenario(plain, tmp_path, processes=1)
    with pytest.raises(SettingsError, match="needs the columns ip, client"):
        write_access_log(tmp_path, tmp_path / "access.log")
    assert not (tmp_path / "access.log").exists()


def test_an_unwritable_path_is_one_clear_error(log: RenderedLog, tmp_path: Path) -> None:
    """A path in a folder that does not exist is an OutputError that names it."""
    with pytest.raises(OutputError, match=r"nowhere.log: cannot be written: No such file"):
        write_access_log(log.folder, tmp_path / "none" / "nowhere.log")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs the device that is always full")
def test_a_full_disk_is_one_clear_error(log: RenderedLog) -> None:
    """A disk that fills up while writing is an OutputError."""
    with pytest.raises(OutputError, match="cannot be written: No space left"):
        write_access_log(log.folder, Path("/dev/full"))
