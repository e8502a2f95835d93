"""Sessions of reviewers: who is logged in in which browser.

The browser has a random text of 256 bits in a cookie, and the service its SHA-256. So nobody who
reads the file can take over a session.
"""

from __future__ import annotations

import hashlib
import os
import secrets
import threading
import time
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import (
    Column,
    Connection,
    Engine,
    Float,
    Integer,
    MetaData,
    Table,
    Text,
    create_engine,
    delete,
    event,
    insert,
    or_,
    select,
    update,
)
from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError

from ringfence.errors import OutputError
from ringfence.service.files import ServiceFolder
from ringfence.service.reviewers.reviewer import Reviewer
from ringfence.stats.seconds import HOUR

SESSION_SECONDS: Final = 12 * HOUR
"""Seconds after which one must log in again."""

IDLE_SECONDS: Final = 2 * HOUR
"""Seconds without a page after which one must log in again. Pages that renew themselves do not
count."""

_METADATA: Final = MetaData()
_SESSIONS: Final = Table(
    "sessions",
    _METADATA,
    Column("digest", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("stamp", Text, nullable=False),
    Column("csrf", Text, nullable=False),
    Column("began", Float, nullable=False),
    Column("used", Float, nullable=False),
)
_LOOKS: Final = Table(
    "looks",
    _METADATA,
    Column("name", Text, primary_key=True),
    Column("case_id", Integer, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("moment", Integer, nullable=False),
)
_TOUCH_SECONDS: Final = 60
_BYTES: Final = 32


@dataclass(frozen=True)
class Session:
    """A browser in which somebody is logged in.

    Attributes:
        digest: SHA-256 of the cookie.
        name: of the reviewer.
        stamp: of the reviewer at the login; see ``Reviewer.stamp``.
        csrf: the text that each form must contain.
        began: when, seconds since 1970.
        used: when the last page was asked for.
    """

    digest: str
    name: str
    stamp: str
    csrf: str
    began: float
    used: float


class SessionStore:
    """The sessions of all reviewers, and what each has looked at, in one private file.

    Args:
        folder: of the service.
        clock: gives seconds since 1970.
    """

    def __init__(self, folder: ServiceFolder, clock: Callable[[], float] = time.time) -> None:
        self._path = folder.sessions
        self._clock = clock
        self._lock = threading.Lock()
        self._engine: Engine | None = None

    def begin(self, reviewer: Reviewer) -> str:
        """Begin a session, and return the text for the cookie.

        Raises:
            OutputError: the file cannot be written.
        """
        secret, now = secrets.token_urlsafe(_BYTES), self._clock()
        row = {
            "digest": _digest(secret), "name": reviewer.name, "stamp": reviewer.stamp,
            "csrf": secrets.token_urlsafe(_BYTES), "began": now, "used": now,
        }  # fmt: skip
        over = or_(_SESSIONS.c.began < now - SESSION_SECONDS, _SESSIONS.c.used < now - IDLE_SECONDS)
        with self._open() as connection:
            connection.execute(delete(_SESSIONS).where(over))
            connection.execute(insert(_SESSIONS), row)
        return secret

    def find(self, secret: str, *, counts: bool = True) -> Session | None:
        """Return the session of a cookie; None if there is none, or its time is over.

        Args:
            secret: the text in the cookie.
            counts: whether a person asked, and not a page that renews itself.

        Raises:
            OutputError: the file cannot be read.
        """
        if not secret:
            return None
        this, now = _SESSIONS.c.digest == _digest(secret), self._clock()
        with self._open() as connection:
            row = connection.execute(select(_SESSIONS).where(this)).first()
            if row is None:
                return None
            session = Session(*row)
            if not _is_valid(session, now):
                connection.execute(delete(_SESSIONS).where(this))
                return None
            if counts and now - session.used > _TOUCH_SECONDS:
                connection.execute(update(_SESSIONS).where(this).values(used=now))
        return session

    def end(self, session: Session) -> None:
        """End a session.

        Raises:
            OutputError: the file cannot be written.
        """
        with self._open() as connection:
            connection.execute(delete(_SESSIONS).where(_SESSIONS.c.digest == session.digest))

    def end_all(self, name: str) -> None:
        """End all sessions of a person.

        Raises:
            OutputError: the file cannot be written.
        """
        with self._open() as connection:
            connection.execute(delete(_SESSIONS).where(_SESSIONS.c.name == name))

    def look(self, name: str, case: int, version: int, moment: int) -> tuple[int, int] | None:
        """Note that a reviewer sees a version of a case, and return the last look.

        Returns:
            version and moment of the last look; None if this is the first one.

        Raises:
            OutputError: the file cannot be written.
        """
        this = (_LOOKS.c.name == name, _LOOKS.c.case_id == case)
        values = {"name": name, "case_id": case, "version": version, "moment": moment}
        with self._open() as connection:
            query = select(_LOOKS.c.version, _LOOKS.c.moment).where(*this)
            row = connection.execute(query).first()
            connection.execute(delete(_LOOKS).where(*this))
            connection.execute(insert(_LOOKS), values)
        return (int(row[0]), int(row[1])) if row else None

    def looks(self, name: str, cases: Collection[int]) -> dict[int, int]:
        """Return the versions of these cases that a reviewer has seen last.

        Raises:
            OutputError: the file cannot be read.
        """
        query = select(_LOOKS.c.case_id, _LOOKS.c.version).where(
            _LOOKS.c.name == name, _LOOKS.c.case_id.in_(cases)
        )
        with self._open() as connection:
            return {row[0]: row[1] for row in connection.execute(query)}

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            if self._engine is not None:
                self._engine.dispose()
                self._engine = None

    @contextmanager
    def _open(self) -> Iterator[Connection]:
        try:
            with self._prepared().begin() as connection:
                yield connection
        except (OSError, DBAPIError) as error:
            said = error.orig if isinstance(error, DBAPIError) else error
            raise OutputError(
                f"cannot be used: {said}", where=str(self._path), hint="check the disk"
            ) from error

    def _prepared(self) -> Engine:
        """Return the file, created for its owner alone if it is missing."""
        with self._lock:
            if self._engine is None:
                os.close(os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
                address = URL.create("sqlite", database=str(self._path))
                engine = create_engine(address, connect_args={"timeout": 5})
                event.listen(engine, "connect", _configure)
                _METADATA.create_all(engine)
                self._engine = engine
            return self._engine


def _configure(connection: Any, _record: object) -> None:  # noqa: ANN401 - of the driver
    connection.execute("PRAGMA journal_mode = WAL")


def _is_valid(session: Session, now: float) -> bool:
    """Return whether a session is not over. A clock that was set back ends it, or nearly so."""
    age, idle = now - session.began, now - session.used
    return -_TOUCH_SECONDS < age < SESSION_SECONDS and idle < IDLE_SECONDS


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
