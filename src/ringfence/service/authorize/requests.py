"""Read the account and the item from a gateway's question."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final, NamedTuple, Protocol

from ringfence.engine import Engine
from ringfence.events.items import (
    LONGEST_SHORT_URL,
    Preset,
    plain_url,
    url_reader,
    url_spelling,
)
from ringfence.events.secrets import masked_item_pattern
from ringfence.events.url_items import items_of_url
from ringfence.pseudonym_key import PseudonymKey
from ringfence.service.authorize.accounts import AccountNaming, parameter_reader
from ringfence.service.authorize.gateways import GatewayProfile
from ringfence.service.authorize.long_uris import LongUriTurns
from ringfence.service.exposure.keys import name_hash

ACCOUNT_HEADER: Final = "x-ringfence-account"
"""Names the account. The gateway sets it, so that no client can."""

ITEM_HEADER: Final = "x-ringfence-item"
"""Names the item, if the service has no item rules or the gateway has no profile."""

ADDRESS_HEADER: Final = "x-ringfence-address"
"""The address of the client, which names the visitor if there is no login."""

CLIENT_HEADER: Final = "x-ringfence-client"
"""The name of the client program, which is part of the visitor's name."""

DEVICE_HEADER: Final = "x-ringfence-device"
"""Names the device, if the gateway knows it."""

NO_ITEM: Final = -1
"""Stands for a request that takes no item."""

UNREADABLE: Final = 0
"""Stands for an account or an item whose name has signs beyond ASCII, and for an item in a long URI
that is not read because there are too many of them."""

_REMEMBERED: Final = 100_000
_LOGIN_KEYS: Final = ("auto", "login")


class RequestHeaders(Protocol):
    """The headers of a request. A value with non-ASCII characters cannot be read."""

    def __contains__(self, key: str, /) -> bool:
        """Return whether there is a header of this name."""
        ...

    def get(self, key: str, /) -> str | None:
        """Return the value of a header; None if there is none or it cannot be read."""
        ...


class AccessQuestion(NamedTuple):
    """A question of a gateway.

    Attributes:
        account: number of the account; None if the gateway names none, 0 if it cannot be read.
        item: number of the item, or :data:`NO_ITEM`, or :data:`UNREADABLE`.
        name: of the item.
        device: number of the device; None if none is named.
    """

    account: int | None
    item: int
    name: str
    device: int | None


@dataclass(frozen=True)
class ItemReading:
    """The rules by which a request becomes an item and an account.

    Attributes:
        preset: item rules; None for those that the judge writes, and for events that name their
            items.
        naming: the account of a request for which the gateway names none.
    """

    preset: Preset | None = None
    naming: AccountNaming = field(default_factory=AccountNaming)

    @property
    def keys(self) -> tuple[str, ...]:
        """Names of parameters with an account's key, beside those of the item rules."""
        return self.naming.parameters or ()

    @property
    def parameters(self) -> tuple[str, ...]:
        """Names of the parameters that name the account."""
        if self.naming.key not in _LOGIN_KEYS:
            return ()
        defaults = self.preset.parameters if self.preset else ()
        return defaults if self.naming.parameters is None else self.naming.parameters


class QuestionReader:
    """Reads questions.

    Args:
        secret: of the service.
        reading: how a URI becomes an item.
        engine: reads URIs that are too long for Python's expressions; any engine.
        key: turns accounts into pseudonyms, if the service uses them.

    Attributes:
        reading: how a URI becomes an item now.
    """

    def __init__(
        self, secret: bytes, reading: ItemReading, engine: Engine, key: PseudonymKey | None = None
    ) -> None:
        number = name_hash(secret)
        self._number = number
        self._account = (
            number
            if key is None
            else lru_cache(_REMEMBERED)(lambda name: number(key.pseudonym(name)))
        )
        self._engine = engine
        self._long = LongUriTurns()
        self.use(reading)

    def use(self, reading: ItemReading) -> None:
        """Read items by these rules from now on."""
        self.reading = reading
        self._masked = re.compile(masked_item_pattern(reading.keys))
        self._item_of = self._item_reader(reading.preset) if reading.preset else None
        self._spelling = self._spelling_reader(reading.preset)
        self._login_in = parameter_reader(reading.parameters) if reading.parameters else None

    def read(self, profile: GatewayProfile, headers: RequestHeaders, method: str) -> AccessQuestion:
        """Return the account, the item and the device that a question is about.

        Args:
            profile: of the gateway.
            headers: of its question.
            method: of its question. It counts if no header names the method of the request.
        """
        name = self._item_name(profile, headers, method)
        account = headers.get(ACCOUNT_HEADER)
        if not account and (account is not None or ACCOUNT_HEADER not in headers):
            account = self._unnamed(profile, headers, name or "")
        number = UNREADABLE if account is None else self._account(account) if account else None
        device = headers.get(DEVICE_HEADER)
        known = self._number(f"device {device}") if device else None
        if name is None:
            return AccessQuestion(number, UNREADABLE, "", known)
        return AccessQuestion(number, self._number(name) if name else NO_ITEM, name, known)

    def _unnamed(self, profile: GatewayProfile, headers: RequestHeaders, item: str) -> str:
        """Return the account of a request without a login; empty if it has none."""
        naming = self.reading.naming
        if self._login_in is not None and (item or naming.parameters is not None):
            login = self._login_in(self._spelling(_value(headers, profile.uri) or ""))
            if login:
                return login
        address = headers.get(ADDRESS_HEADER)
        return naming.visitor(address, headers.get(CLIENT_HEADER) or "") if address else ""

    def _item_name(
        self, profile: GatewayProfile, headers: RequestHeaders, method: str
    ) -> str | None:
        """Return the name of the item; an empty text if there is none, None if it is unreadable."""
        preset = self.reading.preset
        # A gateway with a profile passes on what a client sends, so the item comes from the URI.
        if preset is None or not profile.name:
            item = _value(headers, (ITEM_HEADER,))
            if item or preset is None:
                return self._masked.sub(r"\1", item) if item and "=" in item else item
        uri = _value(headers, profile.uri)
        if not uri or self._item_of is None or preset is None:
            return uri
        said = _told_method(headers, profile) or method
        if said not in preset.methods:
            return ""
        if len(uri) > LONGEST_SHORT_URL:
            client = headers.get(ACCOUNT_HEADER) or headers.get(ADDRESS_HEADER) or ""
            if not self._long.take(client):
                return None
        return self._item_of(uri)

    def _item_reader(self, preset: Preset) -> Callable[[str], str]:
        short = url_reader(preset, self.reading.keys)

        def item_of(uri: str) -> str:
            if len(uri) <= LONGEST_SHORT_URL:
                return short(uri)
            found = items_of_url(self._engine, uri, [preset], self.reading.keys)
            return found[0] if found else ""

        return item_of

    @staticmethod
    def _spelling_reader(preset: Preset | None) -> Callable[[str], str]:
        if preset is None:
            return plain_url
        short = url_spelling(preset)
        return lambda uri: short(uri) if len(uri) <= LONGEST_SHORT_URL else plain_url(uri)


def _told_method(headers: RequestHeaders, profile: GatewayProfile) -> str:
    """Return the method of the request if a header names it; else an empty text."""
    for name in profile.method:
        told = headers.get(name)
        if told:
            return told
    return ""


def _value(headers: RequestHeaders, names: tuple[str, ...]) -> str | None:
    """Return the first of some headers; an empty text if there is none, None if unreadable."""
    for name in names:
        value = headers.get(name)
        if value is not None:
            return value
        if name in headers:
            return None
    return ""
