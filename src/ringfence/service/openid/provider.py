"""Ask the provider: its description, its keys, its tokens, and its claims about a person.

Sources: OpenID Connect Discovery 1.0; OpenID Connect Core 1.0, sections 3.1.3 and 5.3; OpenID
Connect RP-Initiated Logout 1.0, section 2.
"""

from __future__ import annotations

import asyncio
import json
import ssl
import time
from base64 import b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Final
from urllib.parse import quote_plus, urlsplit

import httpx

from ringfence.openid_settings import OpenIdSettings, is_local
from ringfence.service.openid.attempts import LoginAttempt
from ringfence.service.reviewers import RefusedLoginError

_WELL_KNOWN: Final = "/.well-known/openid-configuration"
_SECONDS: Final = 10
_LARGEST: Final = 1_000_000
_FRESH_SECONDS: Final = 600
"""Seconds for which the description of the provider is used before it is asked for again."""

_NEEDED: Final = ("authorization_endpoint", "token_endpoint", "jwks_uri")
_Json = dict[str, Any]


@dataclass(frozen=True)
class OpenIdTokens:
    """The answer to the code that a person has brought.

    Attributes:
        id_token: signed claims about the person.
        access_token: with which more claims can be asked for; empty if there is none.
    """

    id_token: str
    access_token: str


class OpenIdProvider:
    """A provider.

    Redirections are not followed, and each question has ten seconds.

    Args:
        settings: ``[service.openid]``.
        secret: of the client; empty if it has none.
        return_url: where the provider sends people back to.
        clock: gives seconds.
    """

    def __init__(
        self,
        settings: OpenIdSettings,
        secret: str,
        return_url: str,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._settings = settings
        self._secret = secret
        self._return_url = return_url
        self._clock = clock
        self._known: tuple[float, _Json] | None = None

    async def description(self) -> _Json:
        """Return the provider's description of itself.

        Raises:
            RefusedLoginError: the provider cannot be asked, or it is another one.
        """
        if self._known is not None and self._clock() - self._known[0] < _FRESH_SECONDS:
            return self._known[1]
        found = await self._ask("GET", self._settings.issuer.rstrip("/") + _WELL_KNOWN)
        if found.get("issuer") != self._settings.issuer:
            raise RefusedLoginError("failed", "the provider names another issuer than the settings")
        for name in _NEEDED:
            _check_address(found.get(name), name)
        self._known = (self._clock(), found)
        return found

    async def authorization_url(self, attempt: LoginAttempt) -> str:
        """Return the address to which a browser is sent.

        Raises:
            RefusedLoginError: the provider cannot be asked.
        """
        url = httpx.URL((await self.description())["authorization_endpoint"])
        return str(
            url.copy_merge_params(
                {
                    "response_type": "code",
                    "client_id": self._settings.client_id,
                    "redirect_uri": self._return_url,
                    "scope": " ".join(self._settings.scopes),
                    "state": attempt.state,
                    "nonce": attempt.nonce,
                    "code_challenge": attempt.challenge,
                    "code_challenge_method": "S256",
                }
            )
        )

    async def logout_url(self) -> str:
        """Return the address at which a person logs out of the provider; empty if it has none.

        The provider asks the person before it ends the session, because no ID token is sent along.

        Raises:
            RefusedLoginError: the provider cannot be asked.
        """
        address = (await self.description()).get("end_session_endpoint")
        if not address:
            return ""
        _check_address(address, "end_session_endpoint")
        wanted = {"client_id": self._settings.client_id}
        return str(httpx.URL(address).copy_merge_params(wanted))

    async def tokens(self, code: str, attempt: LoginAttempt) -> OpenIdTokens:
        """Exchange the code that a browser has brought.

        Raises:
            RefusedLoginError: the provider refuses the code, or cannot be asked.
        """
        about = await self.description()
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self._return_url,
            "code_verifier": attempt.verifier,
        }
        headers = self._identify(form, about.get("token_endpoint_auth_methods_supported"))
        found = await self._ask("POST", about["token_endpoint"], form, headers)
        id_token, access = found.get("id_token"), found.get("access_token", "")
        if not (isinstance(id_token, str) and isinstance(access, str)):
            raise RefusedLoginError("failed", "the provider gave no ID token")
        return OpenIdTokens(id_token, access)

    async def keys(self) -> _Json:
        """Return the keys with which the provider signs, as a JSON Web Key Set.

        Raises:
            RefusedLoginError: the provider cannot be asked.
        """
        return await self._ask("GET", (await self.description())["jwks_uri"])

    async def more_claims(self, access_token: str) -> _Json:
        """Return what the provider says beyond the ID token; nothing if it has no such address.

        Raises:
            RefusedLoginError: the provider cannot be asked.
        """
        address = (await self.description()).get("userinfo_endpoint")
        if not address or not access_token:
            return {}
        _check_address(address, "userinfo_endpoint")
        return await self._ask("GET", address, headers={"authorization": f"Bearer {access_token}"})

    def _identify(self, form: dict[str, str], methods: object) -> dict[str, str]:
        """Say which client asks: in the form, or by HTTP Basic, which all providers know."""
        if not self._secret:
            form["client_id"] = self._settings.client_id
            return {}
        if isinstance(methods, list) and "client_secret_basic" not in methods:
            form |= {"client_id": self._settings.client_id, "client_secret": self._secret}
            return {}
        pair = f"{quote_plus(self._settings.client_id)}:{quote_plus(self._secret)}"
        return {"authorization": f"Basic {b64encode(pair.encode()).decode()}"}

    async def _ask(
        self,
        method: str,
        url: str,
        form: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> _Json:
        try:
            async with asyncio.timeout(_SECONDS), httpx.AsyncClient(verify=_trusted()) as client:
                wanted = {"accept": "application/json", **(headers or {})}
                request = client.build_request(method, url, data=form, headers=wanted)
                answer = await client.send(request, stream=True)
                try:
                    return _object(answer.status_code, await _content(answer))
                finally:
                    await answer.aclose()
        except TimeoutError:
            raise RefusedLoginError("failed", "the provider does not answer in time") from None
        except (httpx.HTTPError, httpx.InvalidURL, OSError, UnicodeError) as error:
            raise RefusedLoginError(
                "failed", f"the provider cannot be reached: {type(error).__name__}"
            ) from None


async def _content(answer: httpx.Response) -> bytes:
    read = bytearray()
    async for piece in answer.aiter_bytes():
        read += piece
        if len(read) > _LARGEST:
            raise RefusedLoginError("failed", "an answer of the provider is too large")
    return bytes(read)


def _object(status: int, content: bytes) -> _Json:
    try:
        found = json.loads(content)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise RefusedLoginError("failed", f"the provider answered with status {status}, not JSON")
    if status != 200:
        code = str(found.get("error", ""))[:60]
        raise RefusedLoginError("failed", f"the provider answered with status {status} {code!r}")
    return found


def _check_address(url: object, name: str) -> None:
    try:
        parts = urlsplit(url) if isinstance(url, str) else urlsplit("")
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        host, parts = "", urlsplit("")
    if not host or not (parts.scheme == "https" or (parts.scheme == "http" and is_local(host))):
        raise RefusedLoginError("failed", f"the provider's {name} is not an address with https")


@cache
def _trusted() -> ssl.SSLContext:
    """Return the certificates that are trusted. To load them takes as long as many requests."""
    return httpx.create_ssl_context()
