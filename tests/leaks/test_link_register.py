"""The register of links keeps what it is told, whatever the order, and survives a crash."""

from __future__ import annotations

import csv
import json
import random
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from tests.leaks.link_model import ORDER, Fact, Model

from ringfence.engine import open_engine
from ringfence.errors import LeakError
from ringfence.leaks.register import (
    LINK_STATES,
    BatchNumbers,
    LinkChoice,
    LinkRegister,
    folder,
    merging,
    open_register,
    streaming,
)
from ringfence.leaks.register.folder import RegisterFolder

START = datetime(2026, 1, 1)  # noqa: DTZ001 - UTC without a zone, as the register has it
RECIPIENTS = ("host", "google", "bing")


def utc(moment: datetime) -> datetime:
    """Return the moment with its zone."""
    return moment.replace(tzinfo=UTC)


def spelt(url: str, rng: random.Random) -> str:
    """Return another spelling of a link in its normal form."""
    scheme, rest = url.split("://")
    host, path = rest.split("/", 1)
    return rng.choice(
        [
            url,
            f"{scheme.upper()}://{host.upper()}/{path}",
            f"{url}#{rng.random()}",
            f"{scheme}://{host}:{'443' if scheme == 'https' else '80'}/{path}",
            f"{scheme}://{host}/./{path}",
            url.replace("track", "%74rack"),
            f"{url}{'&' if '?' in url else '?'}utm_source=forum",
        ]
    )


def some_urls(rng: random.Random, count: int) -> list[str]:
    """Return links, repeated ones among them, of hosts with very different shares."""
    hosts = [f"host{int(30 ** rng.random())}.example" for _ in range(count)]
    return [f"https://{host}/track/{rng.randrange(60)}" for host in hosts]


def write(path: Path, header: list[str], rows: list[list[str]]) -> Path:
    """Write a csv file."""
    with path.open("w", newline="") as file:
        csv.writer(file).writerows([header, *rows])
    return path


def links_of(register: LinkRegister) -> dict[str, tuple[str, datetime, datetime]]:
    """Return state, since and found of each link."""
    found = register.first_links(LinkChoice(), 1_000_000)
    assert found == sorted(found, key=lambda one: (one.host, one.url))
    return {one.url: (one.state, one.since, one.found) for one in found}


class Play:
    """Random operations on a register and on a model of it.

    Args:
        folder: for the register and the files.
        seed: of everything that is random.
    """

    def __init__(self, folder: Path, seed: int) -> None:
        self.rng, self.folder = random.Random(seed), folder  # noqa: S311 - repeatable
        self.model = Model()
        self.files = 0

    def moment(self) -> datetime:
        """Return one of few moments, so that equal dates occur."""
        return START + timedelta(days=self.rng.randrange(12))

    def file(self, kind: str) -> Path:
        """Return the path of a new file."""
        self.files += 1
        return self.folder / f"{kind}-{self.files}.csv"

    def add(self, register: LinkRegister) -> None:
        """Add a file of links."""
        urls, moment = some_urls(self.rng, self.rng.randrange(1, 80)), self.moment()
        path = self.file("links").with_suffix(".txt")
        path.write_text("\n".join([*(spelt(url, self.rng) for url in urls), "javascript:0"]))
        for _ in range(self.rng.choice([1, 1, 2])):
            added = register.add(path, utc(moment), path.name)
            assert added.links == len(urls)
            assert [(one.count, one.example) for one in added.staged.refused] == [
                (1, "javascript:0")
            ]
        self.model.add(urls, moment, path.name)

    def recheck(self, register: LinkRegister) -> None:
        """Record a file of answers, then the same file again."""
        answers = {"removed": ("404", "removed", "GONE"), "there": ("200", "there"),
                   "acknowledged": ("received",)}  # fmt: skip
        facts: list[tuple[str, Fact]] = [
            (url, (self.moment(), self.rng.choice(list(answers)), ""))
            for url in some_urls(self.rng, self.rng.randrange(1, 60))
        ]
        rows = [
            [spelt(url, self.rng), self.rng.choice(answers[kind]), moment.isoformat()]
            for url, (moment, kind, _) in facts
        ]
        path = write(
            self.file("answers"),
            ["url", "status", "date"],
            [*rows, ["http://a.b/", "500", "2026-01-01"]],
        )
        before = self.model.standings()
        links, new, unknown = self.model.say(facts)
        after = self.model.standings()
        found = register.recheck(path)
        assert (found.facts.links, found.facts.added) == (links, new)
        assert (found.facts.unknown, found.unclear) == (len(unknown), {"500": 1})
        for state in LINK_STATES:
            turned = [url for url in after if after[url].state == state != before[url].state]
            assert found.turned(state) == len(turned)
        again = register.recheck(path)
        assert again.facts.added == 0
        assert all(old == new for old, new in again.facts.changes)

    def send(self, register: LinkRegister) -> None:
        """Record that a notice was sent."""
        recipient, moment = self.rng.choice(RECIPIENTS), self.moment()
        urls = some_urls(self.rng, self.rng.randrange(1, 40))
        _, new, _ = self.model.say((url, (moment, "sent", recipient)) for url in urls)
        spellings = (spelt(url, self.rng) for url in urls)
        found = register.mark_sent(spellings, recipient, utc(moment), "batch")
        assert found.facts.added == new

    def compare(self, register: LinkRegister) -> None:
        """Compare everything that the register says with the model."""
        standings = self.model.standings()
        assert links_of(register) == {
            url: (one.state, one.since, self.model.links[url].found[0])
            for url, one in standings.items()
        }
        summary = register.summary()
        states = Counter(one.state for one in standings.values())
        assert summary.states == {state: states[state] for state in LINK_STATES}
        assert (summary.links, summary.facts) == (
            len(standings),
            sum(len(one.facts) for one in self.model.links.values()),
        )
        for recipient in RECIPIENTS:
            streamed = [
                one.url
                for one in register.links_by_host(LinkChoice(("sent", "back"), (recipient,)))
            ]
            assert sorted(streamed) == sorted(
                url
                for url, one in standings.items()
                if one.state in {"sent", "back"} and recipient not in one.told
            )
        self.compare_history(register)

    def compare_history(self, register: LinkRegister) -> None:
        """Compare the history of a link, merged or not."""
        if not self.model.links:
            return
        url = self.rng.choice(sorted(self.model.links))
        link = self.model.links[url]
        state, facts = register.history(spelt(url, self.rng))
        assert state == self.model.standings()[url].state
        assert (facts[0].moment, facts[0].source) == link.found or facts[0].event != "found"
        assert sorted(
            (one.moment, ORDER.index(one.event), one.recipient) for one in facts
        ) == sorted(
            (moment, ORDER.index(kind), recipient)
            for moment, kind, recipient in {(link.found[0], "found", ""), *link.facts}
        )


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(4))
def test_random_operations_agree_with_a_model(
    tmp_path: Path, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Files in any order, twice, merged or not, and reopened: always what the model says.

    Half of the registers begin with one partition and go on with 16.
    """
    play = Play(tmp_path, seed)
    monkeypatch.setattr(folder, "ROWS_PER_PARTITION", 120 if seed % 2 else 1_000_000)
    for _ in range(3):
        with open_register(tmp_path / "register", create=True) as register:
            for _ in range(4):
                act = play.rng.choice([play.add, play.add, play.recheck, play.send])
                act(register)
                play.compare_history(register)
            play.compare(register)


def test_the_order_of_files_does_not_matter(tmp_path: Path) -> None:
    """Answers and notices in reverse order lead to the same register."""
    rng = random.Random(1)  # noqa: S311 - repeatable
    urls = sorted(set(some_urls(rng, 50)))
    links = tmp_path / "links.txt"
    links.write_text("\n".join(urls))
    answers = [
        write(
            tmp_path / f"{n}.csv",
            ["url", "state", "date"],
            [[url, rng.choice(["there", "removed"]), f"2026-02-{rng.randrange(1, 9):02d}"]
             for url in rng.sample(urls, 20)],
        )
        for n in range(5)
    ]  # fmt: skip
    found = []
    for order in (answers, answers[::-1]):
        with open_register(tmp_path / f"register{len(found)}", create=True) as register:
            register.add(links, utc(START))
            for path in order:
                register.recheck(path)
            found.append(links_of(register))
    assert found[0] == found[1]
    assert {state for state, _, _ in found[0].values()} >= {"removed", "back", "found"}


@pytest.fixture
def register(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[LinkRegister]:
    """Open a register with 400 links of hosts of 1 to 300 links, in 16 partitions."""
    monkeypatch.setattr(folder, "ROWS_PER_PARTITION", 100)
    links = [f"http://{host}.example/{n}" for host, count in HOSTS.items() for n in range(count)]
    random.Random(2).shuffle(links)  # noqa: S311 - repeatable
    (tmp_path / "links.txt").write_text("\n".join(links))
    with open_register(tmp_path / "register", create=True) as opened:
        opened.add(tmp_path / "links.txt", utc(START))
        yield opened


HOSTS = {"a": 30, "b": 1, "c": 300, "d": 60, "e": 9}


@pytest.mark.parametrize("most", [7, 50, 1_000])
def test_links_come_by_host_in_ranges_of_any_size(
    register: LinkRegister, monkeypatch: pytest.MonkeyPatch, most: int
) -> None:
    """Each link comes once, those of a host follow each other, and no range is too large."""
    monkeypatch.setattr(streaming.link_ranges, "__defaults__", (most,))
    rows = list(register.ranges(LinkChoice()))
    links = list(register.links_by_host())
    assert sum(rows) == len(links) == len({one.url for one in links}) == sum(HOSTS.values())
    hosts = [one.host for one in links]
    assert hosts == sorted(hosts)
    largest_part_of_host = 40
    assert max(rows) <= max(2 * most, largest_part_of_host)


@pytest.mark.slow
@pytest.mark.parametrize("most", [7, 50, 1_000])
@pytest.mark.parametrize("size", [1, 7, 64, 1_000])
def test_batches_are_full_and_complete(
    register: LinkRegister, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, most: int, size: int
) -> None:
    """For hosts a batch has one host; for a search engine all batches but the last are full."""
    monkeypatch.setattr(streaming.link_ranges, "__defaults__", (most,))
    for by_host in (True, False):
        numbers = BatchNumbers(size, by_host)
        rows = [
            (int(row["batch"]), row["host"], row["url"])
            for path in register.write_batches(LinkChoice(), numbers, tmp_path)
            for row in csv.DictReader(path.read_text().splitlines())
        ]
        sizes = Counter(batch for batch, _, _ in rows)
        assert list(sizes) == list(range(1, numbers.batches + 1))
        assert numbers.links == len({url for _, _, url in rows}) == len(rows) == 400
        if by_host:
            assert len({(batch, host) for batch, host, _ in rows}) == numbers.batches
            assert numbers.batches == sum(-(-count // size) for count in HOSTS.values())
        else:
            assert numbers.batches == -(-400 // size)


@pytest.mark.slow
def test_facts_may_be_added_while_links_are_read(register: LinkRegister) -> None:
    """A stream goes on with the links of its beginning, although they are marked and merged."""
    seen = []
    for link in register.links_by_host(LinkChoice(("found",), ("host",))):
        seen.append(link.url)
        if len(seen) % 150 == 0:
            register.mark_sent(seen[-150:], "host", utc(START), "notice")
            register.merge()
    assert len(set(seen)) == 400
    assert register.summary().states["sent"] == 300
    assert not list(register.folder.root.glob("deltas/*"))
    assert len(list(register.folder.root.glob("partitions/*/links-*"))) == len(
        register.folder.manifest.partitions
    )


def test_two_processes_cannot_use_a_register(register: LinkRegister) -> None:
    """The second one is refused in one line that names the first."""
    code = (
        "import sys; from pathlib import Path; from ringfence.errors import LeakError\n"
        "from ringfence.leaks.register import open_register\n"
        "try:\n    open_register(Path(sys.argv[1])).__enter__()\n"
        "except LeakError as error: print(error)"
    )
    root = register.folder.root
    done = subprocess.run(
        [sys.executable, "-c", code, str(root)], capture_output=True, text=True, check=True
    )
    assert "is in use by process" in done.stdout
    with pytest.raises(LeakError, match="is in use by process"), open_register(root):
        pass


class Crash(BaseException):
    """Stands for the end of the process at a moment."""


STEPS = {
    "before the manifest of a delta": (RegisterFolder, "write_manifest", 1),
    "before the manifest of the first partition": (RegisterFolder, "write_manifest", 2),
    "before the manifest of a later partition": (RegisterFolder, "write_manifest", 9),
    "before facts have moved to more partitions": (merging, "_scatter", 2),
    "before files are synced": (merging, "sync_files", 1),
    "before old files are removed": (merging, "_copy", 5),
    "before merged deltas are forgotten": (RegisterFolder, "remove_merged_deltas", 1),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", STEPS)
def test_a_crash_loses_nothing_that_was_recorded(
    tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After a crash at any step and the same operations again, the register is complete."""
    first, second = tmp_path / "first.txt", tmp_path / "second.txt"
    first.write_text("\n".join(f"http://a.example/{n}" for n in range(40)))
    second.write_text("\n".join(f"http://b.example/{n}" for n in range(40)))
    root = tmp_path / "register"
    monkeypatch.setattr(folder, "ROWS_PER_PARTITION", 50)
    with open_register(root, create=True) as register:
        register.add(first, utc(START))
        register.merge()
    owner, attribute, call = STEPS[name]
    real, calls = getattr(owner, attribute), Counter[str]()

    def crashing(*values: object) -> object:
        calls[name] += 1
        if calls[name] == call:
            raise Crash
        return real(*values)

    with monkeypatch.context() as patch:
        patch.setattr(owner, attribute, crashing)
        with suppress(Crash), open_register(root) as register:
            register.add(second, utc(START))
            register.merge()
    assert calls[name] >= call
    with open_register(root) as register:
        kept = links_of(register)
        assert {url for url in kept if "a.example" in url} == set(first.read_text().split())
        register.add(second, utc(START))
        assert set(links_of(register)) == {*first.read_text().split(), *second.read_text().split()}
    left = [path for path in root.rglob("*") if path.name.endswith(".part")]
    assert not left
    assert not list((root / "deltas").iterdir())


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("links.jsonl", '{"url": "http://a.com/1"}\n{"url": "HTTP://A.com/1"}\n{"url": 5}\n{bad\n'),
        ("links.json", '[{"url": "http://a.com/1"}, {"url": null}]'),
        ("links.csv", 'url,found\n"http://a.com/1",2026\nhttp://a.com/1#x,\n'),
        ("links.txt", "\ufeffhttp://a.com/1\r\n\r\nhttp://a.com/1?gclid=2\r\n"),
        ("links.txt", "http://a.com/1\nhttp://a.com/\x00\nhttp://a.com/%00\n\x1b[31mred\n"),
    ],
)  # fmt: skip
def test_formats_of_files(tmp_path: Path, name: str, content: str) -> None:
    """Lists, csv and JSON have the same link once; every other record is counted."""
    path = tmp_path / name
    path.write_text(content)
    with open_register(tmp_path / "register", create=True) as register:
        added = register.add(path, utc(START))
        links = set(links_of(register))
    assert "http://a.com/1" in links
    assert links <= {"http://a.com/1", "http://a.com/%00"}
    staged = added.staged
    assert added.links + sum(one.count for one in staged.refused) == staged.records
    assert all(one.example.isprintable() for one in staged.refused)


def test_parquet_and_large_links(tmp_path: Path) -> None:
    """A Parquet file is read; links of 100 kB and a table in place of a list are refused."""
    with open_engine() as engine:
        engine.copy(
            "SELECT 'http://a.com/' || n AS url FROM range(10) AS r(n) "
            "UNION ALL SELECT 'http://a.com/' || repeat('x', 100000) UNION ALL SELECT NULL",
            tmp_path / "links.parquet",
        )
    with open_register(tmp_path / "register", create=True) as register:
        added = register.add(tmp_path / "links.parquet", utc(START))
        assert register.summary().links == added.links == 10
        reasons = {one.reason: len(one.example) for one in added.staged.refused}
        assert set(reasons) == {"has no link", "is longer than 8,000 characters"}
        assert max(reasons.values()) <= 200


def test_a_folder_that_is_not_a_register_is_left_alone(tmp_path: Path) -> None:
    """Other files in the folder, or a damaged manifest, end with one line."""
    (tmp_path / "other").write_text("")
    with pytest.raises(LeakError, match="is not a register"), open_register(tmp_path):
        pass
    with pytest.raises(LeakError, match="has other files"), open_register(tmp_path, create=True):
        pass
    root = tmp_path / "register"
    with open_register(root, create=True):
        pass
    good = json.loads((root / "manifest.json").read_text())
    for text in ("", "{}[", json.dumps(good | {"format": 2}), json.dumps(good | {"last": -1})):
        (root / "manifest.json").write_text(text)
        with pytest.raises(LeakError, match="is not a manifest"), open_register(root):
            pass
    (root / "manifest.json").write_text(json.dumps(good | {"url_rules": 0}))
    with pytest.raises(LeakError, match="other rules"), open_register(root):
        pass


def test_files_are_for_their_owner_alone(register: LinkRegister) -> None:
    """No file or folder of a register can be read by others."""
    register.merge()
    for path in [register.folder.root, *register.folder.root.rglob("*")]:
        assert path.stat().st_mode & 0o077 == 0, path
