"""Recognise keys, passwords and tokens, and hide them in every output.

A key that names an account is shown as ``key-`` and the first 12 hexadecimal digits of its SHA-256
hash, so that the operator can find its owner. Any other secret is shown as an asterisk.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Final
from urllib.parse import unquote

from ringfence.engine import literal

KEY_MARK: Final = "key-"
"""The beginning of the name of an account that is known by its key."""

LOGIN_NAMES: Final = (
    "account", "customer", "email", "login", "mail", "member", "patron", "subscriber", "u", "uid",
    "user",
)  # fmt: skip
"""Parameters with a login, also with ``id`` or ``name`` after them. All others hold keys."""

_KEYS: Final = r"api[-_.]?key|access[-_]?key|subscription[-_]key"
_SECRETS: Final = (
    r"access[-_]?token|token|password|passwd|pwd|passphrase|secret(?:[-_]?key)?|signature|jwt"
    r"|credential|authorization|session(?:[-_]?id)?"
)
_ALONE: Final = r"key|pass|auth|sig|otp|sid|ssid|jsessionid|phpsessid"
_IN_ITEMS: Final = rf"{_KEYS}|{_SECRETS}|sig|jsessionid|phpsessid"
_PREFIX: Final = r"(?:[a-z0-9]{1,20}[-_.]){0,3}"
_START: Final = r"(?:(?<![A-Za-z0-9_])|(?<=%3f)|(?<=%26))"
_HEX_DIGITS: Final = 12
_SIGNS: Final = re.compile(r"[^a-z0-9]")
_KEY_NAME: Final = re.compile(rf"(?i)(?:{_PREFIX}(?:{_KEYS})|key)")
_TOKEN_NAME: Final = re.compile(rf"(?i){_PREFIX}(?:access[-_]?token|token|jwt)|auth")
_SCHEME: Final = re.compile(r"(?i)\b(bearer|basic|digest|negotiate)(\s+)[A-Za-z0-9+/=._~-]+")
_PASSWORD: Final = re.compile(r"(://[^/\s:@]*:)[^/\s@]+(@)")
_PATH: Final = re.compile(r"(?i)(/ssid/)[^/\s?]+")
_SUBSONIC: Final = re.compile(r"([?&][pts]=)[^&\s\"'#]*")
_SUBSONIC_PATH: Final = "/rest/"


def is_login_name(name: str) -> bool:
    """Return whether a parameter or column of this name holds logins, not keys."""
    plain = _SIGNS.sub("", name.lower())
    return any(plain in (one, f"{one}id", f"{one}name") for one in LOGIN_NAMES)


def is_key_name(name: str) -> bool:
    """Return whether a parameter or column has the usual name of a key."""
    return _KEY_NAME.fullmatch(name) is not None


def may_name_account(name: str) -> bool:
    """Return whether a parameter of this name may tell accounts apart: a login, key or token.

    Sessions and signatures do not count: they name a connection or a request.
    """
    return is_login_name(name) or is_key_name(name) or _TOKEN_NAME.fullmatch(name) is not None


def key_name(key: str) -> str:
    """Return the name of the account with this key: ``key-`` and 12 hexadecimal digits.

    The digits are the first of the SHA-256 hash of the key, as ``sha256sum`` prints it.
    """
    digest = hashlib.sha256(key.encode("utf-8", "surrogateescape")).hexdigest()
    return KEY_MARK + digest[:_HEX_DIGITS]


def key_name_sql(key: str) -> str:
    """Return SQL of :func:`key_name`."""
    return f"CONCAT('{KEY_MARK}', LEFT(SHA256({key}), {_HEX_DIGITS}))"


def mask_secrets(text: str, keys: Iterable[str] = ()) -> str:
    """Hide the secrets in a line of a log, a URL or a message; the rest stays as it is.

    Hidden are the values of parameters, JSON fields and headers whose names are those of secrets,
    passwords in URLs, and the passwords and tokens of Subsonic requests. The time is linear. A
    secret without a name, such as a field of a CSV line, is not recognised.

    Args:
        text: any text.
        keys: further names of parameters with keys, as in ``account.parameters``.
    """
    further = tuple(sorted(name for name in keys if not is_login_name(name)))
    text = _SCHEME.sub(r"\1\2*", text)
    text = _PASSWORD.sub(r"\1*\2", text)
    text = _PATH.sub(r"\1*", text)
    if _SUBSONIC_PATH in text:
        text = _SUBSONIC.sub(r"\1*", text)
    for pattern in _patterns(further):
        text = pattern.sub(lambda match: _masked(match, further), text)
    return text


def masked_item_sql(item: str, keys: Iterable[str]) -> str:
    """Return SQL of an item's name without the values of secrets in it.

    Only names that are hardly ever those of items count. The name of the parameter stays, so one
    item that was requested with several keys has one name.

    Args:
        item: a column with the name, perhaps a URL or a part of one.
        keys: names of the parameters that hold an account's key.
    """
    pattern = literal(masked_item_pattern(keys))
    return (
        f"CASE WHEN contains({item}, '=') THEN regexp_replace({item}, {pattern}, '\\1', 'g') "
        f"ELSE {item} END"
    )


def masked_item_pattern(keys: Iterable[str]) -> str:
    """Return the expression whose matches are replaced by their first group in an item's name.

    Args:
        keys: names of the parameters that hold an account's key.
    """
    names = "|".join([_IN_ITEMS, *(re.escape(name) for name in keys if not is_login_name(name))])
    return rf"(?i)((?:^|[?&;]){_PREFIX}(?:{names})=)[^&#;/]*"


@lru_cache(maxsize=16)
def _patterns(further: tuple[str, ...]) -> tuple[re.Pattern[str], ...]:
    own = "".join(f"|{re.escape(name)}" for name in further)
    name = rf"(?i){_START}({_PREFIX}(?:{_KEYS}|{_SECRETS})|{_ALONE}{own})"
    return (
        re.compile(name + r"(=)([^&\s\"'#;,]+)"),
        re.compile(name + r"(%3d)((?:(?!%26)[^&\s\"'#;,])+)"),
        re.compile(name + r"(: +)([^\s\"';,]+)"),
        re.compile(name + r"(\\?[\"']\s*:\s*\\?[\"']?)((?:\\[^\"]|[^\"\\,}])+)"),
    )


def _masked(match: re.Match[str], further: tuple[str, ...]) -> str:
    name, sign, value = match.groups()
    if value == "*" or not (is_key_name(name) or name in further):
        return f"{name}{sign}*"
    return f"{name}{sign}{key_name(unquote(value))}"
