"""Gateways differ in the statuses that they understand, and in where they name the request.

Allow is exactly 200: Envoy sends any other status to the client. Deny is 403. A throttled request
gets 429, but nginx turns 429 into 500, so it gets 403 there, and a header says that it is
throttled. A challenge is 401 everywhere, because all four pass it on with its headers: the client
has to sign in again. See docs/how-to/protect-with-a-gateway.md.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

GatewayAction = Literal["allow", "throttle", "challenge", "deny"]
"""The action of a gateway on a request."""


@dataclass(frozen=True)
class GatewayProfile:
    """The way in which one kind of gateway asks and is answered.

    Attributes:
        name: in the address that the gateway asks.
        uri: headers that name the requested URI. The first one that is there counts. Other headers
            may come from the client and are not read.
        method: headers that name the request method; without one, the gateway asks with it.
        throttle: status of a throttled request.
        challenge: status of a request that needs a new sign-in.
        deny: status of a denied request.
    """

    name: str
    uri: tuple[str, ...]
    method: tuple[str, ...] = ()
    throttle: int = 429
    challenge: int = 401
    deny: int = 403

    def status(self, action: GatewayAction) -> int:
        """Return the status of an answer."""
        if action == "allow":
            return 200
        return {"throttle": self.throttle, "challenge": self.challenge, "deny": self.deny}[action]


_FORWARDED: Final = (("x-forwarded-uri",), ("x-forwarded-method",))

PLAIN: Final = GatewayProfile(
    "", ("x-original-uri", "x-forwarded-uri"), ("x-original-method", "x-forwarded-method")
)
"""The profile of a gateway or a service that asks without a name."""

GATEWAY_PROFILES: Final = {
    one.name: one
    for one in (
        GatewayProfile("nginx", ("x-original-uri",), ("x-original-method",), throttle=403),
        GatewayProfile("envoy", ("x-forwarded-uri",)),
        GatewayProfile("caddy", *_FORWARDED),
        GatewayProfile("traefik", *_FORWARDED),
        PLAIN,
    )
}
"""All profiles by the last part of the address."""
