"""A receiver of OpenID Shared Signals that security event tokens are pushed to (RFC 8935)."""

from __future__ import annotations

import json
from dataclasses import dataclass, field

from ringfence.enforcement.posting import Answer, Target, post
from ringfence.enforcement.security_events import Issuer
from ringfence.enforcement.set_errors import receiver_error
from ringfence.enforcement.sink import Effect

_SECONDS = 12
"""Time-out of one token. A suspension has two, and half a minute in all."""


@dataclass(frozen=True)
class SsfSink:
    """A receiver.

    Attributes:
        name: name of the sink in the settings.
        issuer: the transmitter and the receiver.
        url: the address of the receiver.
        authorization: the content of the header ``Authorization``; empty for none.
        allow_private: whether the address may be in a private network, and without https.
    """

    name: str
    issuer: Issuer
    url: str = field(repr=False)
    authorization: str = field(repr=False)
    allow_private: bool

    def apply(self, effect: Effect) -> None:
        """Push the tokens of an effect.

        Raises:
            SinkError: the address cannot be used or reached, or does not accept a token.
        """
        target = Target(self.name, self.url, self.allow_private, _SECONDS)
        headers = {"content-type": "application/secevent+jwt", "accept": "application/json"}
        if self.authorization:
            headers["authorization"] = self.authorization
        for _, token in self.issuer.tokens(effect):
            self._check(target, post(target, token.encode(), headers))

    def _check(self, target: Target, answer: Answer) -> None:
        # Another status of success could be that of a page for people.
        if answer.status == 202:
            return
        if answer.status == 400:
            raise receiver_error(_code(answer.body), self.name)
        raise target.error(f"it answered with status {answer.status}", retry=True)


def _code(body: bytes) -> object:
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return found.get("err") if isinstance(found, dict) else None
