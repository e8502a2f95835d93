"""The records of products, each read right by a sample, and damaged ones without harm."""

from __future__ import annotations

import json
from typing import Any, Final

import pytest

from ringfence.events.formats.products import PRODUCTS
from ringfence.events.formats.usual_names import USUAL_NAMES, plain_name

Record = dict[str, Any]


def _nested(name: str, value: object) -> Record:
    """Return an object with a value under a dotted name."""
    first, _, rest = name.partition(".")
    return {first: _nested(rest, value) if rest else value}


def _merged(one: Record, other: Record) -> Record:
    both = dict(one)
    for name, value in other.items():
        both[name] = _merged(both[name], value) if isinstance(both.get(name), dict) else value
    return both


def record(flat: Record) -> Record:
    """Return the nested object of a record whose names are dotted."""
    whole: Record = {}
    for name, value in flat.items():
        whole = _merged(whole, _nested(name, value))
    return whole


SAMPLES: Final[dict[str, Record]] = {
    "Traefik access log": {
        "ClientAddr": "192.0.2.11:40210", "ClientHost": "192.0.2.11", "ClientUsername": "ann",
        "DownstreamContentSize": 5120, "DownstreamStatus": 200, "Duration": 10002425284,
        "OriginStatus": 200, "RequestMethod": "GET", "RequestPath": "/tracks/11",
        "RequestProtocol": "HTTP/1.1", "RouterName": "music@docker",
        "StartLocal": "2026-03-09T09:00:00.25+01:00", "StartUTC": "2026-03-09T08:00:00.25Z",
        "request_User-Agent": "Player/2.1", "level": "info", "msg": "",
        "time": "2026-03-09T08:00:10Z",
    },
    "Cloudflare Logpush, http_requests": {
        "CacheCacheStatus": "hit", "ClientIP": "192.0.2.11", "ClientRequestHost": "music.example",
        "ClientRequestMethod": "GET", "ClientRequestURI": "/tracks/11?q=1",
        "ClientRequestPath": "/tracks/11", "ClientRequestUserAgent": "Player/2.1",
        "EdgeEndTimestamp": 1773043201250000000, "EdgeResponseBytes": 5120,
        "EdgeResponseStatus": 200, "EdgeStartTimestamp": 1773043200250000000, "RayID": "8f0a",
    },
    "Google Cloud load balancer": {
        "httpRequest.latency": "0.031s", "httpRequest.remoteIp": "192.0.2.11",
        "httpRequest.requestMethod": "GET", "httpRequest.requestSize": "220",
        "httpRequest.requestUrl": "https://music.example/tracks/11",
        "httpRequest.responseSize": "5120", "httpRequest.serverIp": "10.0.0.3",
        "httpRequest.status": 200, "httpRequest.userAgent": "Player/2.1", "insertId": "1x",
        "jsonPayload.statusDetails": "response_sent_by_backend", "logName": "projects/p",
        "receiveTimestamp": "2026-03-09T08:00:03Z", "timestamp": "2026-03-09T08:00:00.250Z",
    },
    "Amazon API Gateway, access log": {
        "requestId": "c6af9ac6", "ip": "192.0.2.11", "caller": "-", "user": "ann",
        "requestTime": "09/Mar/2026:08:00:00 +0000", "requestTimeEpoch": 1773043200250,
        "httpMethod": "GET", "resourcePath": "/tracks/{id}", "path": "/tracks/11",
        "status": "200", "protocol": "HTTP/1.1", "responseLength": "5120",
    },
    "AWS WAF": {
        "timestamp": 1773043200250, "formatVersion": 1, "action": "ALLOW", "responseCodeSent": 200,
        "httpRequest.clientIp": "192.0.2.11", "httpRequest.country": "FR",
        "httpRequest.uri": "/tracks/11", "httpRequest.args": "", "httpRequest.httpMethod": "GET",
        "httpRequest.requestId": "1-5",
    },
    "Kong and APISIX, HTTP log": {
        "client_ip": "192.0.2.11", "consumer.id": "8a", "consumer.username": "ann",
        "latencies.request": 515, "request.headers.user-agent": "Player/2.1",
        "request.headers.host": "music.example", "request.method": "GET", "request.size": "75",
        "request.uri": "/tracks/11", "request.url": "http://music.example:8000/tracks/11",
        "response.size": "5120", "response.status": 200, "service.id": "1c",
        "started_at": 1773043200250, "upstream_uri": "/",
    },
    "Fastly, real-time log streaming": {
        "timestamp": "2026-03-09T08:00:00.25+0000", "client_ip": "192.0.2.11",
        "geo_country": "france", "host": "music.example", "url": "/tracks/11",
        "request_method": "GET", "request_protocol": "HTTP/2", "request_user_agent": "Player/2.1",
        "response_state": "HIT-CLUSTER", "response_status": 200, "response_reason": "OK",
        "response_body_size": 5120, "fastly_server": "cache-par-1", "fastly_is_edge": True,
    },
    "Elastic Common Schema": {
        "@timestamp": "2026-03-09T08:00:00.250Z", "ecs.version": "8.11", "event.duration": 5000000,
        "source.ip": "192.0.2.11", "user.name": "ann", "http.request.method": "GET",
        "http.response.status_code": 200, "http.response.body.bytes": 5120,
        "url.original": "/tracks/11?q=1", "url.path": "/tracks/11",
        "user_agent.original": "Player/2.1",
    },
    "Azure Application Gateway and Front Door": {
        "timeStamp": "2026-03-09T08:00:00.25Z", "category": "ApplicationGatewayAccessLog",
        "properties.clientIP": "192.0.2.11", "properties.httpMethod": "GET",
        "properties.requestUri": "/tracks/11", "properties.userAgent": "Player/2.1",
        "properties.httpStatus": 200, "properties.receivedBytes": 65, "properties.sentBytes": 5120,
        "properties.timeTaken": 205,
    },
    "Envoy and Istio": {
        "start_time": "2026-03-09T08:00:00.250Z", "method": "GET", "path": "/tracks/11",
        "protocol": "HTTP/1.1", "response_code": 200, "response_flags": "-", "bytes_received": 0,
        "bytes_sent": 5120, "duration": 3, "x_forwarded_for": None, "user_agent": "Player/2.1",
        "request_id": "2a", "authority": "music.example", "downstream_remote_address": "192.0.2.11",
    },
    "Akamai DataStream 2": {
        "version": 2, "cp": "123456", "reqId": "1239f2", "reqTimeSec": "1773043200.250",
        "bytes": "5120", "cliIP": "192.0.2.11", "statusCode": "200", "proto": "HTTPS",
        "reqHost": "music.example", "reqMethod": "GET", "reqPath": "/tracks/11", "UA": "Player/2.1",
        "turnAroundTimeMSec": "11",
    },
    "Logstash, COMBINEDAPACHELOG": {
        "@timestamp": "2026-03-09T09:30:00.000Z", "timestamp": "09/Mar/2026:08:00:00 +0000",
        "clientip": "192.0.2.11", "ident": "-", "auth": "ann", "verb": "GET",
        "request": "/tracks/11", "httpversion": "1.1", "response": "200", "bytes": "5120",
        "referrer": "-", "agent": "Player/2.1", "host": "web1",
    },
}  # fmt: skip
"""Product to a record of ann or of an address, which took /tracks/11 at 08:00 UTC on 2026-03-09."""


def line(product: str, **changes: object) -> str:
    """Return the sample of a product as one line, perhaps with other values by dotted name."""
    return json.dumps(record(SAMPLES[product] | changes))


EIGHT = "2026-03-09 08:00:00"
LOGINS = {name for name, sample in SAMPLES.items() if "ann" in sample.values()}
NO_BYTES = {"AWS WAF"}
NO_CLIENT = {"AWS WAF", "Amazon API Gateway, access log"}
NAMES = [product.name for product in PRODUCTS]


def test_every_product_has_a_sample() -> None:
    """A product without a sample is not known to be read."""
    assert sorted(SAMPLES) == sorted(NAMES)


@pytest.mark.parametrize("product", PRODUCTS, ids=lambda one: one.name)
def test_names_are_those_of_the_reference(product: object) -> None:
    """Every raw column is one that there is, and the sample has the marks."""
    assert isinstance(product, type(PRODUCTS[0]))
    assert set(product.columns) <= set(USUAL_NAMES)
    assert set(product.marks) <= set(SAMPLES[product.name])
    assert product.reference.startswith("https://")


@pytest.mark.parametrize("name", NAMES)
def test_a_sample_is_read_right(read, name: str) -> None:  # noqa: ANN001 - a fixture
    """Time, account, item, address, client and bytes are the record's; no seconds are played."""
    out = read((line(name) + "\n" + line(name) + "\n").encode())
    (take, _) = out.takes
    assert str(take["ts"]).startswith(EIGHT)
    assert take["item"] == "11"
    assert take["ip"] == "192.0.2.11"
    assert take["client"] == (None if name in NO_CLIENT else "Player/2.1")
    assert take["bytes"] == (None if name in NO_BYTES else 5120)
    assert take["seconds"] is None
    assert take["account"] == "ann" if name in LOGINS else take["account"].startswith("192.0.2.11")
    assert out.quarantined == []


@pytest.mark.parametrize("name", NAMES)
def test_a_failed_request_is_no_take(read, name: str) -> None:  # noqa: ANN001
    """The status is the one that the client was sent."""
    status = next(p for p in PRODUCTS if p.name == name).columns["status"]
    column = next(one for one in status if one in SAMPLES[name])
    out = read((line(name) + "\n" + line(name, **{column: 404}) + "\n").encode())
    assert (len(out.takes), out.outcomes) == (1, ["item-missing"])


@pytest.mark.parametrize("name", NAMES)
def test_another_method_is_no_take(read, name: str) -> None:  # noqa: ANN001
    """The method is the request's."""
    (column,) = next(p for p in PRODUCTS if p.name == name).columns["method"]
    out = read((line(name) + "\n" + line(name, **{column: "DELETE"}) + "\n").encode())
    assert (len(out.takes), out.outcomes) == (1, ["other-method"])


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_damaged_lines_are_quarantined(read, name: str) -> None:  # noqa: ANN001
    """Lines that are cut off, that are not objects or that hold other types harm no other line."""
    whole = line(name)
    odd = record({key: [value, {"x": None}] for key, value in SAMPLES[name].items()})
    bad = [
        whole[: len(whole) // 2],
        "[" + whole + "]",
        json.dumps(odd),
        whole[:-1] + "\x00",
        "null",
    ]
    out = read("\n".join([*bad, *[whole] * 9, ""]).encode())
    assert len(out.takes) == 9
    assert sorted(q["line"] for q in out.quarantined) == [1, 2, 3, 4, 5]


@pytest.mark.parametrize("name", NAMES)
def test_marks_tell_products_apart(name: str) -> None:
    """No product's sample has the marks of one that is tried before it."""
    sample = {plain_name(one) for one in SAMPLES[name]}
    fitting = [p.name for p in PRODUCTS if sample.issuperset(map(plain_name, p.marks))]
    assert fitting[0] == name
