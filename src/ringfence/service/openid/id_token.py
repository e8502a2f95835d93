"""Check an ID token: its signature, issuer, audience, times and nonce.

Source: OpenID Connect Core 1.0, section 3.1.3.7. joserfc checks the signature and the claims.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, cast

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet, KeySetSerialization
from joserfc.jws import JWSRegistry

from ringfence.service.reviewers import RefusedLoginError

_ALGORITHMS: Final = (
    "RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA",
    "Ed25519",
)  # fmt: skip
"""Signatures with a private key. One with a secret that both sides know would let anybody sign who
knows the secret of the client, and ``none`` would let everybody."""

_LEEWAY: Final = 60
"""Seconds by which the clocks of the provider and of the service may differ."""


def check_id_token(
    text: str, keys: Mapping[str, Any], issuer: str, client: str, nonce: str
) -> dict[str, Any]:
    """Return the claims of an ID token.

    Args:
        text: the token.
        keys: the provider's JSON Web Key Set.
        issuer: the provider.
        client: the client for which the token must be issued.
        nonce: of the login.

    Raises:
        RefusedLoginError: the token is not one of this provider, client and login, or too old.
    """
    try:
        known = KeySet.import_key_set(cast("KeySetSerialization", keys))
        registry = JWSRegistry(algorithms=_ALGORITHMS, strict_check_header=False)
        claims = jwt.decode(text, known, registry=registry).claims
        jwt.JWTClaimsRegistry(
            leeway=_LEEWAY,
            iss={"essential": True, "value": issuer},
            sub={"essential": True},
            aud={"essential": True, "value": client},
            exp={"essential": True},
            iat={"essential": True},
            nonce={"essential": True, "value": nonce},
        ).validate(claims)
    except (JoseError, ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        # The keys come from outside as well, and the library takes them to be well formed.
        raise RefusedLoginError(
            "failed", f"the ID token of the provider is not valid: {type(error).__name__}"
        ) from error
    _check_party(claims, client)
    return claims


def _check_party(claims: Mapping[str, Any], client: str) -> None:
    """Refuse a token that was made for several clients, unless it was made at our request."""
    several = isinstance(claims["aud"], list) and len(claims["aud"]) > 1
    if claims.get("azp", None if several else client) != client:
        raise RefusedLoginError("failed", "the ID token of the provider is for another client")
    if len(claims["sub"]) > 255:
        raise RefusedLoginError("failed", "the ID token of the provider has a subject too long")
