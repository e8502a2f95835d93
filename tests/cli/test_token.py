"""``ringfence token``: tokens are made, listed without secrets, and revoked."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.cli.conftest import Run

from ringfence.service.files import ServiceFolder
from ringfence.service.tokens import TokenCheck


@pytest.fixture(autouse=True)
def service(tmp_path: Path) -> ServiceFolder:
    """Write the settings file of the current folder, and return the folder that it names."""
    (tmp_path / "ringfence.toml").write_text('[service]\nfolder = "live"\n')
    return ServiceFolder(tmp_path / "live")


def test_a_token_works_until_it_is_revoked(run: Run, service: ServiceFolder) -> None:
    """The printed text is a valid token; after it is revoked, it is not."""
    text = run("token", "add", "web", "--scope", "ingest").stdout.strip()
    check = TokenCheck(service)
    assert check.find(f"Bearer {text}")
    assert run("token", "revoke", "web").stdout == "web is revoked.\n"
    assert check.find(f"Bearer {text}") is None


def test_a_list_shows_names_and_scopes_and_no_secret(run: Run) -> None:
    """Each token has a line, with the scopes in their order and the public part of its text."""
    assert run("token", "list").stdout == "There is no token.\n"
    made = json.loads(
        run("token", "add", "all", "--scope", "metrics", "--scope", "ingest", "--json").stdout
    )
    text = made.pop("token")
    assert made["scopes"] == ["ingest", "metrics"]
    listed = run("token", "list").stdout
    assert "all" in listed
    assert "ingest, metrics" in listed
    assert text[:23] in listed
    assert text[23:] not in listed
    assert json.loads(run("token", "list", "--json").stdout) == [made]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("add", "web", "--scope", "everything"), "'everything' is not a scope"),
        (("add", "web"), "Missing option '--scope'"),
        (("add", "a b", "--scope", "ingest"), "cannot be the name of a token"),
        (("revoke", "none"), "there is no token none"),
    ],
)
def test_wrong_use_is_one_line(run: Run, words: tuple[str, ...], said: str) -> None:
    """An unknown scope, a missing scope, an odd name and an unknown token are errors."""
    outcome = run("token", *words)
    assert outcome.returncode == 2
    assert said in outcome.stderr
    assert outcome.stderr.count("\n") == 1


def test_a_second_token_of_a_name_is_refused(run: Run) -> None:
    """The first one stays as it is."""
    run("token", "add", "web", "--scope", "ingest")
    assert "there is a token web" in run("token", "add", "web", "--scope", "admin").stderr
    assert json.loads(run("token", "list", "--json").stdout)[0]["scopes"] == ["ingest"]
