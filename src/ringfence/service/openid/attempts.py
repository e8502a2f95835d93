"""Unfinished logins: a browser was sent to the provider and has not returned yet."""

from __future__ import annotations

import hashlib
import hmac
import secrets
import time
from base64 import urlsafe_b64encode
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

ATTEMPT_SECONDS: Final = 600
"""Seconds in which a person must have come back from the provider."""

_MOST: Final = 20_000
_BYTES: Final = 32


@dataclass(frozen=True)
class LoginAttempt:
    """A login that has begun.

    Attributes:
        browser: text that the browser keeps in a cookie; nobody else can finish the login.
        state: text that the provider gives back with the browser (RFC 6749, section 10.12).
        nonce: text that the provider signs, so that no earlier answer of it can be used.
        verifier: text that proves to the provider who has begun (PKCE, RFC 7636).
        wanted: the page that the person wanted to see.
        began: when, by the clock of :class:`LoginAttempts`.
    """

    browser: str = field(repr=False)
    state: str = field(repr=False)
    nonce: str = field(repr=False)
    verifier: str = field(repr=False)
    wanted: str
    began: float

    @property
    def challenge(self) -> str:
        """The SHA-256 of the verifier, as the provider receives it."""
        digest = hashlib.sha256(self.verifier.encode()).digest()
        return urlsafe_b64encode(digest).rstrip(b"=").decode()


class LoginAttempts:
    """The logins that have begun. A restart forgets them, and then people begin again.

    At most 20,000 are kept. Beyond it, the oldest one is forgotten, so a flood needs no memory.

    Args:
        clock: gives seconds.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._attempts: OrderedDict[str, LoginAttempt] = OrderedDict()

    def begin(self, wanted: str) -> LoginAttempt:
        """Begin a login.

        Args:
            wanted: the path of the page that is shown after it.
        """
        browser, state, nonce, verifier = (secrets.token_urlsafe(_BYTES) for _ in range(4))
        attempt = LoginAttempt(browser, state, nonce, verifier, wanted, self._clock())
        self._attempts[attempt.state] = attempt
        while len(self._attempts) > _MOST:
            self._attempts.popitem(last=False)
        return attempt

    def finish(self, state: str, browser: str) -> LoginAttempt | None:
        """Return the login of a state, once.

        Args:
            state: as the browser has brought it from the provider.
            browser: what the browser has in its cookie.

        Returns:
            None if there is no such login, its time is over, or another browser has begun it.
        """
        attempt = self._attempts.get(state)
        if attempt is None or not hmac.compare_digest(
            attempt.browser.encode(), browser.encode("utf-8", "replace")
        ):
            return None
        del self._attempts[state]
        is_late = self._clock() - attempt.began > ATTEMPT_SECONDS
        return None if is_late else attempt
