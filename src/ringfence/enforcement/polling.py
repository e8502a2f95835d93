"""A receiver of OpenID Shared Signals that asks for security event tokens itself (RFC 8936).

The outbox is the state of the stream: a token is offered until its receiver acknowledges it or
refuses it. Of each account, only the tokens of the oldest effect are offered.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Self

from sqlalchemy import Connection

from ringfence.cases import CaseStore, expire_decisions
from ringfence.cases.moments import now
from ringfence.cases.schema import DELIVERIES, OUTBOX
from ringfence.enforcement import waiting
from ringfence.enforcement.enrolment import enrol
from ringfence.enforcement.security_events import Issuer, token_events
from ringfence.enforcement.set_errors import receiver_error
from ringfence.enforcement.sink import Effect

MOST_TOKENS: Final = 100
"""Tokens in one answer."""

_PAUSE: Final = 0.5
"""Seconds between two looks at the store while a receiver waits."""


@dataclass(frozen=True)
class PollRequest:
    """The content of a receiver's request.

    Attributes:
        most: greatest number of tokens that the receiver wants; zero only acknowledges.
        at_once: whether the answer may be empty instead of waiting for a token.
        acknowledged: identities of tokens that the receiver has.
        refused: identities of tokens that it cannot use, with its code of the error.
    """

    most: int = MOST_TOKENS
    at_once: bool = False
    acknowledged: tuple[str, ...] = ()
    refused: Mapping[str, object] = field(default_factory=dict)

    @classmethod
    def from_json(cls, content: Any) -> Self:  # noqa: ANN401 - outside JSON
        """Return the request of a JSON document.

        Raises:
            ValueError: it is not one of RFC 8936.
        """
        match content:
            case dict():
                most, at_once = content.get("maxEvents"), content.get("returnImmediately", False)
                known, errors = content.get("ack", []), content.get("setErrs", {})
            case _:
                raise ValueError("a poll request is a JSON object")
        # bool is a kind of int.
        if most is not None and (type(most) is not int or most < 0):
            raise ValueError("maxEvents is a number from 0")
        if not (isinstance(at_once, bool) and isinstance(errors, dict) and _are_texts(known)):
            raise ValueError("returnImmediately, ack or setErrs has another type")
        refused = {
            name: error.get("err") if isinstance(error, dict) else None
            for name, error in errors.items()
        }
        wanted = MOST_TOKENS if most is None else min(most, MOST_TOKENS)
        return cls(wanted, at_once, tuple(known), refused)


@dataclass
class PollStream:
    """The stream of one receiver.

    Attributes:
        name: name of the stream. Its deliveries are kept under this name, as those of a sink.
        store: the case store.
        issuer: the transmitter and the receiver.
        longest_wait: seconds that a receiver waits at most for a token.
    """

    name: str
    store: CaseStore
    issuer: Issuer
    longest_wait: float = 30
    _acknowledged: set[str] = field(default_factory=set, repr=False)
    """Acknowledged tokens of effects with a token that is not. After a restart of the process, they
    are offered again with the same identity."""

    def answer(self, request: PollRequest) -> dict[str, Any]:
        """Write what the receiver has, and return the next tokens.

        Raises:
            CasesError: the database fails.
        """
        deadline = time.monotonic() + self.longest_wait
        with self.store.writing() as connection:
            expire_decisions(connection, now())
            self._settle(connection, request)
            self._renew(connection)
        while True:
            found = self._offered(request.most)
            if found["sets"] or request.at_once or not request.most:
                return found
            if time.monotonic() >= deadline:
                return found
            time.sleep(_PAUSE)
            with self.store.writing() as connection:
                self._renew(connection)

    def _renew(self, connection: Connection) -> None:
        """Put new effects down for delivery, and pass over those that have no token."""
        enrol(connection, self.name, now())
        while silent := [
            effect
            for effect in waiting.due_effects(connection, self.name, now())
            if not token_events(effect)
        ]:
            for effect in silent:
                waiting.write_success(connection, self.name, effect, now())

    def _offered(self, most: int) -> dict[str, Any]:
        with self.store.reading() as connection:
            effects = waiting.due_effects(connection, self.name, now())
        tokens = [
            token
            for effect in effects
            for token in self.issuer.tokens(effect)
            if token[0] not in self._acknowledged
        ]
        return {"sets": dict(tokens[:most]), "moreAvailable": len(tokens) > most}

    def _settle(self, connection: Connection, request: PollRequest) -> None:
        for identity, code in request.refused.items():
            effect = self._waiting_effect(connection, identity)
            if effect is not None:
                error = receiver_error(code, self.name)
                waiting.write_failure(connection, self.name, effect, error, now())
                self._acknowledged.difference_update(_identities(effect))
        for identity in request.acknowledged:
            effect = self._waiting_effect(connection, identity)
            if effect is not None:
                self._acknowledge(connection, effect, identity)

    def _acknowledge(self, connection: Connection, effect: Effect, identity: str) -> None:
        self._acknowledged.add(identity)
        if _identities(effect) <= self._acknowledged:
            waiting.write_success(connection, self.name, effect, now())
            self._acknowledged -= _identities(effect)

    def _waiting_effect(self, connection: Connection, identity: str) -> Effect | None:
        """Return the effect of a token, if the token exists and is still to be delivered."""
        if not (identity.isascii() and identity.isprintable()):
            return None
        query = waiting.EFFECT_ROWS.join(DELIVERIES, DELIVERIES.c.outbox_id == OUTBOX.c.id).where(
            OUTBOX.c.key == identity.partition("-")[0],
            DELIVERIES.c.sink == self.name,
            DELIVERIES.c.state == "waiting",
        )
        row = connection.execute(query).first()
        if row is None:
            return None
        effect = waiting.effect_of(row)
        return effect if identity in _identities(effect) else None


def _identities(effect: Effect) -> set[str]:
    return {identity for identity, _ in token_events(effect)}


def _are_texts(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(one, str) for one in value)
