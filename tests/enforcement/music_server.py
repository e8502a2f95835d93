"""Run supysonic with an access log: ``music_server.py FOLDER USER ...`` prints its port.

The folder gets its database, its log, and some hundred short songs. The password of a user is the
name with ``-secret`` behind it. The header ``X-Time`` sets the time in the log, so that a test can
make requests of several days.
"""

from __future__ import annotations

import sys
import wave
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, make_server

from supysonic.config import DefaultConfig
from supysonic.db import init_database
from supysonic.managers.folder import FolderManager
from supysonic.managers.user import UserManager
from supysonic.scanner import Scanner
from supysonic.web import create_application

SONGS = 600


def make_songs(folder: Path) -> None:
    """Write songs of a tenth of a second."""
    folder.mkdir()
    for number in range(SONGS):
        with wave.open(str(folder / f"song-{number:03}.wav"), "wb") as song:
            song.setnchannels(1)
            song.setsampwidth(1)
            song.setframerate(8000)
            song.writeframes(bytes(800))


def prepare(folder: Path, users: list[str]) -> DefaultConfig:
    """Make the database, with the songs and the users. The first user administers it."""
    config = DefaultConfig()
    config.BASE = {**config.BASE, "database_uri": f"sqlite:///{folder / 'music.db'}"}
    config.WEBAPP = {**config.WEBAPP, "cache_dir": str(folder / "cache"), "mount_webui": False}
    config.DAEMON = {**config.DAEMON, "socket": str(folder / "no-daemon")}
    init_database(config.BASE["database_uri"])
    make_songs(folder / "songs")
    FolderManager.add("music", str(folder / "songs"))
    scanner = Scanner()
    scanner.queue_folder("music")
    scanner.run()
    for user in users:
        UserManager.add(user, f"{user}-secret", admin=user == users[0])
    return config


class AccessLog:
    """Writes one line in the combined format for each request of an application."""

    def __init__(self, app: Callable[..., Iterable[bytes]], file: Path) -> None:
        self.app = app
        self.file = file

    def __call__(self, environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        """Answer a request."""
        status = [""]

        def note(line: str, *rest: Any) -> Any:  # noqa: ANN401 - as the server has it
            status[0] = line.partition(" ")[0]
            return start(line, *rest)

        answer = b"".join(self.app(environ, note))
        self.write(environ, status[0], len(answer))
        return [answer]

    def write(self, environ: dict[str, Any], status: str, size: int) -> None:
        """Write the line."""
        given = environ.get("HTTP_X_TIME")
        time = datetime.fromisoformat(given) if given else datetime.now(UTC)
        target = environ["PATH_INFO"] + "?" + environ["QUERY_STRING"]
        with self.file.open("a") as log:
            log.write(
                f"{environ['REMOTE_ADDR']} - - [{time:%d/%b/%Y:%H:%M:%S +0000}] "
                f'"{environ["REQUEST_METHOD"]} {target} HTTP/1.1" {status} {size} "-" "player/1"\n'
            )


class Quiet(WSGIRequestHandler):
    """Writes nothing."""

    def log_message(self, *_: object) -> None:
        """Write nothing."""


def main() -> None:
    """Prepare, serve, and print the port."""
    folder = Path(sys.argv[1])
    app = create_application(prepare(folder, sys.argv[2:]))
    logged = AccessLog(app, folder / "access.log")
    with make_server("127.0.0.1", 0, logged, handler_class=Quiet) as server:
        print(server.server_port, flush=True)  # noqa: T201 - for the test
        server.serve_forever()


if __name__ == "__main__":
    main()
