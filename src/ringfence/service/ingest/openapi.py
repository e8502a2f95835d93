"""The description of the API of the service, in the form of OpenAPI 3.1.

It is written by hand, because the routes read bodies as streams and declare nothing themselves. A
test compares its paths with the routes, and another one sends what it permits to a real service.
"""

from __future__ import annotations

from importlib.metadata import version
from typing import Any, Final

Json = dict[str, Any]
"""A part of the description."""

_COLUMNS: Final = {
    "ts": "Time of the access: ISO 8601, or seconds since 1970.",
    "account": "The account.",
    "ip": "Address of the client.",
    "item": "The item.",
    "url": "Address of the request, from which the item is read if there is none.",
    "agent": "User agent of the client.",
    "status": "Status of the answer.",
    "bytes": "Bytes of the answer.",
}


def api_description(authorize_port: int) -> Json:
    """Return the description.

    Args:
        authorize_port: the port that answers gateways.
    """
    gateways = [{"url": f"http://127.0.0.1:{authorize_port}", "description": "for gateways"}]
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Ringfence",
            "version": version("ringfence"),
            "summary": "Take events, and say which accounts are restricted.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "paths": {
            "/api/v1/events": {"post": _events()},
            "/v1/decisions": {"get": _decisions()},
            "/v1/decisions/stream": {"get": _stream()},
            "/metrics": {
                "get": _guarded("metrics", "Metrics for Prometheus", _text("All metrics."))
            },
            "/healthz": {"get": _open("Whether the process runs", {"200": _text("It runs.")})},
            "/readyz": {"get": _open("Whether batches can be stored", _readiness())},
            "/openapi.json": {
                "get": _open(
                    "This document", {"200": _content("The document.", {"type": "object"})}
                )
            },
            "/api/v1/authorize": {"servers": gateways, "get": _authorize()},
            "/api/v1/allowance": {"servers": gateways, "get": _allowance()},
        },
        "components": {
            "securitySchemes": {
                "token": {"type": "http", "scheme": "bearer"},
                "bouncer": {"type": "apiKey", "in": "header", "name": "X-Api-Key"},
                "gateway": {"type": "apiKey", "in": "header", "name": "X-Ringfence-Token"},
            },
            "schemas": {"Problem": _PROBLEM, "Event": _EVENT, "Decision": _DECISION},
        },
    }


_PROBLEM: Final[Json] = {
    "type": "object",
    "description": "Why a request is refused (RFC 9457).",
    "required": ["title", "status", "detail"],
    "properties": {
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "accepted": {"type": "integer"},
        "quarantined": {"type": "integer"},
    },
}

_EVENT: Final[Json] = {
    "type": "object",
    "description": "One access. Its values are read later, by the judge; other keys are left out.",
    "properties": {name: {"description": meaning} for name, meaning in _COLUMNS.items()},
    "examples": [{"ts": "2026-11-29T09:00:00Z", "account": "ann", "item": "t1"}],
}

_DECISION: Final[Json] = {
    "type": "object",
    "required": ["duration", "id", "origin", "scenario", "scope", "type", "value"],
    "properties": {
        **{
            name: {"type": "string"}
            for name in ("duration", "origin", "scenario", "scope", "value")
        },
        "id": {"type": "integer"},
        "type": {"enum": ["ban", "captcha", "throttle"]},
    },
}

_DECISIONS: Final[Json] = {"type": "array", "items": {"$ref": "#/components/schemas/Decision"}}


def _events() -> Json:
    one = {"$ref": "#/components/schemas/Event"}
    key: Json = {
        "name": "Idempotency-Key",
        "in": "header",
        "description": "A batch with a key that was seen is acknowledged, and not stored again.",
        "schema": {"type": "string", "pattern": '^"?[!-~]{0,255}"?$'},
    }
    counts = {
        "type": "object",
        "required": ["accepted", "quarantined", "repeated"],
        "properties": {
            "accepted": {"type": "integer", "minimum": 0},
            "quarantined": {"type": "integer", "minimum": 0},
            "repeated": {"type": "boolean"},
        },
    }
    described = _guarded("ingest", "Store a batch of events", None)
    problems = {
        str(status): _problem(meaning)
        for status, meaning in {
            400: "The body or a header cannot be read.",
            408: "The body did not arrive in time.",
            413: "The batch is too large.",
            415: "The form or the compression of the body is not known.",
            422: "No record could be read.",
            429: "Too many events wait; Retry-After says when to retry.",
            503: "The disk is full or fails; Retry-After says when to retry.",
        }.items()
    }
    stored = {"202": _content("The batch is on disk.", counts)}
    return {
        **described,
        "parameters": [key],
        "requestBody": {
            "required": True,
            "content": {"application/json": {"schema": {"type": "array", "items": one}}},
        },
        "responses": {**described["responses"], **stored, **problems},
    }


def _decisions() -> Json:
    described = _guarded("decisions", "Decisions on an address or an account", None)
    found = {"oneOf": [_DECISIONS, {"type": "null"}]}
    return {
        **described,
        "security": [{"bouncer": ["decisions"]}],
        "parameters": [
            _query("ip", "An address; decisions on its networks are found too."),
            _query("range", "A network."),
            _query("scope", "ip, range or username, with value."),
            _query("value", "The account, with scope."),
            _query("origins", "Requested origins, separated by commas; ours is ringfence."),
        ],
        "responses": {
            **described["responses"],
            "200": _content("The decisions; null if there is none.", found),
            **_bouncer_problems(),
        },
    }


def _stream() -> Json:
    described = _guarded("decisions", "Changes since the last stream of this bouncer", None)
    parts = {
        "type": "object",
        "required": ["new", "deleted"],
        "properties": {"new": _DECISIONS, "deleted": _DECISIONS},
    }
    startup = {"name": "startup", "in": "query", "schema": {"type": "boolean"}}
    return {
        **described,
        "security": [{"bouncer": ["decisions"]}],
        "parameters": [
            {**startup, "description": "Whether the bouncer starts, and needs all decisions."},
            _query("scopes", "Requested scopes, separated by commas."),
            _query("origins", "Requested origins, separated by commas; ours is ringfence."),
        ],
        "responses": {
            **described["responses"],
            "200": _content("New and deleted decisions.", parts),
            **_bouncer_problems(),
        },
    }


def _authorize() -> Json:
    answers = {
        "200": "The request is allowed.",
        "401": "The account must prove itself first, or the gateway has no valid token.",
        "403": "The request is denied, or the gateway has no valid token.",
        "429": "The account has no allowance left; Retry-After says when to retry.",
    }
    return {
        "summary": "Whether an account may have an item, with the usual status codes",
        "description": "Gateways have paths of their own below this one, with their status codes.",
        "security": [{"gateway": ["authorize"]}, {}],
        "parameters": [
            _header("X-Ringfence-Account", "The account."),
            _header("X-Ringfence-Item", "The item; or X-Original-URI, from which it is read."),
        ],
        "responses": {status: {"description": text} for status, text in answers.items()},
    }


def _allowance() -> Json:
    return {
        "summary": "The items that an account may still take",
        "security": [{"gateway": ["authorize"]}, {}],
        "parameters": [{**_header("X-Ringfence-Account", "The account."), "required": True}],
        "responses": {
            "200": _content("The allowance per window.", {"type": "object"}),
            "400": _text("The account is missing."),
            "403": _text("The gateway has no valid token."),
        },
    }


def _guarded(scope: str, summary: str, answer: Json | None) -> Json:
    return {
        "summary": summary,
        "security": [{"token": [scope]}],
        "responses": {
            **({"200": answer} if answer else {}),
            "401": _problem("There is no valid token."),
            "403": _problem(f"The token lacks the scope {scope}."),
            "500": _problem("The service failed."),
        },
    }


def _open(summary: str, responses: Json) -> Json:
    return {"summary": summary, "security": [], "responses": responses}


def _readiness() -> Json:
    told = {
        "type": "object",
        "required": ["ready", "problems"],
        "properties": {
            "ready": {"type": "boolean"},
            "problems": {"type": "array", "items": {"type": "string"}},
        },
    }
    return {"200": _content("It is ready.", told), "503": _content("It is not.", told)}


def _bouncer_problems() -> Json:
    said = {
        "type": "object",
        "required": ["message"],
        "properties": {"message": {"type": "string"}},
    }
    return {
        "400": _content("A parameter cannot be used.", said),
        "503": _content("The case store cannot be read.", said),
    }


def _query(name: str, meaning: str) -> Json:
    schema = {"type": "string", "maxLength": 4_096}
    return {"name": name, "in": "query", "description": meaning, "schema": schema}


def _header(name: str, meaning: str) -> Json:
    return {"name": name, "in": "header", "description": meaning, "schema": {"type": "string"}}


def _content(meaning: str, schema: Json) -> Json:
    return {"description": meaning, "content": {"application/json": {"schema": schema}}}


def _text(meaning: str) -> Json:
    return {"description": meaning, "content": {"text/plain": {"schema": {"type": "string"}}}}


def _problem(meaning: str) -> Json:
    schema = {"$ref": "#/components/schemas/Problem"}
    return {"description": meaning, "content": {"application/problem+json": {"schema": schema}}}
