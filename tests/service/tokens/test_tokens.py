"""Tokens permit what they say, until they are revoked; their secrets are stored nowhere."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ringfence.errors import SettingsError
from ringfence.service.files import ServiceFolder
from ringfence.service.tokens import (
    TokenCheck,
    add_token,
    new_token,
    read_tokens,
    revoke_token,
)
from ringfence.service.tokens.token import split_token

NOW = "2026-11-29T09:00:00Z"


def added(folder: ServiceFolder, name: str = "web", *scopes: str) -> str:
    """Add a token, and return its text."""
    token, text = new_token(name, scopes or ("ingest",), NOW)  # type: ignore[arg-type] # any
    add_token(folder, token)
    return text


def test_a_token_is_found_by_its_text(tmp_path: Path) -> None:
    """The text finds the token with its name and scopes; the word Bearer has any case."""
    folder = ServiceFolder(tmp_path)
    text = added(folder, "web", "ingest", "metrics")
    for header in (f"Bearer {text}", f"bearer  {text} "):
        token = TokenCheck(folder).find(header)
        assert token is not None
        assert token.name == "web"
        assert [token.permits(one) for one in ("ingest", "metrics", "review")] == [
            True,
            True,
            False,
        ]


def test_an_administrator_may_do_everything(tmp_path: Path) -> None:
    """The scope admin contains the others."""
    folder = ServiceFolder(tmp_path)
    token = TokenCheck(folder).find(f"Bearer {added(folder, 'root', 'admin')}")
    assert token is not None
    assert all(token.permits(one) for one in ("ingest", "authorize", "review", "metrics", "admin"))


def test_the_file_is_private_and_has_no_secret(tmp_path: Path) -> None:
    """Only the hash of a secret is stored, in a file that only its owner can read."""
    folder = ServiceFolder(tmp_path / "live")
    parts = split_token(added(folder))
    assert parts
    content = folder.tokens.read_text()
    assert parts[0] in content
    assert parts[1] not in content
    assert folder.tokens.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("change", ["", "x", "upper", "scheme", "id", "digest"])
def test_another_text_finds_no_token(tmp_path: Path, change: str) -> None:
    """A changed text, an unknown id, and the stored hash in place of the secret are refused."""
    folder = ServiceFolder(tmp_path)
    text = added(folder)
    digest = read_tokens(folder)[0].digest
    headers = {
        "": "",
        "x": f"Bearer {text}x",
        "upper": f"Bearer {text.upper()}",
        "scheme": f"Basic {text}",
        "id": f"Bearer ringfence_{'0' * 12}_{text[-43:]}",
        "digest": f"Bearer {text[:-43]}{digest[:43]}",
    }
    assert TokenCheck(folder).find(headers[change]) is None


def test_a_running_service_notices_new_and_revoked_tokens(tmp_path: Path) -> None:
    """The file is read again when it has changed, or is gone."""
    folder = ServiceFolder(tmp_path)
    check = TokenCheck(folder)
    assert check.find("Bearer x") is None
    one = f"Bearer {added(folder, 'one')}"
    other = f"Bearer {added(folder, 'other')}"
    assert check.find(one)
    assert check.find(other)
    revoke_token(folder, "one")
    assert check.find(one) is None
    assert check.find(other)
    folder.tokens.write_text("{")
    assert check.find(other) is None
    folder.tokens.unlink()
    assert check.find(other) is None


def test_names_are_plain_and_used_once(tmp_path: Path) -> None:
    """A second token of a name, an odd name and an unknown name are one line each."""
    folder = ServiceFolder(tmp_path)
    added(folder, "web")
    with pytest.raises(SettingsError, match="there is a token web"):
        added(folder, "web")
    for name in ("", "a b", "-x", "x" * 64, "a\n"):
        with pytest.raises(SettingsError, match="cannot be the name"):
            added(folder, name)
    with pytest.raises(SettingsError, match="there is no token none"):
        revoke_token(folder, "none")


def test_a_damaged_file_is_named(tmp_path: Path) -> None:
    """Another content than a list of tokens is refused with the file's name."""
    folder = ServiceFolder(tmp_path)
    folder.tokens.write_text(json.dumps([{"name": 1}]))
    with pytest.raises(SettingsError, match=r"tokens\.json"):
        read_tokens(folder)


def test_the_last_use_of_a_token_is_known(tmp_path: Path) -> None:
    """A wrong secret is no use; a revoked token is forgotten; a restart forgets none."""
    folder = ServiceFolder(tmp_path)
    one, other = added(folder, "one"), added(folder, "other")
    check = TokenCheck(folder, clock=lambda: 1_000.0)
    check.find(f"Bearer {one}")
    check.find(f"Bearer {other[:-1]}x")
    (number,) = check.last_uses()
    assert check.last_uses() == {number: 1_000.0}
    again = TokenCheck(folder, check.last_uses())
    assert again.last_uses() == {number: 1_000.0}
    revoke_token(folder, "one")
    assert again.last_uses() == {}
    assert TokenCheck(folder, ["not", "a", "table"]).last_uses() == {}
