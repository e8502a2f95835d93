"""OpenID Connect: people log in at a provider, which identifies them to the service."""

from ringfence.service.openid.attempts import LoginAttempt, LoginAttempts
from ringfence.service.openid.identity import OpenIdIdentity
from ringfence.service.openid.login import LEAVE_PATH, OPENID_PATH, RETURN_PATH, OpenIdLogin

__all__ = [
    "LEAVE_PATH",
    "OPENID_PATH",
    "RETURN_PATH",
    "LoginAttempt",
    "LoginAttempts",
    "OpenIdIdentity",
    "OpenIdLogin",
]
