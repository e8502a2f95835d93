"""The objects that all pages share: the folder, the settings, the sessions and the case store."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Final, TypeVar

from ringfence.cases import CaseStore, open_store
from ringfence.service.files import ServiceFolder
from ringfence.service.openid import OpenIdLogin
from ringfence.service.questions import QuestionDesk
from ringfence.service.reviewers import LoginThrottle, SessionStore
from ringfence.settings import Settings

_Result = TypeVar("_Result")
_THREADS: Final = 4
"""Pages that are made at once. They have threads of their own, because a page that waits for the
case store must not keep events from being stored."""


@dataclass
class Office:
    """The objects that all pages share.

    Attributes:
        folder: of the service.
        settings: all settings.
        sessions: who is logged in.
        throttle: slows down who guesses passwords.
        openid: the logins with OpenID Connect; None if the settings name no provider.
        questions: takes questions that need the ledger or the logs.

    Raises:
        SettingsError: the secret for the provider cannot be read.
    """

    folder: ServiceFolder
    settings: Settings
    sessions: SessionStore = field(init=False)
    throttle: LoginThrottle = field(init=False, default_factory=LoginThrottle)
    openid: OpenIdLogin | None = field(init=False)
    questions: QuestionDesk = field(init=False)
    _threads: ThreadPoolExecutor = field(init=False)
    _store: CaseStore | None = field(init=False, default=None)
    _lock: threading.Lock = field(init=False, default_factory=threading.Lock)

    def __post_init__(self) -> None:
        """Prepare the sessions. No file is opened yet."""
        self.sessions = SessionStore(self.folder)
        service = self.settings.service
        self.openid = OpenIdLogin(service) if service.openid.issuer else None
        self.questions = QuestionDesk(self.folder, self.settings)
        self._threads = ThreadPoolExecutor(_THREADS, "dashboard")

    async def run(self, do: Callable[..., _Result], *arguments: object) -> _Result:
        """Call a function in one of the threads of the pages, and return its result."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._threads, do, *arguments)

    @property
    def store(self) -> CaseStore:
        """The case store. It is opened when the first page needs it.

        Raises:
            CasesError: it cannot be opened.
        """
        with self._lock:
            if self._store is None:
                self._store = open_store(self.settings.cases.url or self.folder.cases)
            return self._store

    @property
    def is_secure(self) -> bool:
        """Whether browsers reach the pages by TLS."""
        return self.settings.service.public_url.startswith("https://")

    def close(self) -> None:
        """End the threads, and close the case store."""
        self.questions.close()
        self._threads.shutdown(cancel_futures=True)
        self.sessions.close()
        with self._lock:
            if self._store is not None:
                self._store.close()
                self._store = None
