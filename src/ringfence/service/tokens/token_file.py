"""The file with the hashes of all tokens."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Final

from pydantic import TypeAdapter, ValidationError

from ringfence.errors import SettingsError, reason
from ringfence.private_files import new_file
from ringfence.service.files import ServiceFolder
from ringfence.service.tokens.token import Token

_TOKENS: Final = TypeAdapter(tuple[Token, ...])


def read_tokens(folder: ServiceFolder) -> tuple[Token, ...]:
    """Return all tokens; none if no token was ever added.

    Raises:
        SettingsError: the file cannot be read, or is damaged.
    """
    try:
        return _TOKENS.validate_json(folder.tokens.read_bytes())
    except FileNotFoundError:
        return ()
    except OSError as error:
        raise SettingsError(
            f"cannot be read: {reason(error)}", where=str(folder.tokens), hint="check its owner"
        ) from error
    except ValidationError as error:
        raise SettingsError(
            "is not a file of tokens", where=str(folder.tokens), hint="restore it from a backup"
        ) from error


def add_token(folder: ServiceFolder, token: Token) -> None:
    """Store a token.

    Raises:
        SettingsError: another one has its name, or the file cannot be written.
    """
    with _changing(folder):
        tokens = read_tokens(folder)
        if any(one.name == token.name for one in tokens):
            raise SettingsError(
                f"there is a token {token.name}",
                where=str(folder.tokens),
                hint="choose another name, or revoke it first",
            )
        _write(folder, (*tokens, token))


def revoke_token(folder: ServiceFolder, name: str) -> Token:
    """Remove a token, and return it. A running service refuses it from now on.

    Raises:
        SettingsError: there is no token of this name, or the file cannot be written.
    """
    with _changing(folder):
        tokens = read_tokens(folder)
        found = next((one for one in tokens if one.name == name), None)
        if found is None:
            raise SettingsError(
                f"there is no token {name}",
                where=str(folder.tokens),
                hint="see ringfence token list",
            )
        _write(folder, [one for one in tokens if one is not found])
    return found


def _write(folder: ServiceFolder, tokens: Sequence[Token]) -> None:
    with new_file(folder.tokens) as file:
        file.write(_TOKENS.dump_json(tuple(tokens), indent=1) + b"\n")


@contextmanager
def _changing(folder: ServiceFolder) -> Iterator[None]:
    """Let one process at a time change the tokens.

    Raises:
        SettingsError: the file cannot be written.
    """
    try:
        folder.create()
        handle = os.open(folder.root / "tokens.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield
        finally:
            os.close(handle)
    except OSError as error:
        raise SettingsError(
            f"cannot be written: {reason(error)}", where=str(folder.tokens), hint="check the disk"
        ) from error
