"""The errors that a receiver of security event tokens gives back (RFC 8935, section 2.4)."""

from __future__ import annotations

from typing import Final

from ringfence.enforcement.sink import SinkError

_RETRIED: Final = {
    "invalid_request": False,
    "invalid_key": True,
    "invalid_issuer": True,
    "invalid_audience": True,
    "authentication_failed": True,
    "access_denied": True,
}
"""Whether a later attempt may succeed. All but the first come from a configuration, which somebody
repairs."""


def receiver_error(code: object, sink: str) -> SinkError:
    """Return the error of a sink for the code that its receiver gave.

    Args:
        code: outside text; it is shown only if the standard knows it.
        sink: name of the sink.
    """
    if isinstance(code, str) and code in _RETRIED:
        return SinkError(f"the receiver answers {code}", retry=_RETRIED[code], where=sink)
    return SinkError("the receiver refuses the token", retry=False, where=sink)
