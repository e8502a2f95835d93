"""Security event tokens: an effect, signed in the form of OpenID Shared Signals.

Sources: OpenID Shared Signals Framework 1.0, RISC Profile 1.0, CAEP 1.0 (https://openid.net/wg/sharedsignals/),
RFC 8417 for the token, and RFC 9493 for the subject. A token contains one event, as the framework
asks. So the suspension of an account has two tokens, and some effects have none.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from joserfc import jwt

from ringfence.enforcement.signing_keys import SigningKeys
from ringfence.enforcement.sink import Effect

ACCOUNT_DISABLED: Final = "https://schemas.openid.net/secevent/risc/event-type/account-disabled"
ACCOUNT_ENABLED: Final = "https://schemas.openid.net/secevent/risc/event-type/account-enabled"
SESSION_REVOKED: Final = "https://schemas.openid.net/secevent/caep/event-type/session-revoked"

EVENT_TYPES: Final = (ACCOUNT_DISABLED, ACCOUNT_ENABLED, SESSION_REVOKED)
"""All events that are ever sent."""

PUSH: Final = "urn:ietf:rfc:8935"
POLL: Final = "urn:ietf:rfc:8936"
"""Names of the two methods of delivery."""


@dataclass(frozen=True)
class Issuer:
    """The transmitter of a stream.

    Attributes:
        url: the issuer, an address with https that receivers know.
        audience: the receiver.
        keys: the keys that sign.
    """

    url: str
    audience: str
    keys: SigningKeys

    def tokens(self, effect: Effect) -> tuple[tuple[str, str], ...]:
        """Return the identity and the text of each token of an effect, in the order of delivery.

        A token has the same identity and the same claims at every attempt.
        """
        return tuple(
            (identity, self._signed(self._claims(effect, identity, event)))
            for identity, event in token_events(effect)
        )

    def _claims(self, effect: Effect, identity: str, event: str) -> dict[str, Any]:
        made = effect.made // 1_000_000
        # Neither profile has a reason that says more than is necessary.
        content = {"event_timestamp": made} if event == SESSION_REVOKED else {}
        return {
            "iss": self.url,
            "jti": identity,
            "iat": made,
            "aud": self.audience,
            "txn": effect.key,
            "sub_id": {"format": "iss_sub", "iss": self.url, "sub": effect.account},
            "events": {event: content},
        }

    def _signed(self, claims: dict[str, Any]) -> str:
        key = self.keys.keys[0]
        header = {"alg": self.keys.algorithm, "typ": "secevent+jwt", "kid": key.kid}
        return jwt.encode(header, claims, key, algorithms=[self.keys.algorithm])


def token_events(effect: Effect) -> tuple[tuple[str, str], ...]:
    """Return the identity and the event of each token of an effect.

    An account is told to be enabled only if an effect has suspended it before: its receiver may
    have disabled it for reasons of its own. A challenge ends all sessions, so that a thief who has
    one must log in again. To throttle has no event.
    """
    account, session = f"{effect.key}-account", f"{effect.key}-session"
    if effect.name == "suspend":
        return ((account, ACCOUNT_DISABLED), (session, SESSION_REVOKED))
    enabled = ((account, ACCOUNT_ENABLED),) if effect.suspended else ()
    revoked = ((session, SESSION_REVOKED),) if effect.name == "challenge" else ()
    return enabled + revoked


def transmitter_configuration(issuer: str, keys_url: str) -> dict[str, Any]:
    """Return the document of ``/.well-known/ssf-configuration``.

    Args:
        issuer: the issuer.
        keys_url: the address of its public keys.
    """
    return {
        "spec_version": "1_0",
        "issuer": issuer,
        "jwks_uri": keys_url,
        "delivery_methods_supported": [PUSH, POLL],
        "default_subjects": "ALL",
    }


def stream_configuration(issuer: Issuer, stream: str, method: str, url: str) -> dict[str, Any]:
    """Return the configuration of a stream, as its receiver reads it.

    Args:
        issuer: the transmitter and the receiver.
        stream: the identity of the stream: the name of its sink.
        method: :data:`PUSH` or :data:`POLL`.
        url: the address that tokens are pushed to or polled from.
    """
    return {
        "stream_id": stream,
        "iss": issuer.url,
        "aud": issuer.audience,
        "delivery": {"method": method, "endpoint_url": url},
        "events_supported": list(EVENT_TYPES),
        "events_requested": list(EVENT_TYPES),
        "events_delivered": list(EVENT_TYPES),
    }
