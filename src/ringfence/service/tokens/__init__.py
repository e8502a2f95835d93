"""API tokens: who may call which part of the service."""

from ringfence.service.tokens.access import TokenCheck
from ringfence.service.tokens.token import SCOPES, Token, TokenScope, new_token
from ringfence.service.tokens.token_file import add_token, read_tokens, revoke_token

__all__ = [
    "SCOPES",
    "Token",
    "TokenCheck",
    "TokenScope",
    "add_token",
    "new_token",
    "read_tokens",
    "revoke_token",
]
