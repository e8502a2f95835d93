"""The usual names of columns, under which they are found without a setting.

Names are compared without case and signs: ``User-Agent`` is ``useragent``. A key inside a JSON
object has its whole path as name: ``request.uri`` is ``requesturi``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

USUAL_NAMES: Mapping[str, tuple[str, ...]] = {
    "time": (
        "ts",
        "timestamp",
        "datetime",
        "eventtime",
        "accesstime",
        "requesttimestamp",
        "time",
        "timeiso8601",
        "timelocal",
        "playedat",
        "listenedat",
        "startedat",
        "starttime",
        "endtime",
        "createdat",
        "utctime",
        "eventdate",
        "date",
        "msec",
    ),
    "login": (
        "account",
        "accountid",
        "login",
        "user",
        "userid",
        "username",
        "listener",
        "listenerid",
        "apikey",
        "customer",
        "customerid",
        "member",
        "memberid",
        "subscriber",
        "subscriberid",
        "patron",
        "patronid",
        "remoteuser",
        "consumerusername",
        "consumercustomid",
        "authuser",
        "auth",
    ),
    "item": (
        "item",
        "itemid",
        "trackid",
        "trackuri",
        "spotifytrackuri",
        "track",
        "article",
        "articleid",
        "doi",
        "songid",
        "song",
        "record",
        "recordid",
        "document",
        "documentid",
        "isrc",
        "recordingmbid",
        "trackname",
        "songname",
    ),
    "group": (
        "group",
        "groupid",
        "artistid",
        "artist",
        "albumid",
        "album",
        "journal",
        "journalid",
        "issn",
        "collection",
        "collectionid",
        "artistname",
        "mastermetadataalbumartistname",
    ),
    "surface": ("surface",),
    "ip": (
        "clientip",
        "clientipaddress",
        "remoteaddr",
        "remoteaddress",
        "remoteip",
        "sourceip",
        "cip",
        "clientaddress",
        "ip",
        "ipaddress",
        "ipaddr",
        "ipaddrdecrypted",
        "address",
        "remotehost",
        "clienthost",
    ),
    "forwarded": ("xforwardedfor", "httpxforwardedfor", "forwardedfor", "reqheadersxforwardedfor"),
    "client": (
        "useragent",
        "httpuseragent",
        "requestuseragent",
        "useragentoriginal",
        "csuseragent",
        "requestheadersuseragent",
        "requestheadersuseragent0",
        "headersuseragent",
        "requseragent",
        "useragentdecrypted",
        "agent",
        "client",
    ),
    "method": (
        "method",
        "httpmethod",
        "requestmethod",
        "httprequestmethod",
        "csmethod",
        "reqmethod",
        "verb",
    ),
    "url": (
        "requesturi",
        "requesturl",
        "originaluri",
        "originalurl",
        "urloriginal",
        "urlfull",
        "httprequesturl",
        "url",
        "requrl",
        "requestpath",
        "urlpath",
        "reqpath",
        "path",
        "uri",
        "resourcepath",
    ),
    "status": (
        "status",
        "statuscode",
        "httpstatus",
        "httpstatuscode",
        "responsestatus",
        "responsestatuscode",
        "responsecode",
        "httpresponsestatuscode",
        "scstatus",
        "resstatuscode",
        "response",
    ),
    "bytes": (
        "bytes",
        "bytessent",
        "bodybytessent",
        "size",
        "responsesize",
        "responsebodysize",
        "responselength",
        "httpresponsebodybytes",
        "scbytes",
    ),
    "seconds": (
        "seconds",
        "secondsplayed",
        "playedseconds",
        "secondslistened",
        "listenedseconds",
        "msplayed",
        "playedms",
        "mslistened",
        "listenedms",
        "playdurationmilliseconds",
        "duration",
        "durationseconds",
        "durationsec",
        "durationms",
    ),
    "device": ("device", "deviceid", "deviceuuid", "devicefingerprint"),
    "payment": (
        "payment",
        "paymenttoken",
        "paymentid",
        "paymentmethodid",
        "paymentfingerprint",
        "cardfingerprint",
    ),
    "signed_up": (
        "signedup",
        "signedupat",
        "signup",
        "signupat",
        "signupdate",
        "signuptime",
        "registered",
        "registeredat",
        "registrationdate",
        "accountcreated",
        "accountcreatedat",
    ),
    "request": ("request", "requestline", "httprequestline", "requestfirstline"),
}
"""Usual names of each column, the most specific first."""

VAGUE_URLS = frozenset({"path", "uri", "resourcepath"})
"""Names of a URL that a server may have rewritten, or of a pattern: a request line is better."""

RESPONSE_TIMES = frozenset({"duration", "durationseconds", "durationsec", "durationms"})
"""Names that mean the time of the response, not of playing, in a log of HTTP requests."""

HTTP_COLUMNS = ("method", "url", "status", "request")
"""The columns by which a table is a log of HTTP requests."""


def plain_name(name: str) -> str:
    """Return a name in lower case without punctuation."""
    return re.sub(r"[^a-z0-9]", "", name.lower())


def plain_names(available: Iterable[str]) -> dict[str, str]:
    """Return plain name to the source's name; the first, and one without ``@``, counts."""
    plain: dict[str, str] = {}
    for name in sorted(available, key=lambda one: one.startswith("@")):
        plain.setdefault(plain_name(name), name)
    return plain
