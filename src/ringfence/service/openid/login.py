"""A login with OpenID Connect: the authorization code flow with PKCE."""

from __future__ import annotations

import hmac
import os
from collections.abc import Mapping
from typing import Final

from ringfence.errors import SettingsError
from ringfence.openid_settings import OpenIdSettings
from ringfence.service.openid.attempts import LoginAttempt, LoginAttempts
from ringfence.service.openid.id_token import check_id_token
from ringfence.service.openid.identity import OpenIdIdentity, identity_of, lacks_claims
from ringfence.service.openid.provider import OpenIdProvider
from ringfence.service.reviewers import RefusedLoginError
from ringfence.service_settings import ServiceSettings
from ringfence.small_files import read_small_file

OPENID_PATH: Final = "/login/openid"
"""Where a login with OpenID Connect begins."""

RETURN_PATH: Final = f"{OPENID_PATH}/return"
"""Where the provider sends people back to."""

LEAVE_PATH: Final = f"{OPENID_PATH}/leave"
"""Leads to the page of the provider on which a person logs out there. Ending the session cannot
lead there, because the content security policy forbids a form to lead to another site."""

_LONGEST: Final = 8_192
_LARGEST_SECRET: Final = 65_536


class OpenIdLogin:
    """The logins at one provider.

    Args:
        service: ``[service]``, with an issuer in ``[service.openid]``.
        environment: the variables that may have the secret.

    Raises:
        SettingsError: the secret cannot be read.
    """

    def __init__(
        self, service: ServiceSettings, environment: Mapping[str, str] = os.environ
    ) -> None:
        self._settings = service.openid
        secret = _secret(self._settings, environment)
        self._provider = OpenIdProvider(self._settings, secret, service.public_url + RETURN_PATH)
        self._attempts = LoginAttempts()

    async def begin(self, wanted: str) -> tuple[LoginAttempt, str]:
        """Begin a login, and return it with the address to which the browser is sent.

        Args:
            wanted: the path of the page that is shown after it.

        Raises:
            RefusedLoginError: the provider cannot be asked.
        """
        attempt = self._attempts.begin(wanted)
        return attempt, await self._provider.authorization_url(attempt)

    async def logout_url(self) -> str:
        """Return the address at which a person logs out of the provider; empty if it has none.

        Raises:
            RefusedLoginError: the provider cannot be asked.
        """
        return await self._provider.logout_url()

    def returned(self, state: str, browser: str) -> LoginAttempt:
        """Return the login with which a browser comes back. It cannot come back twice.

        Raises:
            RefusedLoginError: this browser has begun no such login, or too long ago.
        """
        attempt = self._attempts.finish(state, browser)
        if attempt is None:
            raise RefusedLoginError("expired", "nobody began this login, or its time is over")
        return attempt

    async def finish(self, attempt: LoginAttempt, answer: Mapping[str, str]) -> OpenIdIdentity:
        """Return who has logged in.

        Args:
            attempt: the login, from :meth:`returned`.
            answer: the parameters that the browser has brought from the provider.

        Raises:
            RefusedLoginError: the person has not logged in there, or the provider's answers are
                not valid.
        """
        about = await self._provider.description()
        sender = answer.get("iss")
        # RFC 9207: an answer of another provider must not be taken for one of this one.
        must_tell = about.get("authorization_response_iss_parameter_supported") is True
        if (sender is None and must_tell) or (
            sender is not None and not _is_same(sender, self._settings.issuer)
        ):
            raise RefusedLoginError("failed", "the answer is not from the provider")
        if "error" in answer:
            raise RefusedLoginError("refused", f"the provider says {answer['error'][:60]!r}")
        code = answer.get("code", "")
        if not 0 < len(code) <= _LONGEST:
            raise RefusedLoginError("failed", "the answer of the provider has no code")
        return await self._identify(code, attempt)

    async def _identify(self, code: str, attempt: LoginAttempt) -> OpenIdIdentity:
        tokens = await self._provider.tokens(code, attempt)
        claims = check_id_token(
            tokens.id_token,
            await self._provider.keys(),
            self._settings.issuer,
            self._settings.client_id,
            attempt.nonce,
        )
        if lacks_claims(self._settings, claims):
            more = await self._provider.more_claims(tokens.access_token)
            if more and more.get("sub") != claims["sub"]:
                raise RefusedLoginError("failed", "the provider's claims are about another person")
            claims = {**more, **claims}
        return identity_of(self._settings, claims)


def _is_same(one: str, other: str) -> bool:
    return hmac.compare_digest(one.encode(), other.encode())


def _secret(settings: OpenIdSettings, environment: Mapping[str, str]) -> str:
    """Return the secret of the client; empty if it has none."""
    if settings.client_secret_file:
        path, hint = settings.client_secret_file, "put the secret of the client into it"
        try:
            found = read_small_file(path, _LARGEST_SECRET, hint).decode().strip()
        except UnicodeDecodeError:
            found = ""
        if not found:
            raise SettingsError("has no secret", where=path, hint=hint)
        return found
    variable = settings.client_secret_env
    found = environment.get(variable, "").strip() if variable else ""
    if variable and not found:
        raise SettingsError(
            f"the environment variable {variable} is not set",
            where="service.openid.client_secret_env",
            hint="set it where ringfence serve runs",
        )
    return found
