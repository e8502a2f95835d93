"""OpenID Shared Signals: signed tokens are pushed, and keys can be changed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, KeySet, RSAKey
from tests.cases.findings import moment
from tests.enforcement.effects import effect
from tests.enforcement.receivers import PushReceiver, running_receiver

from ringfence.enforcement import SinkError
from ringfence.enforcement.security_events import (
    ACCOUNT_DISABLED,
    ACCOUNT_ENABLED,
    PUSH,
    SESSION_REVOKED,
    Issuer,
    stream_configuration,
    transmitter_configuration,
)
from ringfence.enforcement.signing_keys import SigningKeys, read_signing_keys
from ringfence.enforcement.sinks.ssf import SsfSink
from ringfence.errors import SettingsError

ISSUER = "https://catalogue.example"


def key_set(*keys: ECKey | RSAKey) -> str:
    """Return keys as the environment holds them."""
    return json.dumps(KeySet(list(keys)).as_dict(private=True))


OLD, NEW = ECKey.generate_key("P-256"), RSAKey.generate_key(2048)
KEYS = read_signing_keys(key_set(OLD), "idp")


@pytest.fixture
def receiver() -> Iterator[PushReceiver]:
    """Return a running receiver."""
    with running_receiver() as one:
        yield one


def sink(receiver: PushReceiver, keys: SigningKeys = KEYS) -> SsfSink:
    """Return a sink that may use this machine."""
    issuer = Issuer(ISSUER, "https://idp.example", keys)
    return SsfSink("idp", issuer, receiver.url, "Bearer hunter2", allow_private=True)


def tokens(receiver: PushReceiver, keys: SigningKeys = KEYS) -> list[Any]:
    """Return the tokens that a receiver got, checked with the public keys."""
    public = KeySet.import_key_set(keys.public())  # type: ignore[arg-type] # a set of its form
    return [jwt.decode(body, public, algorithms=["ES256", "RS256"]) for _, body in receiver.got]


def test_a_suspension_has_two_tokens(receiver: PushReceiver) -> None:
    """The account is disabled, then its sessions are revoked, in the forms of the standards."""
    sink(receiver).apply(effect(account="ann <é>"))
    first, second = tokens(receiver)
    assert first.header == {"alg": "ES256", "typ": "secevent+jwt", "kid": KEYS.keys[0].kid}
    made = moment(1) // 1_000_000
    common = {
        "iss": ISSUER, "iat": made, "aud": "https://idp.example", "txn": "k" * 32,
        "sub_id": {"format": "iss_sub", "iss": ISSUER, "sub": "ann <é>"},
    }  # fmt: skip
    assert first.claims == {
        **common,
        "jti": "k" * 32 + "-account",
        "events": {ACCOUNT_DISABLED: {}},
    }
    assert second.claims == {
        **common, "jti": "k" * 32 + "-session",
        "events": {SESSION_REVOKED: {"event_timestamp": made}},
    }  # fmt: skip
    for headers, _ in receiver.got:
        assert headers["content-type"] == "application/secevent+jwt"
        assert headers["accept"] == "application/json"
        assert headers["authorization"] == "Bearer hunter2"


@pytest.mark.parametrize(
    ("name", "suspended", "events"),
    [
        ("lift", True, [ACCOUNT_ENABLED]),
        ("throttle", True, [ACCOUNT_ENABLED]),
        ("challenge", True, [ACCOUNT_ENABLED, SESSION_REVOKED]),
        ("lift", False, []),
        ("throttle", False, []),
        ("challenge", False, [SESSION_REVOKED]),
    ],
)
def test_only_a_suspended_account_is_enabled(
    receiver: PushReceiver, name: str, suspended: bool, events: list[str]
) -> None:
    """An account that the receiver disabled for its own reasons stays so."""
    sink(receiver).apply(effect(name=name, suspended=suspended))
    assert [next(iter(token.claims["events"])) for token in tokens(receiver)] == events


def test_a_repeated_token_is_the_same(receiver: PushReceiver) -> None:
    """After the second token failed, both are sent again with the same claims."""
    receiver.answers = [(202, b""), (503, b"")]
    with pytest.raises(SinkError, match="status 503"):
        sink(receiver).apply(effect())
    sink(receiver).apply(effect())
    claims = [token.claims for token in tokens(receiver)]
    assert claims[:2] == claims[2:]


@pytest.mark.parametrize(
    ("status", "body", "said", "retry"),
    [
        (400, b'{"err":"invalid_request","description":"hunter3"}', "answers invalid_req", False),
        (400, b'{"err":"invalid_key"}', "answers invalid_key", True),
        (400, b'{"err":"authentication_failed"}', "answers authentication_failed", True),
        (400, b'{"err":"hunter3"}', "refuses the token", False),
        (400, b'{"err":["hunter3"]}', "refuses the token", False),
        (400, b"[" * 70_000, "refuses the token", False),
        (400, b"", "refuses the token", False),
        (200, b"", "status 200", True),
        (302, b"", "status 302", True),
        (401, b"", "status 401", True),
        (500, b"", "status 500", True),
    ],
)
def test_the_answer_decides(
    receiver: PushReceiver, status: int, body: bytes, said: str, retry: bool
) -> None:
    """A faulty token is refused for good; a faulty configuration is tried again."""
    receiver.answers = [(status, body)]
    with pytest.raises(SinkError, match=said) as caught:
        sink(receiver).apply(effect())
    assert caught.value.retry is retry
    assert "hunter" not in str(caught.value) + repr(sink(receiver))


def test_keys_can_be_changed(receiver: PushReceiver) -> None:
    """During the overlap both keys are published, and only the first one signs."""
    both, swapped = key_set(OLD, NEW), key_set(NEW, OLD)
    before, after = read_signing_keys(both, "idp"), read_signing_keys(swapped, "idp")
    sink(receiver, before).apply(effect(name="lift", suspended=True))
    sink(receiver, after).apply(effect(name="lift", suspended=True))
    for keys in (before, after):
        old, new = tokens(receiver, keys)
        assert (old.header["alg"], new.header["alg"]) == ("ES256", "RS256")
    with pytest.raises((JoseError, ValueError)):
        tokens(receiver, read_signing_keys(key_set(NEW), "idp"))


def test_public_keys_have_no_private_part() -> None:
    """The set that receivers read shows only what they need."""
    old, new = read_signing_keys(key_set(OLD, NEW), "idp").public()["keys"]
    assert set(old) == {"kty", "crv", "x", "y", "kid", "use", "alg"}
    assert set(new) == {"kty", "n", "e", "kid", "use", "alg"}
    assert "'d'" not in repr(KEYS)


def test_notes_in_a_key_are_not_published() -> None:
    """A key may have members that no standard knows."""
    keys = json.loads(key_set(OLD))
    keys["keys"][0]["note"] = "hunter2"
    assert "hunter2" not in json.dumps(read_signing_keys(json.dumps(keys), "idp").public())


def test_two_keys_with_one_kid_are_refused() -> None:
    """A receiver could not tell which one has signed."""
    keys = json.loads(key_set(OLD, NEW))
    for one in keys["keys"]:
        one["kid"] = "same"
    with pytest.raises(SettingsError, match="have the same kid"):
        read_signing_keys(json.dumps(keys), "idp")


@pytest.mark.parametrize(
    "text",
    [
        "hunter2", "{}", '{"keys":[]}', '{"keys":[{"kty":"oct","k":"aHVudGVyMg"}]}',
        json.dumps(KeySet([OLD]).as_dict(private=False)), key_set(ECKey.generate_key("P-384")),
        "[" * 100_000,
    ],
)  # fmt: skip
def test_other_keys_are_refused(text: str) -> None:
    """A set without usable private keys is an error that does not repeat it."""
    with pytest.raises(SettingsError, match="signing keys cannot be read") as caught:
        read_signing_keys(text, "idp")
    assert "hunter2" not in str(caught.value)
    assert caught.value.__cause__ is None


def test_the_documents_name_what_is_sent() -> None:
    """Receivers find the keys, the methods and the events."""
    found = transmitter_configuration(ISSUER, ISSUER + "/jwks.json")
    assert found["jwks_uri"] == "https://catalogue.example/jwks.json"
    assert "urn:ietf:rfc:8935" in found["delivery_methods_supported"]
    stream = stream_configuration(Issuer(ISSUER, "idp", KEYS), "one", PUSH, "https://idp.example/e")
    assert stream["delivery"] == {"method": PUSH, "endpoint_url": "https://idp.example/e"}
    assert set(stream["events_delivered"]) == {ACCOUNT_DISABLED, ACCOUNT_ENABLED, SESSION_REVOKED}
