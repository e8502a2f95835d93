"""The file with the hashes of all tokens."""

from __future__ import annotations

from typing import Final

from pydantic import TypeAdapter

from ringfence.errors import SettingsError
from ringfence.service.files import ServiceFolder, StoredList
from ringfence.service.tokens.token import Token

_TOKENS: Final = TypeAdapter(tuple[Token, ...])


def read_tokens(folder: ServiceFolder) -> tuple[Token, ...]:
    """Return all tokens; none if no token was ever added.

    Raises:
        SettingsError: the file cannot be read, or is damaged.
    """
    return _stored(folder).read()


def add_token(folder: ServiceFolder, token: Token) -> None:
    """Store a token.

    Raises:
        SettingsError: another one has its name, or the file cannot be written.
    """
    stored = _stored(folder)
    with stored.changing():
        tokens = stored.read()
        if any(one.name == token.name for one in tokens):
            raise SettingsError(
                f"there is a token {token.name}",
                where=str(folder.tokens),
                hint="choose another name, or revoke it first",
            )
        stored.write((*tokens, token))


def revoke_token(folder: ServiceFolder, name: str) -> Token:
    """Remove a token, and return it. A running service refuses it from now on.

    Raises:
        SettingsError: there is no token of this name, or the file cannot be written.
    """
    stored = _stored(folder)
    with stored.changing():
        tokens = stored.read()
        found = next((one for one in tokens if one.name == name), None)
        if found is None:
            raise SettingsError(
                f"there is no token {name}",
                where=str(folder.tokens),
                hint="see ringfence token list",
            )
        stored.write([one for one in tokens if one is not found])
    return found


def _stored(folder: ServiceFolder) -> StoredList[Token]:
    return StoredList(folder, folder.tokens, _TOKENS, "tokens")
