"""The directives of Apache, EZproxy and nginx: which raw column each one fills.

Sources: Apache mod_log_config, the EZproxy LogFormat directive, and the variables of nginx's
modules ngx_http_core, ngx_http_log and ngx_http_upstream.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class Directive:
    """The meaning of a directive.

    Attributes:
        raw: the raw column or part that it fills; empty if it is ignored.
        shape: what its values look like.
        rank: among directives that fill the same column, the lowest is used.
        form: the strptime form of a time.
    """

    raw: str = ""
    shape: str = "text"
    rank: int = 1
    form: str = ""


IGNORED: Final = Directive()
_NUMBER = Directive(shape="number")

APACHE: Final[dict[str, Directive]] = {
    "h": Directive("ip", "host"),
    "a": Directive("ip", "address", rank=0),
    "l": Directive("ident", "ident"),
    "u": Directive("login"),
    "r": Directive("request"),
    "s": Directive("status", "status"),
    "b": Directive("bytes", "digits", rank=0),
    "B": Directive("bytes", "digits", rank=0),
    "O": Directive("bytes", "digits"),
    "m": Directive("method", rank=2),
    "U": Directive("url", "path", rank=2),
    "q": Directive("query", "query"),
}
"""Apache's and EZproxy's directives without braces; all others are ignored."""

NGINX: Final[dict[str, Directive]] = {
    "remote_addr": Directive("ip", "address"),
    "remote_user": Directive("login"),
    "time_local": Directive("time", "clf"),
    "time_iso8601": Directive("time", "iso"),
    "msec": Directive("time", "epoch", rank=2),
    "request": Directive("request"),
    "status": Directive("status", "status", rank=0),
    "body_bytes_sent": Directive("bytes", "digits", rank=0),
    "bytes_sent": Directive("bytes", "digits"),
    "proxy_add_x_forwarded_for": Directive("forwarded", "addresses", rank=2),
    "request_method": Directive("method", rank=2),
    "request_uri": Directive("url", rank=2),
    "uri": Directive("url", "path", rank=3),
    "document_uri": Directive("url", "path", rank=3),
    "is_args": Directive(shape="mark"),
    "args": Directive("query", "bare_query"),
    "query_string": Directive("query", "bare_query"),
    "request_time": _NUMBER,
    "gzip_ratio": _NUMBER,
    "request_length": _NUMBER,
    "connection": _NUMBER,
}
"""nginx's variables without those of headers; all others are ignored."""

OWN_NAMES: Final[dict[str, Directive]] = {
    "addresses": Directive("ip", "addresses"),
    "forwarded": Directive("forwarded", "addresses"),
    "host_name": Directive(shape="name"),
    "number": _NUMBER,
    "padded_number": Directive(shape="padded"),
    "captures": Directive(shape="captures"),
    "squid_result": Directive(shape="squid_result"),
    "client_host": Directive("ip", "host"),
    "ident": Directive("ident", "ident"),
    "login": Directive("login"),
    "time": Directive("time", "iso"),
    "clock": Directive("time", "clf"),
    "method": Directive("method"),
    "url": Directive("url"),
    "ip": Directive("ip", "address"),
    "bytes": Directive("bytes", "digits"),
    "client": Directive("client"),
    "seconds": Directive("seconds", "number"),
    "referrer": Directive("referrer"),
}
"""Variables of our own, for the known layouts that neither Apache nor nginx writes."""

HEADERS: Final[dict[str, Directive]] = {
    "user-agent": Directive("client"),
    "referer": Directive("referrer"),
    "x-forwarded-for": Directive("forwarded", "addresses"),
    "true-client-ip": Directive("forwarded", "addresses", rank=3),
    "cf-connecting-ip": Directive("forwarded", "addresses", rank=3),
    "x-real-ip": Directive("forwarded", "addresses", rank=4),
    "x-client-ip": Directive("forwarded", "addresses", rank=4),
    "x-remote-user": Directive("login", rank=2),
    "x-forwarded-user": Directive("login", rank=2),
    "x-auth-request-user": Directive("login", rank=2),
    "x-consumer-username": Directive("login", rank=2),
    "x-user-id": Directive("login", rank=3),
}
"""Request headers by name, as both servers can log them; all others are ignored."""

ENVIRONMENT: Final[dict[str, Directive]] = {"remote_user": Directive("login", rank=2)}
"""Apache's environment variables."""

EPOCH_FORMS: Final = ("sec", "msec", "usec")
FRACTION_FORMS: Final = ("msec_frac", "usec_frac")
"""Forms of Apache's ``%{...}t`` that are numbers, and those that are a fraction of a second."""
