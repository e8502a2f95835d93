"""The check of the token with which a gateway asks."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final, Protocol

_SCOPE: Final = "authorize"
_TRUSTED_SECONDS: Final = 1.0
_MOST: Final = 1_000
_TOLD_SECONDS: Final = 60.0


class GatewayTokenCheck(Protocol):
    """Says whether a token may do something."""

    def __call__(self, token: str, scope: str) -> bool:
        """Return whether a token is known, in force, and has a scope."""
        ...


class RecentTokens:
    """Remembers valid tokens for a second, because a gateway shows one with each request.

    Args:
        check: says whether a token is valid; None if gateways need no token.
        exist: says whether there is a token for gateways now. It may raise a SettingsError.

    Attributes:
        needed: whether gateways need a token. It stays so until the process ends: revoking the last
            token must not let everybody in.
    """

    def __init__(
        self, check: GatewayTokenCheck | None, exist: Callable[[], bool] = lambda: True
    ) -> None:
        self._check = check
        self._exist = exist
        self._right: dict[str, float] = {}
        self.needed = False
        self.look()

    def look(self) -> None:
        """Require a token from now on, if one for gateways exists.

        Raises:
            SettingsError: the file of the tokens cannot be read.
        """
        if not self.needed and self._check is not None:
            self.needed = self._exist()

    def allows(self, token: str | None) -> bool:
        """Return whether a gateway with this token is answered."""
        if self._check is None or not self.needed:
            return True
        if not token:
            return False
        now = time.monotonic()
        if self._right.get(token, 0.0) > now:
            return True
        if not self._check(token, _SCOPE):
            self._right.pop(token, None)
            return False
        if len(self._right) >= _MOST:
            self._right.clear()
        self._right[token] = now + _TRUSTED_SECONDS
        return True


class TokenRefusals:
    """Tells that gateways are refused for their token, until a minute after the last one."""

    def __init__(self) -> None:
        self._seen = self._before = 0
        self._last = -_TOLD_SECONDS

    def problem(self, refused: int, now: float) -> str:
        """Return what is wrong; empty if no gateway was refused within the last minute.

        Args:
            refused: requests that were refused for their token since the start.
            now: seconds of a clock that only goes forward.
        """
        ended = now - self._last >= _TOLD_SECONDS
        if refused > self._seen:
            if ended:
                self._before = self._seen
            self._seen, self._last = refused, now
        elif ended:
            return ""
        return (
            f"{refused - self._before:,} requests of gateways were refused, because "
            "X-Ringfence-Token is missing or is not a token with the scope authorize"
        )
