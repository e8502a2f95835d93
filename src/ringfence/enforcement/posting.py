"""Send a request to a web address that somebody else may have chosen.

Redirects are not followed, the address is checked before the connection, and one time-out covers
everything. The address may contain a secret, so it is in no error.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Final

import httpx

from ringfence.enforcement.addresses import PrivateAddressError, address_of
from ringfence.enforcement.sink import SinkError

LONGEST_ANSWER: Final = 65_536
"""Bytes of an answer that are read; the rest is left."""


@dataclass(frozen=True)
class Target:
    """A web address that requests are sent to.

    Attributes:
        sink: name of the sink, for errors.
        url: the address.
        allow_private: whether the address may be in a private network, and without https.
        seconds: time-out of one request, from the name to the end of the answer.
    """

    sink: str
    url: str = field(repr=False)
    allow_private: bool
    seconds: float = 20

    def error(self, what: str, *, retry: bool) -> SinkError:
        """Return an error of the sink."""
        return SinkError(what, retry=retry, where=self.sink)


@dataclass(frozen=True)
class Answer:
    """The answer to a request.

    Attributes:
        status: the status.
        body: the beginning of the content.
    """

    status: int
    body: bytes = field(repr=False)


def post(target: Target, body: bytes, headers: Mapping[str, str]) -> Answer:
    """Send a POST request, and return the answer.

    Raises:
        SinkError: the address cannot be used or reached, or does not answer in time.
    """
    try:
        return asyncio.run(_send(target, body, headers))
    except TimeoutError:
        raise target.error(f"no answer within {target.seconds} seconds", retry=True) from None
    except PrivateAddressError:
        raise target.error(
            "its address is in a private network; set allow_private", retry=True
        ) from None
    except (httpx.HTTPError, httpx.InvalidURL, OSError, UnicodeError) as error:
        # The text of the error may contain the address.
        raise target.error(f"cannot be reached: {type(error).__name__}", retry=True) from None


async def _send(target: Target, body: bytes, headers: Mapping[str, str]) -> Answer:
    async with asyncio.timeout(target.seconds):
        url = httpx.URL(target.url)
        if url.scheme != "https" and not (target.allow_private and url.scheme == "http"):
            raise target.error(
                "its address needs https; within a private network, set allow_private", retry=True
            )
        if url.userinfo:
            # A transport would leave them out without a word.
            raise target.error("its address has a user or a password: use a header", retry=True)
        port = url.port or {"https": 443, "http": 80}[url.scheme]
        address = await address_of(url.host, port, allow_private=target.allow_private)
        request = httpx.Request(
            "POST", url.copy_with(host=address), content=body,
            headers={"host": url.netloc.decode("ascii"), **headers},
            extensions={"sni_hostname": url.host},
        )  # fmt: skip
        # A client would write the whole address into the log. A transport follows no redirect, and
        # uses no proxy of the environment, which would resolve the name again.
        async with httpx.AsyncHTTPTransport(verify=_trusted(), trust_env=False) as transport:
            answer = await transport.handle_async_request(request)
            try:
                return Answer(answer.status_code, await _beginning(answer))
            finally:
                await answer.aclose()


@cache
def _trusted() -> ssl.SSLContext:
    """Return the certificates that are trusted. To load them takes as long as many requests."""
    return httpx.create_ssl_context(trust_env=False)


async def _beginning(answer: httpx.Response) -> bytes:
    read = b""
    async for piece in answer.aiter_bytes():
        read += piece
        if len(read) >= LONGEST_ANSWER:
            break
    return read[:LONGEST_ANSWER]
