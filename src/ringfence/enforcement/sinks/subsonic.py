"""A music server with the Subsonic API (http://www.subsonic.org/pages/api.jsp).

The API cannot disable a user. So a suspension changes the password to a random one that is kept
nowhere, and a reinstatement sets a new password and hands it to a program, which brings it to the
account holder.

An effect does not say whether the account was suspended before, and an account that was not keeps
its password. So a folder has a mark for every account that this sink has suspended.

The mark contains the new password until the program has got it. So each attempt has the same
password, and a program may ignore a key that it knows.
"""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlencode

from ringfence.enforcement.file_errors import file_errors
from ringfence.enforcement.posting import Target, post
from ringfence.enforcement.running import run_command
from ringfence.enforcement.sink import Effect, SinkError
from ringfence.private_files import make_folder, new_file

_SECONDS: Final = 12
"""Time-out of a request, and of the program. An effect has both, within half a minute."""

_VERSION: Final = "1.12.0"
"""The version of the API that is asked for."""

_UNKNOWN_USER: Final = 70
"""The error code of something that does not exist."""


@dataclass(frozen=True)
class SubsonicSink:
    """A music server.

    Attributes:
        name: name of the sink in the settings.
        url: the address that ends in ``/rest``.
        user: an administrator of the server.
        password: the administrator's password.
        folder: has a mark for each account that is suspended.
        reset: the program that gets an account and its new password as JSON.
        allow_private: whether the address may be in a private network, and without https.
    """

    name: str
    url: str = field(repr=False)
    user: str
    password: str = field(repr=False)
    folder: Path
    reset: tuple[str, ...]
    allow_private: bool

    def apply(self, effect: Effect) -> None:
        """Suspend an account, or reset the password of one that is suspended.

        Raises:
            SinkError: the server refuses or cannot be reached, the program fails, or the effect is
                one that the API does not have.
        """
        if effect.account.casefold() == self.user.casefold():
            raise self._error("it would lock out its own administrator", retry=False)
        if effect.name == "suspend":
            self._suspend(effect.account)
            return
        if self._mark(effect.account).exists():
            self._reinstate(effect)
        if effect.name != "lift":
            raise self._error(f"the API cannot {effect.name} an account", retry=False)

    def _suspend(self, account: str) -> None:
        mark = self._mark(account)
        marked = mark.exists()
        with file_errors(self.name):
            make_folder(self.folder)
            # Before the change: if the answer is lost, the account can still be reinstated.
            with new_file(mark):
                pass
        try:
            self._change_password(account, secrets.token_urlsafe(32))
        except SinkError as error:
            if not (error.retry or marked):
                mark.unlink(missing_ok=True)
            raise

    def _reinstate(self, effect: Effect) -> None:
        with file_errors(self.name):
            password = self._new_password(effect)
        self._change_password(effect.account, password)
        given = {"account": effect.account, "password": password, "key": effect.key}
        status = run_command(self.reset, json.dumps(given).encode(), _SECONDS, self.name)
        if status:
            raise self._error(f"the program ended with status {status}", retry=True)
        with file_errors(self.name):
            self._mark(effect.account).unlink(missing_ok=True)

    def _new_password(self, effect: Effect) -> str:
        """Return the password of an effect, the same at every attempt."""
        mark = self._mark(effect.account)
        key, _, password = mark.read_text(encoding="ascii").partition(" ")
        if key != effect.key or not password:
            password = secrets.token_urlsafe(16)
            with new_file(mark) as file:
                file.write(f"{effect.key} {password}".encode("ascii"))
        return password

    def _mark(self, account: str) -> Path:
        # A name may have signs that a file must not have.
        return self.folder / sha256(account.encode(errors="surrogatepass")).hexdigest()

    def _change_password(self, account: str, password: str) -> None:
        # In the content, because servers log addresses.
        form = {
            "u": self.user, "p": _encoded(self.password), "v": _VERSION, "c": "ringfence",
            "f": "json", "username": account, "password": _encoded(password),
        }  # fmt: skip
        target = Target(
            self.name, self.url.rstrip("/") + "/changePassword.view", self.allow_private, _SECONDS
        )
        headers = {"content-type": "application/x-www-form-urlencoded"}
        content = urlencode(form, errors="surrogatepass").encode()
        self._check(_response(post(target, content, headers).body))

    def _check(self, response: dict[str, Any]) -> None:
        if response.get("status") == "ok":
            return
        error = response.get("error")
        code = error.get("code") if isinstance(error, dict) else None
        if code == _UNKNOWN_USER:
            raise self._error("the server does not know the account", retry=False)
        said = f"error {code}" if isinstance(code, int) else "no answer of the Subsonic API"
        raise self._error(f"the server gives {said}", retry=True)

    def _error(self, what: str, *, retry: bool) -> SinkError:
        return SinkError(what, retry=retry, where=self.name)


def _encoded(password: str) -> str:
    """Return a password as the API takes it: no sign of it has a meaning of its own."""
    return "enc:" + password.encode().hex()


def _response(body: bytes) -> dict[str, Any]:
    """Return the answer of the API; empty if it is something else."""
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    inner = found.get("subsonic-response") if isinstance(found, dict) else None
    return inner if isinstance(inner, dict) else {}
