"""Keys, passwords and tokens are hidden, and the rest of a line stays."""

from __future__ import annotations

import hashlib
import time

import pytest

from ringfence.events.secrets import is_login_name, key_name, mask_secrets

HASHED = "key-" + hashlib.sha256(b"KEY9").hexdigest()[:12]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("/rest/a?id=3&u=ann&p=enc:7&t=aa&s=bb&apiKey=KEY9", "/rest/a?id=3&u=ann&p=*&t=*&s=*&"),
        ("GET /a?api_key=KEY9&token=abc&page=2", f"GET /a?api_key={HASHED}&token=*&page=2"),
        ('{"api_key":"KEY9","user":"ann"}', f'{{"api_key":"{HASHED}","user":"ann"}}'),
        ("authorization: Bearer abcdef", "authorization: *"),
        ("https://bob:secret@host/x", "https://bob:*@host/x"),
        ("/login?url=http%3A%2F%2Fx%3Fapi_key%3DKEY9%26b%3D1", f"api_key%3D{HASHED}%26b%3D1"),
        ("X-Api-Key: KEY9", f"X-Api-Key: {HASHED}"),
    ],
)
def test_secrets_are_hidden_and_keys_are_hashed(text: str, shown: str) -> None:
    """The hash of a key is the name of its account; other secrets become an asterisk."""
    masked = mask_secrets(text)
    assert shown in masked
    assert "KEY9" not in masked


@pytest.mark.parametrize("text", ["?p=12&s=query", "sort_key=title&q=x", "/record/7?user=ann"])
def test_what_is_not_secret_stays(text: str) -> None:
    """Page numbers, searches, sort orders and logins are shown."""
    assert mask_secrets(text) == text


def test_a_parameter_of_the_operator_holds_a_key_unless_it_is_a_login() -> None:
    """Further names come from the settings."""
    masked = mask_secrets("/a?licence=KEY9&member_id=7", ["licence", "member_id"])
    assert masked == f"/a?licence={HASHED}&member_id=7"
    assert is_login_name("User-Name")
    assert not is_login_name("apiKey")
    assert key_name("KEY9") == HASHED


@pytest.mark.parametrize("part", ["a-", "token=", "://", "key%3d", '"key":"', "api_key="])
def test_a_line_is_masked_in_linear_time(part: str) -> None:
    """The time grows with the length, also for hostile repetitions."""
    begin = time.perf_counter()
    mask_secrets(part * 20_000)
    assert time.perf_counter() - begin < 5
