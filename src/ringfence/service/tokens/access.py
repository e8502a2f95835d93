"""Find the token that a client has shown."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from contextlib import suppress

from ringfence.errors import SettingsError
from ringfence.service.files import ServiceFolder
from ringfence.service.tokens.token import Token, split_token
from ringfence.service.tokens.token_file import read_tokens

_SCHEME = "bearer "


class TokenCheck:
    """The tokens as they are now: the file is read again when it has changed.

    Args:
        folder: the folder of the service.
        uses: when tokens were shown last before, in seconds since 1970, by their ids, as a
            status file says it; anything else counts as none.
        clock: gives seconds since 1970.

    Attributes:
        uses: the same until now. Only tokens that are valid are in it.
    """

    def __init__(
        self,
        folder: ServiceFolder,
        uses: object = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.uses: dict[str, float] = dict(uses) if isinstance(uses, Mapping) else {}
        self._folder = folder
        self._clock = clock
        self._seen: tuple[int, ...] = ()
        self._tokens: dict[str, Token] = {}

    def find(self, authorization: str) -> Token | None:
        """Return the token in a header ``Authorization: Bearer TOKEN``; None if it is not valid."""
        if authorization[: len(_SCHEME)].lower() != _SCHEME:
            return None
        parts = split_token(authorization[len(_SCHEME) :].strip())
        if parts is None:
            return None
        token = self._current().get(parts[0])
        if token is None or not token.has_secret(parts[1]):
            return None
        self.uses[token.id] = self._clock()
        return token

    def last_uses(self) -> dict[str, float]:
        """Return when each token that exists was shown last, in seconds since 1970, by its id."""
        known = self._current()
        return {name: moment for name, moment in tuple(self.uses.items()) if name in known}

    def _current(self) -> dict[str, Token]:
        try:
            found = self._folder.tokens.stat()
        except OSError:
            # Without the file, no token is valid.
            self._seen, self._tokens = (), {}
            return self._tokens
        seen = (found.st_mtime_ns, found.st_ino, found.st_size)
        if seen != self._seen:
            self._tokens = {}
            with suppress(SettingsError):
                self._tokens = {one.id: one for one in read_tokens(self._folder)}
            self._seen = seen
        return self._tokens
