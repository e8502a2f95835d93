"""A delivery that fails tells its secrets to nobody: not to the output, the logs or the store."""

from __future__ import annotations

import json
import logging
from pathlib import Path

import pytest
from joserfc.jwk import ECKey
from sqlalchemy import text
from tests.enforcement.acts import open_case, order
from tests.enforcement.receivers import running_receiver
from typer.testing import CliRunner

from ringfence.cases import open_store
from ringfence.cli.outbox import outbox_app

SECRETS = {
    "HOOK_URL": "{server}/hunter2-path",
    "HOOK_SECRET": "whsec_aHVudGVyMi1zaWduYXR1cmU=",
    "BAD_SECRET": "whsec_hunter2-not-base64",
    "GONE_URL": "http://hunter2-user:hunter2-login@localhost:1/hunter2-gone",
    "SSF_BEARER": "Bearer hunter2-bearer",
    "USERS_DATABASE": "postgresql+psycopg://u:hunter2-pw@127.0.0.1:1/x?password=hunter2-query",
    "MUSIC_PASSWORD": "hunter2-music",
}
"""The environment of the command. Each value has a part that nothing else contains."""

SINKS = (
    {"type": "webhook", "name": "hook", "url_env": "HOOK_URL", "secret_env": "HOOK_SECRET"},
    {"type": "webhook", "name": "bad", "url_env": "HOOK_URL", "secret_env": "BAD_SECRET"},
    {"type": "webhook", "name": "gone", "url_env": "GONE_URL"},
    {
        "type": "ssf", "name": "events", "url_env": "HOOK_URL", "keys_env": "SSF_KEYS",
        "issuer": "https://us.example", "audience": "https://them.example",
        "authorization_env": "SSF_BEARER",
    },
    {
        "type": "sql", "name": "users", "url_env": "USERS_DATABASE",
        "statement": "UPDATE users SET state = :effect WHERE login = :account",
    },
    {
        "type": "subsonic", "name": "music", "url": "{server}", "user": "admin",
        "password_env": "MUSIC_PASSWORD", "folder": "{folder}/marks", "reset": ["true"],
    },
)  # fmt: skip


def settings(folder: Path, server: str) -> Path:
    """Write the settings of all sinks that have a secret, and return the file."""
    lines = ["[cases]", f'url = "{folder}/cases.sqlite"']
    for sink in SINKS:
        lines.append("[[enforcement.sinks]]")
        lines += [f"{name} = {json.dumps(value)}" for name, value in sink.items()]
        lines += ["allow_private = true"] * (sink["type"] in {"webhook", "ssf", "subsonic"})
    path = folder / "ringfence.toml"
    path.write_text("\n".join(lines).replace("{server}", server).replace("{folder}", str(folder)))
    return path


def stored(folder: Path) -> str:
    """Return everything that the store has about deliveries."""
    with open_store(folder / "cases.sqlite") as store, store.reading() as connection:
        return str(connection.execute(text("SELECT * FROM deliveries")).all())


@pytest.mark.parametrize("status", [500, 302, 400])
def test_no_secret_is_told(tmp_path: Path, caplog: pytest.LogCaptureFixture, status: int) -> None:
    """With every logger at its most talkative level, no secret is in any output."""
    with open_store(tmp_path / "cases.sqlite") as store:
        order(store, open_case(store, "ann"), "suspend")
    keys = json.dumps({"keys": [ECKey.generate_key("P-256", {"kid": "one"}).as_dict(private=True)]})
    private = json.loads(keys)["keys"][0]["d"]
    with running_receiver() as receiver, caplog.at_level(logging.DEBUG):
        receiver.answers = [(status, b"")] * 9
        server = receiver.url.partition("/events")[0]
        environment = {name: value.format(server=server) for name, value in SECRETS.items()}
        done = CliRunner().invoke(
            outbox_app,
            ["deliver", "--json", "--config", str(settings(tmp_path, server))],
            env={**environment, "SSF_KEYS": keys},
        )
        assert len(receiver.got) == 3
    reports = json.loads(done.stdout)
    assert [(one["sink"], one["delivered"]) for one in reports] == [
        (sink["name"], 0) for sink in SINKS
    ]
    assert all(one["error"] for one in reports)
    said = done.output + str(done.exception) + caplog.text + stored(tmp_path)
    for secret in ("hunter2", "aHVudGVyMi1zaWduYXR1cmU", private):
        assert secret not in said
