"""A real music server: its log is scanned, and its scraping user suspended and reinstated."""

from __future__ import annotations

import json
import random
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from tests.cases.findings import BO, moment
from tests.enforcement.acts import order
from tests.enforcement.effects import effect
from tests.enforcement.receivers import PushReceiver, running_receiver

from ringfence.cases import Act, answer_appeal, open_store, receive_appeal
from ringfence.cases.listing import find_case
from ringfence.enforcement import SinkError, deliver
from ringfence.enforcement.sinks.subsonic import SubsonicSink

START = datetime(2026, 3, 2, tzinfo=UTC)
PROGRAM = "import sys; open(sys.argv[1], 'a').write(sys.stdin.read() + '\\n')"


class Music:
    """A running supysonic."""

    def __init__(self, folder: Path, port: int) -> None:
        self.folder = folder
        self.url = f"http://localhost:{port}/rest"
        self.letters = folder / "letters"
        self.reset = (sys.executable, "-c", PROGRAM, str(self.letters))

    def call(self, method: str, user: str, password: str = "", **query: Any) -> bytes:  # noqa: ANN401 - any value
        """Return the answer to a request of a user, with the user's first password or another."""
        time = query.pop("time", START)
        words = {"u": user, "p": password or f"{user}-secret", "c": "test", "v": "1.12.0"}
        address = f"{self.url}/{method}.view?{urlencode({**words, 'f': 'json', **query})}"
        request = urllib.request.Request(address, headers={"X-Time": time.isoformat()})  # noqa: S310 - the test's own server
        with urllib.request.urlopen(request, timeout=20) as answer:  # noqa: S310 - same
            content: bytes = answer.read()
        return content

    def songs(self) -> list[str]:
        """Return the identities of all songs."""
        answer = json.loads(self.call("search3", "root", query="song", songCount=1_000))
        return [song["id"] for song in answer["subsonic-response"]["searchResult3"]["song"]]

    def can_stream(self, user: str, password: str = "") -> bool:
        """Return whether a user gets a song, and not an error of the API."""
        return self.call("stream", user, password, id=self.songs()[0]).startswith(b"RIFF")

    def sink(self, **changes: Any) -> SubsonicSink:  # noqa: ANN401 - any field
        """Return the sink of this server."""
        fields: dict[str, Any] = {
            "name": "music", "url": self.url, "user": "root", "password": "root-secret",
            "folder": self.folder / "marks", "reset": self.reset, "allow_private": True,
        }  # fmt: skip
        return SubsonicSink(**{**fields, **changes})

    def new_passwords(self) -> list[dict[str, str]]:
        """Return what the program was given."""
        if not self.letters.exists():
            return []
        return [json.loads(line) for line in self.letters.read_text().splitlines()]


@pytest.fixture(scope="module")
def music(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Music]:
    """Start a server with an administrator, 25 users and one who scrapes."""
    pytest.importorskip("supysonic", reason="install: pip install supysonic")
    folder = tmp_path_factory.mktemp("music")
    users = ["root", "scraper", *(f"user{number:02}" for number in range(25))]
    program = Path(__file__).with_name("music_server.py")
    with (folder / "errors").open("wb") as errors:
        server = subprocess.Popen(
            [sys.executable, str(program), str(folder), *users],
            stdout=subprocess.PIPE, stderr=errors,
        )  # fmt: skip
    assert server.stdout is not None
    line = server.stdout.readline()
    assert line, (folder / "errors").read_text()
    yield Music(folder, int(line))
    server.terminate()
    server.wait(10)
    server.stdout.close()


@pytest.fixture
def receiver() -> Iterator[PushReceiver]:
    """Return a server that gives prepared answers."""
    with running_receiver() as one:
        yield one


def listen(music: Music) -> None:
    """Let 25 users listen to popular songs for some days, and one take everything in a night."""
    songs, chance = music.songs(), random.Random(3)  # noqa: S311 - chooses songs
    plays = []
    for number in range(25):
        for day in range(4):
            for _ in range(chance.randint(2, 4)):
                time = START + timedelta(days=day, minutes=chance.randint(420, 1_380))
                song = songs[min(len(songs), int(chance.paretovariate(0.7))) - 1]
                plays.append((time, f"user{number:02}", song))
    night = START + timedelta(days=3, hours=3)
    plays += [(night + timedelta(seconds=at), "scraper", song) for at, song in enumerate(songs)]
    for time, user, song in sorted(plays):
        assert music.call("stream", user, time=time, id=song).startswith(b"RIFF")


@pytest.mark.slow
def test_a_scraper_is_suspended_and_reinstated(music: Music, tmp_path: Path) -> None:
    """From the server's log to a user who cannot stream any more, and can again on appeal."""
    listen(music)
    cases = tmp_path / "cases.sqlite"
    scan = [sys.executable, "-m", "ringfence", "scan", music.folder / "access.log"]
    subprocess.run(
        [*scan, "--cases", cases, "--out", tmp_path / "out"], check=True, capture_output=True
    )
    with open_store(cases) as store:
        with store.reading() as connection:
            case = find_case(connection, "scraper")
        assert music.can_stream("scraper")
        order(store, case, "suspend", at=10)
        (report,) = deliver(store, [music.sink()])
        assert (report.delivered, report.error) == (1, "")
        assert not music.can_stream("scraper")
        assert music.can_stream("user00")
        with store.writing() as connection:
            receive_appeal(connection, case, "It was a backup", moment(20), Act(BO, moment(11)))
            answer_appeal(connection, case, "overturned", "You are right", Act(BO, moment(12)))
        (report,) = deliver(store, [music.sink()])
        assert (report.delivered, report.error) == (1, "")
    (letter,) = music.new_passwords()
    assert letter["account"] == "scraper"
    assert music.can_stream("scraper", letter["password"])
    assert not music.can_stream("scraper")
    kept = [
        file.read_bytes()
        for file in (tmp_path, music.folder / "marks")
        for file in file.rglob("*")
        if file.is_file()
    ]
    assert not any(letter["password"].encode() in content for content in kept)
    assert b"enc:" not in (music.folder / "access.log").read_bytes(), "no password in an address"


def test_only_a_suspended_account_gets_a_new_password(music: Music) -> None:
    """The end of a throttle leaves the password alone, and a weaker effect ends a suspension."""
    sink, before = music.sink(), len(music.new_passwords())
    with pytest.raises(SinkError, match="cannot throttle") as caught:
        sink.apply(effect(account="user01", name="throttle"))
    assert not caught.value.retry
    sink.apply(effect(account="user01", name="lift"))
    assert music.can_stream("user01")
    sink.apply(effect(account="user01"))
    assert not music.can_stream("user01")
    with pytest.raises(SinkError, match="cannot challenge"):
        sink.apply(effect(account="user01", name="challenge"))
    sink.apply(effect(account="user01", name="lift"))
    (letter,) = music.new_passwords()[before:]
    assert music.can_stream("user01", letter["password"])


def test_a_failed_reset_is_tried_again(music: Music) -> None:
    """If the program fails, a later attempt hands over a password that works."""
    music.sink().apply(effect(account="user02"))
    before = len(music.new_passwords())
    with pytest.raises(SinkError, match="ended with status 3") as caught:
        music.sink(reset=("/bin/sh", "-c", "exit 3")).apply(effect(account="user02", name="lift"))
    assert caught.value.retry
    music.sink().apply(effect(account="user02", name="lift"))
    (letter,) = music.new_passwords()[before:]
    assert music.can_stream("user02", letter["password"])


@pytest.mark.parametrize(
    ("changes", "account", "said", "retry"),
    [
        ({}, "nobody ü", "does not know the account", False),
        ({}, "ROOT", "lock out its own administrator", False),
        ({"password": "hunter2"}, "user03", "gives error 40", True),
        ({"user": "user04", "password": "user04-secret"}, "user03", "gives error 50", True),
        ({"allow_private": False}, "user03", "needs https", True),
    ],
)
def test_errors_say_what_is_wrong(
    music: Music, changes: dict[str, Any], account: str, said: str, retry: bool
) -> None:
    """An error names neither a password nor the account, and the user can still stream."""
    sink = music.sink(**changes)
    with pytest.raises(SinkError, match=said) as caught:
        sink.apply(effect(account=account))
    assert caught.value.retry is retry
    assert account not in str(caught.value)
    assert "secret" not in str(caught.value) + repr(sink)
    assert "hunter2" not in str(caught.value) + repr(sink)
    assert music.can_stream("user03")
    assert music.can_stream("root")


@pytest.mark.parametrize("body", [b"", b"[]", b"<html>hunter2", b'{"subsonic-response": 1}'])
def test_another_answer_is_an_error(receiver: PushReceiver, tmp_path: Path, body: bytes) -> None:
    """A page instead of the API's answer does not count as success."""
    receiver.answers = [(200, body)]
    sink = SubsonicSink("music", receiver.url, "root", "x", tmp_path, ("true",), True)
    with pytest.raises(SinkError, match="no answer of the Subsonic API"):
        sink.apply(effect())


def test_a_lost_answer_can_be_undone(receiver: PushReceiver, tmp_path: Path) -> None:
    """A suspension without an answer may have worked, so its lift resets the password."""
    receiver.answers = [(500, b""), (200, b'{"subsonic-response":{"status":"ok"}}')]
    sink = SubsonicSink("music", receiver.url, "root", "x", tmp_path / "a", ("true",), True)
    with pytest.raises(SinkError):
        sink.apply(effect())
    sink.apply(effect(name="lift"))
    assert len(receiver.got) == 2
    sink.apply(effect(name="lift"))
    assert len(receiver.got) == 2


@pytest.mark.slow
def test_a_repeated_reset_hands_over_the_same_password(
    receiver: PushReceiver, tmp_path: Path
) -> None:
    """A program that ignores a key that it knows has the password that works."""
    receiver.answers = [(200, b'{"subsonic-response": {"status": "ok"}}')] * 6
    letters = tmp_path / "letters"
    program = (sys.executable, "-c", f"{PROGRAM}; sys.exit(1)", str(letters))
    folder = tmp_path / "marks"
    url = receiver.url
    sink = SubsonicSink("music", url, "root", "secret", folder, program, allow_private=True)
    sink.apply(effect())
    for key in ("first", "first", "second"):
        with pytest.raises(SinkError, match="program ended"):
            sink.apply(effect(name="lift", key=key))
    told = [json.loads(line) for line in letters.read_text().splitlines()]
    assert [one["key"] for one in told] == ["first", "first", "second"]
    assert told[0]["password"] == told[1]["password"] != told[2]["password"]
    (mark,) = folder.iterdir()
    assert mark.stat().st_mode & 0o077 == 0
    sink.apply(effect())
    assert mark.read_bytes() == b"", "a new suspension forgets the password"
