"""The settings file: what is read, and what is said about a setting that cannot be used."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from ringfence.errors import SettingsError
from ringfence.settings import Settings, load_settings, setting_names


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Return the path of a settings file."""
    return tmp_path / "ringfence.toml"


def refused(file: Path, text: str) -> SettingsError:
    """Write a settings file that must be refused, and return the error."""
    file.write_text(text, encoding="utf-8")
    with pytest.raises(SettingsError) as caught:
        load_settings(file)
    assert caught.value.where == str(file)
    return caught.value


def test_without_a_file_there_are_defaults() -> None:
    """No file is searched for: the result is the defaults."""
    assert load_settings() == load_settings(None) == Settings()


def test_a_file_changes_only_what_it_says(file: Path) -> None:
    """A setting in the file replaces the default; a path may be text."""
    file.write_text("[uses]\ndouble_click_seconds = 5\n", encoding="utf-8")
    settings = load_settings(str(file))
    assert settings.uses.double_click_seconds == 5
    assert settings.model_copy(update={"uses": Settings().uses}) == Settings()


@pytest.mark.parametrize(
    ("text", "what", "hint"),
    [
        ("[uses]\ndouble_clicks = 3\n", "uses.double_clicks", "uses.double_click_seconds?"),
        ("[uses]\nthreads = 3\n", "uses.threads", "did you mean engine.threads?"),
        ("[verdict]\nx = 1\n", "verdict", "did you mean verdicts?"),
        ("[events.columns]\nacount = 'x'\n", "events.columns.acount", "events.columns.account?"),
    ],
)
def test_a_misspelt_setting_is_suggested(file: Path, text: str, what: str, hint: str) -> None:
    """The hint names the similar setting, in the same section or in another one."""
    error = refused(file, text)
    assert error.what == f"{what}: there is no such setting"
    assert hint in error.hint
    assert error.hint.endswith("docs/reference/settings.md lists every setting")


def test_without_a_similar_setting_the_reference_is_named(file: Path) -> None:
    """An unknown name that resembles no setting leads to the list of settings."""
    error = refused(file, "[uses]\nzzzzzz = 3\n")
    assert error.hint == "docs/reference/settings.md lists every setting"


@pytest.mark.parametrize(
    ("text", "setting"),
    [
        ("[uses]\ndouble_click_seconds = -1\n", "uses.double_click_seconds"),
        ("[uses]\ndouble_click_seconds = 'x'\n", "uses.double_click_seconds"),
        ("[verdicts]\nfalse_accusation_rate = 1.0\n", "verdicts.false_accusation_rate"),
        ("[engine]\nmemory_limit = 'much'\n", "engine.memory_limit"),
        ("[[items.rules]]\npattern = '('\n", "items.rules.0.pattern"),
        ("[[items.rules]]\npattern = '(?P<group>x)'\n", "items.rules.0.pattern"),
    ],
)
def test_a_wrong_value_names_its_setting(file: Path, text: str, setting: str) -> None:
    """A value out of range, of another type, or a rule that finds no item is refused."""
    assert refused(file, text).what.startswith(f"{setting}: ")


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("[uses]\ndouble_click_seconds = 'x'\n", "must be a whole number, not 'x'"),
        ("[uses]\ndouble_click_seconds = 1.5\n", "must be a whole number, not 1.5"),
        ("[uses]\ndouble_click_seconds = -1\n", "must be at least 0, not -1"),
        ("[uses]\ndouble_click_seconds = 4000\n", "must be at most 3600, not 4000"),
        ("[verdicts]\nfalse_accusation_rate = 'low'\n", "must be a number, not 'low'"),
        ("[verdicts]\nfalse_accusation_rate = 0\n", "must be greater than 0, not 0"),
        ("[verdicts]\nfalse_accusation_rate = 1\n", "must be less than 1, not 1"),
        (
            "[account]\nkey = 'ip'\n",
            "must be one of auto, login, address or visitor, not 'ip'",
        ),
        ("[catalogue]\nitem = 5\n", "must be text, not 5"),
        ("[items]\nrules = 'x'\n", "must be a list, not 'x'"),
        ("events = 'x'\n", "must be a section of settings, not 'x'"),
        ("[[items.rules]]\nsurface = 'x'\n", "is missing"),
        (
            "[engine]\nmemory_limit = 'much'\n",
            "must be a number with a unit, such as 512MB or 2GB, not 'much'",
        ),
        (
            "[[items.rules]]\npattern = 'x'\n",
            "needs the named group (?P<item>...)",
        ),
        (
            "[events]\ntime_zone = 'Berlin'\n",
            "'Berlin' is not an IANA time zone; did you mean Europe/Berlin",
        ),
        (
            "[events]\ntime_zone = '../x'\n",
            "'../x' is not an IANA time zone",
        ),
    ],
)
def test_a_wrong_value_is_explained_in_words(file: Path, text: str, what: str) -> None:
    """The message says what the value must be, without the terms of the library that checks it."""
    said = refused(file, text).what
    assert said.partition(": ")[2].startswith(what)
    assert "pydantic" not in said
    assert "input" not in said.lower()


@pytest.mark.parametrize(
    ("sections", "what"),
    [
        ({"events": {"columns": {"acount": "x"}}}, "events.columns.acount: there is no such"),
        ({"engine": {"threads": "many"}}, "engine.threads: must be a whole number, not 'many'"),
        ({"evnts": {}}, "evnts: there is no such setting"),
    ],
)
def test_wrong_settings_of_a_program_are_one_line(sections: dict[str, Any], what: str) -> None:
    """Settings made in Python are refused like those of a file: without a file, in one line."""
    for build in (lambda: Settings(**sections), lambda: Settings.model_validate(sections)):
        with pytest.raises(SettingsError) as caught:
            build()
        assert str(caught.value).startswith(what)
        assert "\n" not in str(caught.value)
        assert "pydantic" not in str(caught.value)


def test_a_long_wrong_value_is_cut(file: Path) -> None:
    """A message does not repeat a value of any length."""
    assert len(refused(file, f"[account]\nkey = '{'x' * 5_000}'\n").what) < 200


def test_what_is_no_toml_is_refused(file: Path, tmp_path: Path) -> None:
    """The error names broken TOML, bytes that are not text, and a missing file."""
    assert refused(file, "[uses\n").what.startswith("is not TOML: ")
    file.write_bytes(b"\xff\xfe")
    with pytest.raises(SettingsError, match="is not TOML"):
        load_settings(file)
    with pytest.raises(SettingsError, match=r"gone\.toml: cannot be read: No such file"):
        load_settings(tmp_path / "gone.toml")


def test_settings_do_not_change() -> None:
    """A settings object is a value: it cannot be changed after it was made."""
    with pytest.raises(ValidationError):
        Settings().uses.double_click_seconds = 3


def test_names_cover_sections_and_rules() -> None:
    """The list of names has sections, settings, nested sections and the rules' fields."""
    names = setting_names()
    assert {"uses", "uses.double_click_seconds", "events.columns.ts", "items.rules",
            "items.rules.pattern", "report.findings_shown"} <= set(names)  # fmt: skip
    assert len(names) == len(set(names))
