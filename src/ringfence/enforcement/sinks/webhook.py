"""A web address that gets a message for each effect: a CloudEvent, signed as a Standard Webhook.

Sources: CloudEvents 1.0, structured mode (https://github.com/cloudevents/spec), and Standard
Webhooks (https://www.standardwebhooks.com). Redirects are not followed. The identity of the message
is the effect's key, so a receiver that remembers keys applies each effect once.
"""

from __future__ import annotations

import asyncio
import json
from base64 import b64decode
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

import httpx
from standardwebhooks import Webhook

from ringfence.enforcement.addresses import PrivateAddressError, address_of
from ringfence.enforcement.effect_json import effect_to_json
from ringfence.enforcement.sink import Effect, SinkError

_SECONDS: Final = 20
"""Time-out of everything together, from the name to the status of the answer."""

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
        status = self._status(body, headers)
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
            raise self._error("its secret is not one of a Standard Webhook", retry=True) from None
        return {
            "webhook-id": effect.key,
            "webhook-timestamp": str(int(sent.timestamp())),
            "webhook-signature": signature,
        }

    def _status(self, body: bytes, headers: dict[str, str]) -> int:
        try:
            return asyncio.run(self._send(body, headers))
        except TimeoutError:
            raise self._error(f"no answer within {_SECONDS} seconds", retry=True) from None
        except PrivateAddressError:
            raise self._error(
                "its address is in a private network; set allow_private", retry=True
            ) from None
        except (httpx.HTTPError, httpx.InvalidURL, OSError, UnicodeError) as error:
            # The text of the error may contain the address.
            raise self._error(f"cannot be reached: {type(error).__name__}", retry=True) from None

    async def _send(self, body: bytes, headers: dict[str, str]) -> int:
        async with asyncio.timeout(_SECONDS):
            url = httpx.URL(self.url)
            if url.scheme != "https" and not (self.allow_private and url.scheme == "http"):
                raise self._error("its address needs https", retry=True)
            port = url.port or {"https": 443, "http": 80}[url.scheme]
            address = await address_of(url.host, port, allow_private=self.allow_private)
            async with (
                # The environment may name a proxy, which would resolve the name again.
                httpx.AsyncClient(trust_env=False, follow_redirects=False) as client,
                client.stream(
                    "POST", url.copy_with(host=address), content=body,
                    headers={"host": url.netloc.decode("ascii"), **headers},
                    extensions={"sni_hostname": url.host},
                ) as answer,
            ):  # fmt: skip
                return answer.status_code

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
