"""A web address that gets a message for each effect: a CloudEvent, signed as a Standard Webhook.

Sources: CloudEvents 1.0, structured mode (https://github.com/cloudevents/spec), and Standard
Webhooks (https://www.standardwebhooks.com). Redirects are not followed. The identity of the message
is the effect's key, so a receiver that remembers keys applies each effect once.
"""

from __future__ import annotations

import json
from base64 import b64decode
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

from standardwebhooks import Webhook

from ringfence.enforcement.effect_json import effect_to_json
from ringfence.enforcement.posting import Target, post
from ringfence.enforcement.sink import Effect, SinkError

_REFUSALS: Final = frozenset({400, 410, 413, 422})
"""Answers that the same message would get again. Others may come from a wrong configuration, which
somebody repairs."""

_SOURCE: Final = "urn:ringfence"
_TYPE: Final = "ringfence.effect.{name}.v1"


@dataclass(frozen=True)
class WebhookSink:
    """A web address.

    Attributes:
        name: name of the sink in the settings.
        url: the address; it may contain a secret, so it is in no error.
        secret: the secret that signs; empty for no signature.
        form: ``cloudevents`` or ``slack``.
        allow_private: whether the address may be in a private network, and without https.
    """

    name: str
    url: str = field(repr=False)
    secret: str = field(repr=False)
    form: str
    allow_private: bool

    def apply(self, effect: Effect) -> None:
        """Send the message, and check the status of the answer.

        Raises:
            SinkError: the address cannot be used or reached, or answers with an error.
        """
        body, headers = self._message(effect)
        status = post(Target(self.name, self.url, self.allow_private), body, headers).status
        if not 200 <= status < 300:
            raise self._error(f"it answered with status {status}", retry=status not in _REFUSALS)

    def _message(self, effect: Effect) -> tuple[bytes, dict[str, str]]:
        if self.form == "slack":
            body = json.dumps({"text": slack_text(effect)}).encode()
            headers = {"content-type": "application/json"}
        else:
            body = json.dumps(cloud_event(effect)).encode()
            headers = {"content-type": "application/cloudevents+json"}
        return body, {**headers, **self._signature(effect, body)}

    def _signature(self, effect: Effect, body: bytes) -> dict[str, str]:
        if not self.secret:
            return {}
        sent = datetime.now(UTC)
        try:
            b64decode(self.secret.removeprefix("whsec_"), validate=True)
            signature = Webhook(self.secret).sign(effect.key, sent, body.decode())
        except Exception:  # noqa: BLE001 - its text may contain the secret
            raise self._error(
                "its secret is not whsec_ and 24 to 64 bytes in base64", retry=True
            ) from None
        return {
            "webhook-id": effect.key,
            "webhook-timestamp": str(int(sent.timestamp())),
            "webhook-signature": signature,
        }

    def _error(self, what: str, *, retry: bool) -> SinkError:
        return SinkError(what, retry=retry, where=self.name)


def cloud_event(effect: Effect) -> dict[str, Any]:
    """Return an effect as a CloudEvent in the structured mode.

    The account is only in the data, because intermediaries log the other attributes.
    """
    data = effect_to_json(effect)
    return {
        "specversion": "1.0",
        "id": effect.key,
        "source": _SOURCE,
        "type": _TYPE.format(name=effect.name),
        "time": data["made"],
        "sequence": f"{effect.number:020}",
        "datacontenttype": "application/json",
        "data": data,
    }


def slack_text(effect: Effect) -> str:
    """Return an effect as a sentence, with the signs escaped that mean something to Slack."""
    account = effect.account.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    if effect.name == "lift":
        return f"Account {account} is free again (decision {effect.decision})."
    until = effect_to_json(effect)["until"]
    end = f" until {until}" if until else ""
    return f"Account {account}: {effect.name}{end} (decision {effect.decision})."
