"""Write links in one way, so that equal ones are equal texts.

The rules are those of RFC 3986, section 6.2.2 and 6.2.3: small letters in scheme and host, percent
encoding only where it is needed and in capitals, no dot segments, no default port, ``/`` for an
empty path. Beyond the RFC, the fragment is dropped, since it never reaches a server, and so are
an empty query, the final dot of a host, and the parameters of :data:`TRACKING_PARAMETERS`. A host
with letters outside ASCII becomes A-labels (UTS 46, IDNA 2008).

:mod:`ringfence.leaks.register.url_sql` does the same in SQL for links in the usual spelling.
"""

from __future__ import annotations

import re
from ipaddress import AddressValueError, IPv6Address
from typing import Final
from urllib.parse import unquote_to_bytes

from ringfence.errors import LeakError

URL_RULES: Final = 1
"""Number of this set of rules. A register is only read by the rules that it was made with."""

LONGEST_LINK: Final = 8_000
"""Characters of a link, at most: the length that RFC 9110, section 4.1, asks servers to support."""

DEFAULT_PORTS: Final = {"http": "80", "https": "443", "ftp": "21"}
"""The schemes of links, and the port that each of them means if a link names none."""

TRACKING_PARAMETERS: Final = (
    "__hsfp", "__hssc", "__hstc", "__s", "_ga", "_gl", "_hsenc", "_hsmi", "_openstat", "dclid",
    "fbclid", "gad_source", "gbraid", "gclid", "gclsrc", "hsctatracking", "igshid", "mc_cid",
    "mc_eid", "mkt_tok", "ml_subscriber", "ml_subscriber_hash", "msclkid", "oly_anon_id",
    "oly_enc_id", "rb_clickid", "s_cid", "srsltid", "ttclid", "twclid", "vero_conv", "vero_id",
    "wbraid", "wickedid", "yclid",
)  # fmt: skip
"""Query parameters that follow a visitor and never choose a page, in small letters: those that
Firefox removes (``privacy.query_stripping.strip_list``), and others of the same advertisers. In
addition, every parameter that begins with :data:`TRACKING_PREFIX`."""

TRACKING_PREFIX: Final = "utm_"

_PCHAR: Final = r"A-Za-z0-9\-._~!$&'()*+,;=:@"
_WHITE: Final = " \t\n\r\f\v"
_HIDDEN: Final = re.compile(r"[\x00-\x20\x7f]")
_PARTS: Final = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*):(?://([^/?]*)([^?]*)(?:\?(.*))?)?")
_IN_PATH: Final = re.compile(rf"%([0-9A-Fa-f]{{2}})|[^/{_PCHAR}]")
_IN_QUERY: Final = re.compile(rf"%([0-9A-Fa-f]{{2}})|[^/?{_PCHAR}]")
_UNRESERVED: Final = re.compile(r"[A-Za-z0-9\-._~]")
_AUTHORITY: Final = re.compile(r"(\[[^\]]*\]|[^:\[\]]*)(?::([0-9]*))?")
_HOST: Final = re.compile(
    r"(?=.{1,253}$)(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?(?:\.(?!$)|$))+", re.ASCII
)
_LONGEST_HOST: Final = 253
_PORT: Final = re.compile(r":[0-9]+$")
_TRACKING: Final = re.compile(
    rf"{TRACKING_PREFIX}.*|{'|'.join(map(re.escape, TRACKING_PARAMETERS))}",
    re.IGNORECASE | re.ASCII | re.DOTALL,
)


def normalise_url(text: str) -> str:
    """Return a link in its normal form. The form of a normal form is itself.

    Args:
        text: a link with a scheme, white space around it allowed.

    Raises:
        LeakError: it is not an http, https or ftp link with a valid host, it has a login, a space
            or a control character, or it is longer than :data:`LONGEST_LINK`.
    """
    bare = text.strip(_WHITE).partition("#")[0]
    if len(bare) > LONGEST_LINK:
        raise _refused(f"is longer than {LONGEST_LINK:,} characters")
    if _HIDDEN.search(bare):
        raise _refused("has a space or a control character")
    found = _PARTS.match(bare)
    scheme = found[1].lower() if found else ""
    if not found or scheme not in DEFAULT_PORTS or found[2] is None:
        raise _refused("is not an http, https or ftp link")
    try:
        place = _place(scheme, found[2])
        url = f"{scheme}://{place}{_path(found[3])}{_query(found[4] or '')}"
    except UnicodeEncodeError as error:
        raise _refused("is not valid text") from error
    if len(url) > LONGEST_LINK:
        raise _refused(f"is longer than {LONGEST_LINK:,} characters")
    return url


def host_of(url: str) -> str:
    """Return the host of a link in its normal form, without the port.

    Args:
        url: as :func:`normalise_url` returns it.
    """
    place = url.split("/", 3)[2]
    return _PORT.sub("", place) if ":" in place else place


def _refused(what: str) -> LeakError:
    return LeakError(what, hint="give links such as https://host/path")


def _place(scheme: str, authority: str) -> str:
    """Return the host, and the port unless it is the default."""
    if "@" in authority:
        raise _refused("has a login before its host")
    found = _AUTHORITY.fullmatch(authority)
    if not found:
        raise _refused("has no valid host")
    port = (found[2] or "").lstrip("0")
    if len(port) > 5 or int(port or 1) > 65_535 or (found[2] and not port):
        raise _refused("has no valid port")
    kept = "" if port in {"", DEFAULT_PORTS[scheme]} else f":{port}"
    return _host(found[1]) + kept


def _host(host: str) -> str:
    if host.startswith("["):
        return _address(host[1:-1])
    if not host.isascii() or "%" in host:
        host = _a_labels(host)
    host = host.lower().removesuffix(".")
    if not _HOST.fullmatch(host):
        raise _refused("has no valid host")
    return host


def _address(text: str) -> str:
    if "%" in text:
        # A zone means nothing on another machine.
        raise _refused("has no valid host")
    try:
        return f"[{IPv6Address(text).compressed}]"
    except AddressValueError as error:
        raise _refused("has no valid host") from error


def _a_labels(host: str) -> str:
    """Return a host name of other letters in A-labels."""
    import idna  # noqa: PLC0415 - its tables load only if a link needs them

    try:
        decoded = unquote_to_bytes(host).decode()
        if decoded.isascii() or len(decoded) > _LONGEST_HOST:
            return decoded
        return idna.encode(decoded, uts46=True).decode()
    except UnicodeError as error:
        raise _refused("has no valid host") from error


def _path(path: str) -> str:
    if not path:
        return "/"
    path = _IN_PATH.sub(_encoded, path)
    return _without_dots(path) if "/." in path else path


def _without_dots(path: str) -> str:
    """Return a path without dot segments (RFC 3986, section 5.2.4)."""
    kept: list[str] = []
    segments = path.split("/")[1:]
    for segment in segments:
        if segment == "..":
            del kept[-1:]
        elif segment != ".":
            kept.append(segment)
    if segments[-1] in {".", ".."}:
        kept.append("")
    return "/" + "/".join(kept)


def _query(query: str) -> str:
    """Return the query with its question mark and without tracking; empty if nothing is left."""
    query = _IN_QUERY.sub(_encoded, query)
    kept = [one for one in query.split("&") if not _TRACKING.fullmatch(one.partition("=")[0])]
    query = "&".join(kept)
    return f"?{query}" if query else ""


def _encoded(found: re.Match[str]) -> str:
    """Return a triplet in its one form, or the triplets of another character."""
    if found[1]:
        sign = chr(int(found[1], 16))
        return sign if _UNRESERVED.fullmatch(sign) else f"%{found[1].upper()}"
    return "".join(f"%{byte:02X}" for byte in found[0].encode())
