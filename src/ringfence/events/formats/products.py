"""Define the products whose access records have their own column names.

Adding a product is one entry here and one sample in its test.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from ringfence.events.formats.usual_names import plain_name


@dataclass(frozen=True)
class Product:
    """A product whose access records have their own column names.

    Attributes:
        name: the product, and the log that is meant.
        marks: names that are all there if the record is of this product.
        columns: raw column (or ``request``) to the product's names, the most specific first.
        reference: where the product's documentation lists them.
    """

    name: str
    marks: tuple[str, ...]
    columns: Mapping[str, tuple[str, ...]]
    reference: str


PRODUCTS: tuple[Product, ...] = (
    Product(
        "Traefik access log",
        ("RequestPath", "DownstreamStatus"),
        {
            "time": ("StartUTC", "time", "StartLocal"),
            "login": ("ClientUsername",),
            "ip": ("ClientHost", "ClientAddr"),
            "forwarded": ("request_X-Forwarded-For",),
            "client": ("request_User-Agent",),
            "method": ("RequestMethod",),
            "url": ("RequestPath",),
            "status": ("DownstreamStatus",),
            "bytes": ("DownstreamContentSize",),
        },
        "https://doc.traefik.io/traefik/reference/install-configuration/observability/logs-and-accesslogs/",
    ),
    Product(
        "Cloudflare Logpush, http_requests",
        ("ClientIP", "EdgeStartTimestamp"),
        {
            "time": ("EdgeStartTimestamp", "EdgeEndTimestamp"),
            "ip": ("ClientIP",),
            "client": ("ClientRequestUserAgent",),
            "method": ("ClientRequestMethod",),
            "url": ("ClientRequestURI", "ClientRequestPath"),
            "status": ("EdgeResponseStatus",),
            "bytes": ("EdgeResponseBytes",),
        },
        "https://developers.cloudflare.com/logs/logpush/logpush-job/datasets/zone/http_requests/",
    ),
    Product(
        "Google Cloud load balancer",
        ("httpRequest.requestUrl",),
        {
            "time": ("timestamp", "receiveTimestamp"),
            "ip": ("httpRequest.remoteIp",),
            "client": ("httpRequest.userAgent",),
            "method": ("httpRequest.requestMethod",),
            "url": ("httpRequest.requestUrl",),
            "status": ("httpRequest.status",),
            "bytes": ("httpRequest.responseSize",),
        },
        "https://cloud.google.com/load-balancing/docs/https/https-logging-monitoring",
    ),
    Product(
        "Amazon API Gateway, access log",
        ("requestId", "httpMethod"),
        {
            "time": ("requestTimeEpoch", "requestTime"),
            "login": ("user", "caller", "identity.user", "identity.caller"),
            "ip": ("identity.sourceIp", "sourceIp", "ip"),
            "client": ("identity.userAgent", "userAgent"),
            "method": ("httpMethod",),
            # The resource path is the pattern of the route, one for all its items.
            "url": ("path", "rawPath", "resourcePath"),
            "status": ("status",),
            "bytes": ("responseLength",),
        },
        "https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-logging.html",
    ),
    Product(
        "AWS WAF",
        ("httpRequest.clientIp", "httpRequest.uri"),
        {
            "time": ("timestamp",),
            "ip": ("httpRequest.clientIp",),
            "method": ("httpRequest.httpMethod",),
            "url": ("httpRequest.uri",),
            "status": ("responseCodeSent",),
        },
        "https://docs.aws.amazon.com/waf/latest/developerguide/logging-fields.html",
    ),
    Product(
        "Kong and APISIX, HTTP log",
        ("client_ip", "request.uri", "response.status"),
        {
            "time": ("started_at", "start_time"),
            "login": ("consumer.username", "consumer.custom_id", "authenticated_entity.id"),
            "ip": ("client_ip",),
            "forwarded": ("request.headers.x-forwarded-for",),
            "client": ("request.headers.user-agent",),
            "method": ("request.method",),
            "url": ("request.uri",),
            "status": ("response.status",),
            "bytes": ("response.size",),
        },
        "https://developer.konghq.com/plugins/http-log/",
    ),
    Product(
        "Fastly, real-time log streaming",
        ("client_ip", "fastly_server"),
        {
            "time": ("timestamp",),
            "ip": ("client_ip",),
            "client": ("request_user_agent",),
            "method": ("request_method",),
            "url": ("url",),
            "status": ("response_status",),
            "bytes": ("response_body_size",),
        },
        "https://www.fastly.com/documentation/guides/integrations/streaming-logs/",
    ),
    Product(
        "Elastic Common Schema",
        ("source.ip", "http.request.method"),
        {
            "time": ("@timestamp",),
            "login": ("user.id", "user.name"),
            "ip": ("client.ip", "source.ip"),
            "client": ("user_agent.original",),
            "method": ("http.request.method",),
            "url": ("url.original", "url.full", "url.path"),
            "status": ("http.response.status_code",),
            "bytes": ("http.response.body.bytes", "http.response.bytes"),
        },
        "https://www.elastic.co/docs/reference/ecs/ecs-field-reference",
    ),
    Product(
        "Azure Application Gateway and Front Door",
        ("properties.requestUri", "properties.httpMethod"),
        {
            "time": ("timeStamp", "time"),
            "ip": ("properties.clientIP",),
            "client": ("properties.userAgent",),
            "method": ("properties.httpMethod",),
            "url": ("properties.originalRequestUriWithArgs", "properties.requestUri"),
            "status": ("properties.httpStatus", "properties.httpStatusCode"),
            "bytes": ("properties.sentBytes", "properties.responseBytes"),
        },
        "https://learn.microsoft.com/azure/application-gateway/monitor-application-gateway-reference",
    ),
    Product(
        "Envoy and Istio",
        ("downstream_remote_address", "response_code"),
        {
            "time": ("start_time",),
            "ip": ("downstream_remote_address",),
            "forwarded": ("x_forwarded_for",),
            "client": ("user_agent",),
            "method": ("method",),
            "url": ("path",),
            "status": ("response_code",),
            "bytes": ("bytes_sent",),
        },
        "https://www.envoyproxy.io/docs/envoy/latest/configuration/observability/access_log/usage",
    ),
    Product(
        "Akamai DataStream 2",
        ("cliIP", "reqPath"),
        {
            "time": ("reqTimeSec",),
            "ip": ("cliIP",),
            "forwarded": ("xForwardedFor",),
            "client": ("UA",),
            "method": ("reqMethod",),
            "url": ("reqPath",),
            "status": ("statusCode",),
            "bytes": ("bytes", "totalBytes"),
        },
        "https://techdocs.akamai.com/datastream2/docs/data-set-parameters",
    ),
    Product(
        "Logstash, COMBINEDAPACHELOG",
        ("clientip", "verb", "request"),
        {
            "time": ("timestamp", "@timestamp"),
            "login": ("auth",),
            "ip": ("clientip",),
            "client": ("agent",),
            "method": ("verb",),
            "url": ("request",),
            "status": ("response",),
            "bytes": ("bytes",),
        },
        "https://github.com/logstash-plugins/logstash-patterns-core",
    ),
)
"""Products by the names of their records; the first whose marks are all there counts."""


def product_of(plain: Iterable[str]) -> Product | None:
    """Return the product whose identifying columns are among these normalised names."""
    there = set(plain)
    return next((one for one in PRODUCTS if there.issuperset(map(plain_name, one.marks))), None)
