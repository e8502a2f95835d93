"""The settings name the sinks, and the environment holds their secrets."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from joserfc.jwk import ECKey, KeySet

from ringfence.enforcement.connected import make_sinks
from ringfence.enforcement.sinks.command import CommandSink
from ringfence.enforcement.sinks.ezproxy import EzproxySink
from ringfence.enforcement.sinks.nginx import NginxSink
from ringfence.enforcement.sinks.sql import SqlSink
from ringfence.enforcement.sinks.ssf import SsfSink
from ringfence.enforcement.sinks.webhook import WebhookSink
from ringfence.errors import SettingsError
from ringfence.settings import load_settings

FILE = """
[[enforcement.sinks]]
type = "nginx"
name = "gate"
file = "/etc/nginx/ringfence.map"
reload = ["nginx", "-s", "reload"]

[[enforcement.sinks]]
type = "ezproxy"
name = "proxy"
file = "/opt/ezproxy/user.txt"

[[enforcement.sinks]]
type = "webhook"
name = "hook"
url_env = "HOOK_URL"
secret_env = "HOOK_SECRET"

[[enforcement.sinks]]
type = "command"
name = "own"
command = ["/usr/local/bin/block", "--json"]

[[enforcement.sinks]]
type = "sql"
name = "users"
url_env = "USERS_URL"
statement = "UPDATE users SET state = :effect WHERE login = :account"
"""


def test_all_sinks_are_made_in_order(tmp_path: Path) -> None:
    """Each section becomes a sink of its type; secrets come from the environment."""
    (tmp_path / "ringfence.toml").write_text(FILE)
    settings = load_settings(tmp_path / "ringfence.toml").enforcement
    secrets = {
        "HOOK_URL": "https://example.org/x", "HOOK_SECRET": "whsec_eA==", "USERS_URL": "sqlite://",
    }  # fmt: skip
    made = make_sinks(settings, secrets)
    assert made == (
        NginxSink("gate", Path("/etc/nginx/ringfence.map"), ("nginx", "-s", "reload")),
        EzproxySink("proxy", Path("/opt/ezproxy/user.txt"), ""),
        WebhookSink("hook", "https://example.org/x", "whsec_eA==", "cloudevents", False),
        CommandSink("own", ("/usr/local/bin/block", "--json")),
        SqlSink("users", "sqlite://", "UPDATE users SET state = :effect WHERE login = :account"),
    )
    with pytest.raises(SettingsError, match="HOOK_URL of the sink hook is not set"):
        make_sinks(settings, {})


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('type = "nginx"\nname = "gate"\nfile = "x"\nreload = []\n', ""),
        ('type = "nginx"\nname = "gate"\nfile = "x"\n', "reload"),
        ('type = "pigeon"\nname = "gate"\n', "enforcement.sinks.0"),
        ('type = "nginx"\nname = "../x"\nfile = "x"\nreload = []\n', "name"),
        ('type = "command"\nname = "x"\ncommand = []\n', "command"),
        ('type = "webhook"\nname = "x"\nsecret = "hunter2"\n', "secret"),
    ],
)
def test_a_wrong_sink_is_refused(tmp_path: Path, text: str, said: str) -> None:
    """An unknown type, a name that is not one, and a secret in the file are errors."""
    (tmp_path / "ringfence.toml").write_text(f"[[enforcement.sinks]]\n{text}")
    if not said:
        load_settings(tmp_path / "ringfence.toml")
        return
    with pytest.raises(SettingsError, match=said) as caught:
        load_settings(tmp_path / "ringfence.toml")
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize(
    ("condition", "good"),
    [
        ("WHERE login = :account", True),
        ("WHERE login = (:account)", True),
        ("", False),
        ("WHERE login = :accounts", False),
        ("WHERE login = x::account", False),
        (r"WHERE login = '\\:account'", False),
    ],
)
def test_a_statement_names_the_account(tmp_path: Path, condition: str, good: bool) -> None:
    """Without it, the statement would change every user."""
    (tmp_path / "ringfence.toml").write_text(
        '[[enforcement.sinks]]\ntype = "sql"\nname = "x"\nurl_env = "U"\n'
        f'statement = "UPDATE users SET state = :effect {condition}"\n'
    )
    if good:
        load_settings(tmp_path / "ringfence.toml")
        return
    with pytest.raises(SettingsError, match="needs :account"):
        load_settings(tmp_path / "ringfence.toml")


def test_two_sinks_have_two_names(tmp_path: Path) -> None:
    """A name stands for one sink, because deliveries are kept under it."""
    one = '[[enforcement.sinks]]\ntype = "nginx"\nname = "gate"\nfile = "x"\nreload = []\n'
    (tmp_path / "ringfence.toml").write_text(one + one)
    with pytest.raises(SettingsError, match="two sinks are named gate"):
        load_settings(tmp_path / "ringfence.toml")


def test_a_webhook_needs_an_address(tmp_path: Path) -> None:
    """A webhook without url and url_env is an error."""
    (tmp_path / "ringfence.toml").write_text(
        '[[enforcement.sinks]]\ntype = "webhook"\nname = "x"\n'
    )
    with pytest.raises(SettingsError, match="the sink x has no address"):
        make_sinks(load_settings(tmp_path / "ringfence.toml").enforcement, {})


def test_a_receiver_of_shared_signals_needs_its_keys(tmp_path: Path) -> None:
    """The keys, the address and the header come from the environment, and the text is not shown."""
    (tmp_path / "ringfence.toml").write_text(
        '[[enforcement.sinks]]\ntype = "ssf"\nname = "idp"\nissuer = "https://catalogue.example"\n'
        'audience = "idp"\nurl = "https://idp.example/events"\nkeys_env = "KEYS"\n'
        'authorization_env = "HEADER"\n'
    )
    settings = load_settings(tmp_path / "ringfence.toml").enforcement
    keys = json.dumps(KeySet([ECKey.generate_key("P-256")]).as_dict(private=True))
    (made,) = make_sinks(settings, {"KEYS": keys, "HEADER": "Bearer hunter2"})
    assert isinstance(made, SsfSink)
    assert (made.issuer.audience, made.authorization) == ("idp", "Bearer hunter2")
    assert "hunter2" not in repr(made)
    with pytest.raises(SettingsError, match="idp: its signing keys cannot be read"):
        make_sinks(settings, {"KEYS": "hunter2", "HEADER": "x"})
    with pytest.raises(SettingsError, match="KEYS of the sink idp is not set"):
        make_sinks(settings, {})
