"""Every text of the pages exists in French, and numbers are written as each language does."""

from __future__ import annotations

import json
import re
from importlib.resources import files
from pathlib import Path
from string import Formatter

import pytest

from ringfence.service import dashboard
from ringfence.service.dashboard.languages import translate, wanted_language, write_number

FOLDER = Path(dashboard.__file__).parent
_TEXT = re.compile(r"""\b_\((["'])((?:(?!\1).)+)\1""")
_TAG = re.compile(r"\{#.*?#\}|\{\{.*?\}\}|\{%.*?%\}", re.DOTALL)


def texts() -> set[str]:
    """Return all texts of the templates."""
    return {
        match[2]
        for path in (FOLDER / "templates").glob("*.j2")
        for match in _TEXT.finditer(path.read_text("utf-8"))
    }


def french() -> dict[str, str]:
    """Return the translations."""
    file = files("ringfence.service.dashboard") / "french.json"
    found: dict[str, str] = json.loads(file.read_text("utf-8"))
    return found


def test_every_text_is_translated() -> None:
    """No text is missing, and no translation is left of a text that has gone."""
    assert len(texts()) > 200
    assert set(french()) == texts()


def test_a_translation_has_the_places_of_its_text() -> None:
    """A value stands in each translation that it stands in in English."""

    def places(text: str) -> set[str]:
        return {name for _, name, _, _ in Formatter().parse(text) if name}

    assert [text for text, other in french().items() if places(text) != places(other)] == []


def test_no_template_has_words_that_are_not_translated() -> None:
    """Between the tags of a template stand only values, signs, and words that are names."""
    names = {"Ringfence", "English", "Français", "Ctrl", "Enter", "Esc"}
    for path in (FOLDER / "templates").glob("*.j2"):
        text = re.sub(
            r"\{#.*?#\}|\{\{.*?\}\}|\{%.*?%\}", "", path.read_text("utf-8"), flags=re.DOTALL
        )
        text = re.sub(r"<(code|kbd)>.*?</\1>", "", text)
        words = set(re.findall(r"[^\W\d_]{2,}", re.sub(r"<[^>]*>", " ", text)))
        assert words - names - {"doctype", "html"} == set(), path.name


@pytest.mark.parametrize(
    ("chosen", "accepted", "language"),
    [
        ("", "", "en"),
        ("", "fr", "fr"),
        ("", "de, fr-CA;q=0.7, en;q=0.3", "fr"),
        ("", "en;q=0.8, fr;q=0.2", "en"),
        ("", "de", "en"),
        ("", "fr;q=x, ;;;", "en"),
        ("fr", "en", "fr"),
        ("xx", "fr", "fr"),
    ],
)
def test_the_language_of_a_browser(chosen: str, accepted: str, language: str) -> None:
    """The choice of the person counts first, then the header with its weights."""
    assert wanted_language(chosen, accepted) == language


def test_numbers() -> None:
    """English separates thousands by commas, French by narrow spaces."""
    assert write_number("en", 20_000) == "20,000"
    assert write_number("fr", 20_000) == "20\N{NARROW NO-BREAK SPACE}000"
    assert translate("fr", "{count} items", count="5") == "5 éléments"
    assert translate("fr", "of no template") == "of no template"
