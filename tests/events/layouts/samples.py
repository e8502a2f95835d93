"""A small sample of every known layout, made up in the form that public documentation shows.

Each line stands beside what is right for it: login, address, forwarded addresses, client, URL,
status, bytes and seconds played.
"""

from __future__ import annotations

from typing import NamedTuple

CLOCK = "[09/Mar/2026:08:00:00 +0100]"
NGINX_AGENT = "Player/2.1 (Demo)"


class Right(NamedTuple):
    """The right values of one line."""

    login: str | None = None
    ip: str | None = None
    forwarded: str | None = None
    client: str | None = NGINX_AGENT
    url: str | None = "/record/1"
    status: str | None = "200"
    bytes: str | None = "512"
    seconds: str | None = None


class Sample(NamedTuple):
    """Lines of a log with the right values, and the name that the log is recognised as."""

    layout: str
    lines: tuple[tuple[str, Right], ...]
    title: str = ""


def _family(layout: str, start: str, right: Right, end: str = "", title: str = "") -> Sample:
    """A log of the combined family: a start with LOGIN in it, and fields after the bytes."""
    end = end or f'"-" "{NGINX_AGENT}"'
    hostile = r"GET /a\"b' OR 1=1 HTTP/1.1"

    def line(login: str, request: str, status: str) -> str:
        return f'{start.replace("LOGIN", login)} {CLOCK} "{request}" {status} 512 {end}'.rstrip()

    return Sample(
        layout,
        (
            (line("ann", "GET /record/1 HTTP/1.1", "200"), right._replace(login="ann")),
            (line("-", "GET /record/1 HTTP/1.1", "200"), right),
            (line("-", "GET /record/1 HTTP/1.1", "404"), right._replace(status="404")),
            (line("-", hostile, "400"), right._replace(url="/a\"b' OR 1=1", status="400")),
        ),
        title,
    )


_SIMPLE = Right(ip="192.0.2.11")
_TWO = Right(ip="198.51.100.7", forwarded="192.0.2.11, 203.0.113.4")
_NUMBERS = '0.003 "https://c.example/" "Player/2.1 (Demo)" 12 0.1'
_KEYS = '"-" "Player/2.1 (Demo)" rt=0.1 uct="0.000" urt="0.1, 0.2"'

SAMPLES: tuple[Sample, ...] = (
    _family("combined", "192.0.2.11 - LOGIN", _SIMPLE),
    _family("combined", "2001:db8::7 - LOGIN", Right(ip="2001:db8::7"), title="IPv6"),
    _family("combined", "pc7.example.net - LOGIN", Right(ip="pc7.example.net"), title="host name"),
    _family("combined", "192.0.2.11 - LOGIN", _SIMPLE._replace(client=None), "12 0.1", "Tomcat"),
    _family("combined", "192.0.2.11 - LOGIN", _SIMPLE, _NUMBERS, "time before the client"),
    _family("combined", "192.0.2.11 - LOGIN", _SIMPLE, _KEYS, "keys after the client"),
    _family(
        "combined",
        "198.51.100.7 - LOGIN",
        _TWO,
        '"-" "Player/2.1 (Demo)" "192.0.2.11, 203.0.113.4"',
        "nginx main",
    ),
    _family(
        "combined",
        "198.51.100.7 - LOGIN",
        _TWO,
        '"-" "Player/2.1 (Demo)" 192.0.2.11, 203.0.113.4',
        "forwarded addresses last, without quotes",
    ),
    _family("vhost_combined", "library.example.org:443 192.0.2.11 - LOGIN", _SIMPLE),
    _family("vhost", "library.example.org 192.0.2.11 - LOGIN", _SIMPLE),
    _family(
        "forwarded_only",
        "192.0.2.11, 198.51.100.7 - LOGIN",
        Right(ip="192.0.2.11, 198.51.100.7"),
    ),
    _family("forwarded_first", "192.0.2.11, 203.0.113.4 198.51.100.7 - LOGIN", _TWO),
    _family("forwarded_quoted", '"192.0.2.11, 203.0.113.4" 198.51.100.7 - LOGIN', _TWO),
    _family("forwarded_brackets", "198.51.100.7 (192.0.2.11, 203.0.113.4) - LOGIN", _TWO),
    _family("combined", "Mar  9 08:00:00 web1 nginx: 192.0.2.11 - LOGIN", _SIMPLE, title="syslog"),
    _family(
        "combined",
        '<134>1 2026-03-09T08:00:00.1Z web1 nginx 7 - [x@1 a="b"] 192.0.2.11 - LOGIN',
        _SIMPLE,
        title="syslog, RFC 5424",
    ),
    _family("combined", "web_1   | 192.0.2.11 - LOGIN", _SIMPLE, title="docker"),
    _family(
        "vhost_combined",
        "[pod/web-7d9/nginx] library.example.org:443 192.0.2.11 - LOGIN",
        _SIMPLE,
        title="kubectl",
    ),
    Sample(
        "traefik",
        (
            (
                (
                    f'192.0.2.11 - ann {CLOCK} "GET /record/1 HTTP/2.0" 200 512 "-" '
                    '"Player/2.1 (Demo)" 42 "web@docker" "http://10.0.0.5:80" 12ms'
                ),
                _SIMPLE._replace(login="ann"),
            ),
            (
                (
                    f'192.0.2.11 - - {CLOCK} "GET /record/1 HTTP/2.0" 200 512 "-" '
                    '"Player/2.1 (Demo)" 43 "web@docker" "http://10.0.0.5:80" 3ms'
                ),
                _SIMPLE,
            ),
        ),
    ),
    Sample(
        "icecast",
        (
            (
                (
                    f'192.0.2.11 - - {CLOCK} "GET /live.mp3 HTTP/1.1" 200 4915200 "-" '
                    '"Player/2.1 (Demo)" 300'
                ),
                _SIMPLE._replace(url="/live.mp3", bytes="4915200", seconds="300"),
            ),
            (
                (
                    f'192.0.2.12 - ann {CLOCK} "GET /live.mp3 HTTP/1.1" 200 163840 "-" '
                    '"Player/2.1 (Demo)" 10'
                ),
                Right("ann", "192.0.2.12", url="/live.mp3", bytes="163840", seconds="10"),
            ),
        ),
    ),
    Sample(
        "ezproxy",
        (
            (
                f'192.0.2.11 - ann {CLOCK} "GET http://p.example:80/a?b=1 HTTP/1.1" 200 512',
                Right("ann", "192.0.2.11", client=None, url="http://p.example:80/a?b=1"),
            ),
            (
                f'192.0.2.11 S7xYz - {CLOCK} "GET http://p.example:80/b HTTP/1.1" 302 0',
                Right(
                    None,
                    "192.0.2.11",
                    client=None,
                    url="http://p.example:80/b",
                    status="302",
                    bytes="0",
                ),
            ),
        ),
    ),
    Sample(
        "ezproxy_time_first",
        (
            (
                f'{CLOCK} 192.0.2.11 - ann "GET http://p.example/a HTTP/1.1" 200 512',
                Right("ann", "192.0.2.11", client=None, url="http://p.example/a"),
            ),
        ),
    ),
    Sample(
        "nginx_proxy_manager",
        (
            (
                (
                    f"{CLOCK} - 200 200 - GET https music.example.org "
                    '"/record/1" [Client 192.0.2.11] [Length 512] [Gzip -] [Sent-to app] '
                    '"Player/2.1 (Demo)" "-"'
                ),
                _SIMPLE,
            ),
            (
                (
                    f"{CLOCK} HIT 200 404 - GET https music.example.org "
                    '"/record/1" [Client 2001:db8::7] [Length 512] [Gzip 3.1] [Sent-to app] '
                    '"Player/2.1 (Demo)" "https://a.example/"'
                ),
                Right(ip="2001:db8::7", status="404"),
            ),
        ),
    ),
    Sample(
        "nginx_proxy_manager_standard",
        (
            (
                (
                    f'{CLOCK} 200 - GET https music.example.org "/record/1" [Client 192.0.2.11] '
                    '[Length 512] [Gzip -] "Player/2.1 (Demo)" "-"'
                ),
                _SIMPLE,
            ),
        ),
    ),
    Sample(
        "squid",
        (
            (
                (
                    "1773043200.024      8 192.0.2.11 TCP_DENIED/407 1929 GET http://p.example/a - "
                    "NONE/- text/html"
                ),
                Right(None, "192.0.2.11", None, None, "http://p.example/a", "407", "1929"),
            ),
            (
                (
                    "1773043202.284   2102 192.0.2.11 TCP_MISS/200 309401 GET http://p.example/a "
                    "ann DIRECT/198.51.100.9 text/html"
                ),
                Right("ann", "192.0.2.11", None, None, "http://p.example/a", "200", "309401"),
            ),
        ),
    ),
    Sample(
        "squid_combined",
        (
            (
                (
                    f'192.0.2.11 - ann {CLOCK} "GET http://p.example/a HTTP/1.1" 200 512 "-" '
                    '"Player/2.1 (Demo)" TCP_MISS:HIER_DIRECT'
                ),
                Right("ann", "192.0.2.11", url="http://p.example/a"),
            ),
        ),
    ),
    Sample(
        "s3",
        (
            (
                (
                    f"79a5 media {CLOCK} 192.0.2.11 arn:aws:iam::1:user/ann 3E57427F "
                    "REST.GET.OBJECT "
                    'one.flac "GET /media/one.flac HTTP/1.1" 200 - 512 512 41 40 "-" '
                    '"Player/2.1 (Demo)" - s9lzHYrFp76ZVxRcpX9 SigV4 ECDHE AuthHeader'
                ),
                Right("arn:aws:iam::1:user/ann", "192.0.2.11", url="/media/one.flac"),
            ),
            (
                (
                    f"79a5 media {CLOCK} 192.0.2.11 - 3E57427F REST.GET.OBJECT "
                    'one.flac "GET /media/one.flac HTTP/1.1" 403 AccessDenied 243 - 7 - "-" '
                    '"Player/2.1 (Demo)" -'
                ),
                Right(None, "192.0.2.11", url="/media/one.flac", status="403", bytes="243"),
            ),
        ),
    ),
    Sample(
        "alb",
        (
            (
                (
                    "https 2026-03-09T08:00:00.186641Z app/my-alb/abc 192.0.2.11:44740 "
                    "10.0.0.1:80 "
                    '0.0 0.01 0.0 200 200 0 512 "GET https://d.example:443/record/1 HTTP/1.1" '
                    '"Player/2.1 (Demo)" ECDHE TLSv1.2 arn:aws:x "Root=1-5" "d.example"'
                ),
                Right(None, "192.0.2.11:44740", url="https://d.example:443/record/1"),
            ),
            (
                (
                    "h2 2026-03-09T08:00:01.186641Z app/my-alb/abc [2001:db8::7]:44740 - "
                    '-1 -1 -1 503 - 0 512 "GET https://d.example:443/record/1 HTTP/2.0" '
                    '"Player/2.1 (Demo)" ECDHE TLSv1.2 - "Root=1-5" "d.example"'
                ),
                Right(
                    None,
                    "[2001:db8::7]:44740",
                    url="https://d.example:443/record/1",
                    status="503",
                ),
            ),
        ),
    ),
    Sample(
        "elb",
        (
            (
                (
                    "2026-03-09T08:00:00.943439Z my-elb 192.0.2.11:2817 10.0.0.1:80 0.000073 "
                    "0.001 "
                    '0.00005 200 200 0 512 "GET http://d.example:80/record/1 HTTP/1.1" '
                    '"Player/2.1 (Demo)" - -'
                ),
                Right(None, "192.0.2.11:2817", url="http://d.example:80/record/1"),
            ),
        ),
    ),
    Sample(
        "haproxy",
        (
            (
                (
                    "192.0.2.11:33317 [09/Mar/2026:08:00:00.655] http-in static/srv1 "
                    "10/0/30/69/109 "
                    '200 512 - - ---- 1/1/1/1/0 0/0 {d.example|Player} {} "GET /record/1 HTTP/1.1"'
                ),
                Right(None, "192.0.2.11:33317", client=None),
            ),
            (
                (
                    "192.0.2.11:33318 [09/Mar/2026:08:00:01.655] http-in~ static/srv1 "
                    "10/0/30/69/109 "
                    '404 512 - - ---- 1/1/1/1/0 0/0 "GET /record/1 HTTP/1.1"'
                ),
                Right(None, "192.0.2.11:33318", client=None, status="404"),
            ),
        ),
    ),
    Sample(
        "haproxy",
        (
            (
                (
                    "Mar  9 08:00:00 lb1 haproxy[14389]: 192.0.2.11:33317 "
                    "[09/Mar/2026:08:00:00.655] http-in static/srv1 10/0/30/69/109 200 512 - - "
                    '---- 1/1/1/1/0 0/0 "GET /record/1 HTTP/1.1"'
                ),
                Right(None, "192.0.2.11:33317", client=None),
            ),
        ),
        "after a syslog header",
    ),
)
"""One sample at least of every known layout."""
