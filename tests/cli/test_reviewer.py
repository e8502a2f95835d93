"""``ringfence reviewer`` adds, lists and removes people."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from ringfence.cli.reviewer import reviewer_app
from ringfence.errors import SettingsError

runner = CliRunner()


@pytest.fixture
def config(tmp_path: Path) -> str:
    """Return a settings file."""
    file = tmp_path / "ringfence.toml"
    file.write_text('[service]\nfolder = "live"\n')
    return str(file)


def test_a_person_is_added_listed_and_removed(config: str) -> None:
    """The password comes from the input, and no output has its hash."""
    added = runner.invoke(
        reviewer_app,
        ["add", "Mia", "--role", "admin", "--password-stdin", "--config", config],
        input="a long password\n",
    )
    assert (added.exit_code, added.output) == (0, "Mia can log in.\n")
    listed = runner.invoke(reviewer_app, ["list", "--json", "--config", config])
    assert [(one["name"], one["role"]) for one in json.loads(listed.output)] == [("Mia", "admin")]
    assert "argon2" not in listed.output
    assert "Mia" in runner.invoke(reviewer_app, ["list", "--config", config]).output
    removed = runner.invoke(reviewer_app, ["remove", "Mia", "--config", config])
    assert "can no longer log in" in removed.output
    assert "Nobody" in runner.invoke(reviewer_app, ["list", "--config", config]).output


def test_a_person_is_disabled_and_enabled(config: str) -> None:
    """The list says who may not log in, and who does not exist cannot be changed."""
    runner.invoke(
        reviewer_app,
        ["add", "Mia", "--password-stdin", "--config", config],
        input="a long password\n",
    )
    for act, said, is_disabled in (
        ("disable", "Mia can no longer log in.\n", True),
        ("enable", "Mia can log in.\n", False),
    ):
        assert runner.invoke(reviewer_app, [act, "Mia", "--config", config]).output == said
        listed = runner.invoke(reviewer_app, ["list", "--json", "--config", config])
        assert [one["disabled"] for one in json.loads(listed.output)] == [is_disabled]
        shown = runner.invoke(reviewer_app, ["list", "--config", config]).output
        assert ("disabled" in shown, "a password" in shown) == (is_disabled, not is_disabled)
        missing = runner.invoke(reviewer_app, [act, "Leo", "--config", config])
        assert "there is no reviewer Leo" in str(missing.exception)


def test_without_a_terminal_the_password_must_come_from_the_input(config: str) -> None:
    """A prompt that nobody sees would show the password, or wait for ever."""
    answer = runner.invoke(reviewer_app, ["add", "Mia", "--config", config], input="a password\n")
    assert isinstance(answer.exception, SettingsError)
    assert "--password-stdin" in str(answer.exception)


def test_the_password_is_asked_for_twice(config: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is not shown, and both must be the same."""
    monkeypatch.setattr("os.isatty", lambda _: True)
    asked = runner.invoke(
        reviewer_app, ["add", "Mia", "--config", config],
        input="a long password\nanother password\na long password\na long password\n",
    )  # fmt: skip
    assert asked.exit_code == 0
    assert "a long password" not in asked.output


@pytest.mark.parametrize("options", [["Mia", "--role", "boss"], ["policy"], [""]])
def test_a_wrong_role_or_name_is_refused_before_the_password(
    config: str, options: list[str]
) -> None:
    """Nobody types a password in vain."""
    answer = runner.invoke(reviewer_app, ["add", *options, "--config", config])
    assert isinstance(answer.exception, SettingsError)
    assert "Password" not in answer.output
