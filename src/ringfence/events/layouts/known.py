"""The known layouts, which are tried without any setting. To add one: an entry here and a sample.

An entry whose notation ends with ``...`` may be followed by more fields, which the first lines show
(:mod:`ringfence.events.layouts.tail`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache
from typing import Final

from ringfence.events.layouts.layout import Layout
from ringfence.events.layouts.notation import layout_of
from ringfence.events.layouts.plausible import (
    RowsOfFields,
    is_icecast,
    mostly_absolute,
    peers_repeat,
)
from ringfence.events.layouts.tail import MORE


@dataclass(frozen=True)
class KnownLayout:
    """A layout that is tried without any setting.

    Attributes:
        name: its name, for ``events.format``.
        notation: in the notation of Apache or nginx; ``...`` at the end if more fields may follow.
        meaning: one line for the reference.
        source: where the layout is described.
        open_end: whether fields may follow that its publisher adds over time.
        fits: a further condition on the fields of the first lines.
    """

    name: str
    notation: str
    meaning: str
    source: str
    open_end: bool = False
    fits: Callable[[RowsOfFields], bool] | None = None

    @property
    def has_tail(self) -> bool:
        """Return whether the first lines show which fields follow."""
        return self.notation.endswith(MORE)

    def layout(self) -> Layout:
        """Return the layout; of one with a tail, its beginning."""
        return _layout(self)


@cache
def _layout(known: KnownLayout) -> Layout:
    notation = known.notation.removesuffix(MORE)
    layout = layout_of(notation, name=known.name, open_end=known.open_end)
    if not known.has_tail:
        return layout
    return replace(layout, open_end=True, tail=len(layout.pieces))


_APACHE = "https://httpd.apache.org/docs/2.4/mod/mod_log_config.html"
_NGINX = "https://nginx.org/en/docs/http/ngx_http_log_module.html"
_EZPROXY = "https://help.oclc.org/Library_Management/EZproxy/Configure_resources/LogFormat"
_SQUID = "https://wiki.squid-cache.org/Features/LogFormat"
_NPM = "https://github.com/NginxProxyManager/nginx-proxy-manager"
_ELB = "https://docs.aws.amazon.com/elasticloadbalancing/latest"
_END = '%t "%r" %>s %b'
_OWN_END = '[$time_local] "$request" $status $bytes'
_OWN_START = f"$client_host $ident $login {_OWN_END}"

KNOWN: Final[tuple[KnownLayout, ...]] = (
    KnownLayout(
        "icecast",
        f'{_OWN_START} "$http_referer" "$http_user_agent" $seconds',
        "Icecast's access log, with the seconds that a listener stayed.",
        "https://icecast.org/docs/icecast-2.4.1/config-file.html",
        fits=is_icecast,
    ),
    KnownLayout(
        "squid_combined",
        f'{_OWN_START} "$http_referer" "$http_user_agent" $squid_result',
        "Squid's log in the form of Apache's combined log.",
        _SQUID,
    ),
    KnownLayout(
        "traefik",
        '$remote_addr - $remote_user [$time_local] "$request" $status $body_bytes_sent '
        '"$http_referer" "$http_user_agent" $number "$router" "$server" ${duration}ms',
        "Traefik's access log in the common format.",
        "https://doc.traefik.io/traefik/observability/access-logs/",
    ),
    KnownLayout(
        "ezproxy",
        f"%h %l %u {_END} ...",
        "EZproxy's usual log: the common format with absolute URLs.",
        _EZPROXY,
        fits=mostly_absolute,
    ),
    KnownLayout(
        "combined",
        f"%h %l %u {_END} ...",
        "The common and the combined log of Apache, nginx and Tomcat, with any timings, addresses "
        "or names before or after the referrer and the client.",
        _APACHE,
    ),
    KnownLayout(
        "common",
        f"%h %l %u {_END}",
        "The common log without any further field.",
        _APACHE,
    ),
    KnownLayout(
        "ezproxy_time_first",
        '%t %h %l %u "%r" %>s %b ...',
        "EZproxy's log with the time first.",
        _EZPROXY,
    ),
    KnownLayout(
        "vhost_combined",
        f"$host_name:$server_port {_OWN_START} ...",
        "Apache's combined log with the virtual host and its port first.",
        _APACHE,
    ),
    KnownLayout(
        "vhost",
        f"$host_name {_OWN_START} ...",
        "The combined log with the virtual host first.",
        _APACHE,
    ),
    KnownLayout(
        "forwarded_second",
        f"%a %{{X-Forwarded-For}}i %l %u {_END} ...",
        "The combined log with the forwarded addresses after the address of the proxy.",
        _APACHE,
        fits=peers_repeat,
    ),
    KnownLayout(
        "forwarded_first",
        f"%{{X-Forwarded-For}}i %a %l %u {_END} ...",
        "The combined log with the forwarded addresses first.",
        _APACHE,
    ),
    KnownLayout(
        "forwarded_only",
        f"$addresses $ident $login {_OWN_END} ...",
        "The combined log with the forwarded addresses in place of the address.",
        _APACHE,
    ),
    KnownLayout(
        "forwarded_quoted",
        f'"%{{X-Forwarded-For}}i" %h %l %u {_END} ...',
        "The combined log with the forwarded addresses first, in quotes.",
        _APACHE,
    ),
    KnownLayout(
        "forwarded_brackets",
        f"%h (%{{X-Forwarded-For}}i) %l %u {_END} ...",
        "The combined log with the forwarded addresses in brackets after the address.",
        _APACHE,
    ),
    KnownLayout(
        "nginx_proxy_manager",
        "[$time_local] $cache_status $upstream_status $status - $request_method $scheme $host "
        '"$request_uri" [Client $remote_addr] [Length $body_bytes_sent] [Gzip $gzip_ratio] '
        '[Sent-to $server] "$http_user_agent" "$http_referer"',
        "Nginx Proxy Manager's log of a proxy host.",
        _NPM,
    ),
    KnownLayout(
        "nginx_proxy_manager_standard",
        '[$time_local] $status - $request_method $scheme $host "$request_uri" '
        "[Client $remote_addr] [Length $body_bytes_sent] [Gzip $gzip_ratio] "
        '"$http_user_agent" "$http_referer"',
        "Nginx Proxy Manager's log of other hosts.",
        _NPM,
    ),
    KnownLayout(
        "squid",
        "$msec $padded_number $ip $result/$status $bytes $method $url $login $hierarchy/$peer "
        "$content_type",
        "Squid's native log.",
        _SQUID,
        open_end=True,
    ),
    KnownLayout(
        "s3",
        "$owner $bucket [$time_local] $ip $login $request_id $operation $key "
        '"$request" $status $error $bytes $object_size $total_time $turn_around "$referrer" '
        '"$client" $version',
        "The server access log of Amazon S3.",
        "https://docs.aws.amazon.com/AmazonS3/latest/userguide/LogFormat.html",
        open_end=True,
    ),
    KnownLayout(
        "alb",
        "$type $time $balancer $ip $target $number $number $number $status $target_status "
        '$number $bytes "$request" "$client" $cipher $protocol',
        "The access log of an AWS Application Load Balancer.",
        f"{_ELB}/application/load-balancer-access-logs.html",
        open_end=True,
    ),
    KnownLayout(
        "elb",
        "$time $balancer $ip $target $number $number $number $status $target_status "
        '$number $bytes "$request" "$client" $cipher $protocol',
        "The access log of an AWS Classic Load Balancer.",
        f"{_ELB}/classic/access-log-collection.html",
        open_end=True,
    ),
    KnownLayout(
        "haproxy",
        "$ip [$clock] $frontend $backend/$server $timers $status $bytes $cookie $set_cookie "
        '$termination $connections $queues $captures"$request"',
        "HAProxy's HTTP log.",
        "https://docs.haproxy.org/2.8/configuration.html#8.2.3",
        open_end=True,
    ),
)
"""The table of known layouts. Of layouts that fit equally well, the first is used."""


def known_layout(name: str) -> KnownLayout | None:
    """Return the known layout of a name, or None."""
    return next((one for one in KNOWN if one.name == name), None)
