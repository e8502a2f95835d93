"""nginx of Debian obeys the file: accounts are blocked, and can use the service again."""

from __future__ import annotations

import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from http.client import HTTPConnection
from pathlib import Path

import pytest

from ringfence.cases.effects import STRENGTH
from ringfence.enforcement import SinkError, Standing
from ringfence.enforcement.sinks.nginx import LONGEST_NAME, NginxSink

INSTALL = "install: apt-get install nginx-light"

CONFIG = """
daemon on;
pid {folder}/nginx.pid;
error_log {folder}/error.log;
worker_processes 1;
events {{ worker_connections 64; }}
http {{
  access_log off;
  client_body_temp_path {folder}/body;
  proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi;
  scgi_temp_path {folder}/scgi;
  map_hash_bucket_size 1024;
  map $http_x_account $ringfence {{
    default "";
    include {folder}/ringfence.map;
  }}
  server {{
    listen 127.0.0.1:{port};
    location / {{
      if ($ringfence = suspend) {{ return 403; }}
      if ($ringfence = throttle) {{ return 429; }}
      return 200;
    }}
  }}
}}
"""

HOSTILE = (
    "plain", "with space", 'quo"te',
    "back\\slash", "trailing\\", "'single'", "semi;colon", "br{ace}",
    "$remote_addr", "${x}", "~^.*$", "~*all", "\\~x", "\\", "default", "include", "hostnames",
    "volatile", "*.example.org", ".example.org",
    "# comment", "été", "名前", "ann@example.org", "!x",
    "a" * LONGEST_NAME,
)  # fmt: skip


def standing(*names: str, effect: str = "suspend") -> Iterator[Standing]:
    """Yield accounts in a state."""
    for name in names:
        yield Standing(name, effect, None, "", 1)  # type: ignore[arg-type] # a word of the type


class Server:
    """A running nginx."""

    def __init__(self, folder: Path, port: int) -> None:
        self.folder = folder
        self.port = port
        self.command = (
            "nginx",
            "-p",
            str(folder),
            "-c",
            str(folder / "nginx.conf"),
            "-e",
            str(folder / "error.log"),
        )
        self.sink = NginxSink("gate", folder / "ringfence.map", (*self.command, "-s", "reload"))

    def status(self, account: str) -> int:
        """Return the status that an account gets."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=5)
        connection.putrequest("GET", "/")
        connection.putheader("X-Account", account.encode())
        connection.endheaders()
        status = connection.getresponse().status
        connection.close()
        return status

    def becomes(self, account: str, status: int) -> bool:
        """Return whether an account gets a status soon: a reload replaces the workers shortly."""
        end = time.monotonic() + 5
        while time.monotonic() < end:
            # Workers of before may answer for a moment, so one answer is not enough.
            if all(self.status(account) == status for _ in range(20)):
                return True
            time.sleep(0.02)
        return False


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    """Start nginx with an empty map."""
    if shutil.which("nginx") is None:
        pytest.skip(INSTALL)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    # Its worker is another user if this one is root.
    for folder in (tmp_path, *tmp_path.parents[:2]):
        folder.chmod(0o755)
    (tmp_path / "nginx.conf").write_text(CONFIG.format(folder=tmp_path, port=port))
    (tmp_path / "ringfence.map").touch()
    running = Server(tmp_path, port)
    subprocess.run(running.command, check=True)
    yield running
    subprocess.run((*running.command, "-s", "stop"), check=True)


def test_accounts_are_blocked_and_freed(server: Server) -> None:
    """A suspended account gets 403, a throttled one 429, all others and a freed one 200."""
    server.sink.replace(iter([*standing("ann"), *standing("bob", effect="throttle")]))
    assert server.becomes("ann", 403)
    assert server.becomes("bob", 429)
    assert server.status("cal") == server.status("ann2") == server.status("") == 200
    server.sink.replace(standing())
    assert server.becomes("ann", 200)
    assert server.becomes("bob", 200)


def test_hostile_names_are_only_names(server: Server) -> None:
    """Each name blocks its own account, and nothing else, whatever it means in a configuration."""
    assert server.sink.replace(standing(*HOSTILE)) == {}
    assert server.becomes(HOSTILE[0], 403)
    assert [name for name in HOSTILE if server.status(name) != 403] == []
    for other in ("somebody", "127.0.0.1", "x", "www.example.org", "all", ""):
        assert server.status(other) == 200


def test_impossible_names_are_refused(server: Server) -> None:
    """A name that no request can have, or that would match all of them, is left out."""
    names = ("", "a\nb", "a\0b", "a\x7fb", "a" * (LONGEST_NAME + 1), "\ud800")
    refused = server.sink.replace(standing(*names, "ann"))
    assert set(refused) == set(names)
    assert server.becomes("ann", 403)
    assert server.status("") == 200


def test_names_that_differ_by_case_are_different(server: Server) -> None:
    """A person whose name differs only in case is not blocked, and may have another effect."""
    names = ("bob", "12-x", "\xe9t\xe9", "b.b")
    server.sink.replace(standing(*names))
    assert server.becomes("bob", 403)
    for other in ("Bob", "BOB", "bobb", "abob", "12-X", "\xe9T\xe9", "bxb"):
        assert server.status(other) == 200
    assert [server.status(name) for name in names] == [403] * 4
    server.sink.replace(iter([*standing("Ann", effect="throttle"), *standing("ann")]))
    assert server.becomes("ann", 403)
    assert server.status("Ann") == 429
    assert server.status("ANN") == 200


def test_a_failed_reload_puts_the_earlier_file_back(server: Server) -> None:
    """If nginx refuses to reload, the earlier file is back and the effect is tried again."""
    server.sink.replace(standing("ann"))
    before = server.sink.file.read_bytes()
    config = server.folder / "nginx.conf"
    good = config.read_text()
    config.write_text(good + "nonsense;")
    with pytest.raises(SinkError, match="earlier file is back") as caught:
        server.sink.replace(standing("ann", "bob"))
    assert caught.value.retry
    assert server.sink.file.read_bytes() == before
    config.write_text(good)
    server.sink.replace(standing("ann", "bob"))
    assert server.becomes("bob", 403)


def test_a_missing_folder_is_tried_again(tmp_path: Path) -> None:
    """A file that cannot be written is an error that may pass."""
    sink = NginxSink("gate", tmp_path / "missing" / "map", ("true",))
    with pytest.raises(SinkError, match="gate: its file cannot be written") as caught:
        sink.replace(standing())
    assert caught.value.retry


@pytest.mark.parametrize("effect", STRENGTH)
def test_every_effect_has_its_own_word(tmp_path: Path, effect: str) -> None:
    """The value of an account in the map is the name of the effect."""
    sink = NginxSink("gate", tmp_path / "map", ("true",))
    sink.replace(standing("ann", effect=effect))
    assert (tmp_path / "map").read_text().splitlines()[1:] == [f'"~^ann\\\\z" {effect};']
