"""Relative paths in a settings file begin in its folder, whatever folder a command runs in."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel

from ringfence.errors import SettingsError
from ringfence.settings import load_settings

PATHS = {
    "robots.networks": "[robots]\nnetworks = %s",
    "places.prefixes": "[places]\nprefixes = %s",
    "cases.url": "[cases]\nurl = %s",
    "service.certificate": '[service]\ncertificate_key = "k"\ncertificate = %s',
    "service.certificate_key": '[service]\ncertificate = "c"\ncertificate_key = %s',
    "service.catalogue": "[service]\ncatalogue = %s",
    "service.accounts": "[service]\naccounts = %s",
    "service.folder": "[service]\nfolder = %s",
    "leaks.assessments": "[leaks]\nassessments = %s",
    "leaks.packs": "[leaks]\npacks = %s",
    "leaks.link_register": "[leaks]\nlink_register = %s",
    "engine.temp_directory": "[engine]\ntemp_directory = %s",
    "privacy.pseudonym_key": "[privacy]\npseudonym_key = %s",
    "statements.templates": "[statements]\ntemplates = %s",
    "service.openid.client_secret_file": "[service]\npublic_url = 'https://r.example'\n[service.openid]\n"
    "issuer = 'https://id.example'\nclient_id = 'a'\nadmins = ['a']\nclient_secret_file = %s",
    "enforcement.sinks.0.file": '[[enforcement.sinks]]\ntype = "nginx"\nname = "a"\nreload = []\n'
    "file = %s",
    "enforcement.sinks.0.folder": '[[enforcement.sinks]]\ntype = "subsonic"\nname = "a"\n'
    'url = "https://m.example/rest"\nuser = "u"\npassword_env = "P"\nreset = ["r"]\nfolder = %s',
}
"""Every setting that is a path, with a settings file that has it."""


def value_of(settings: Any, name: str) -> str:  # noqa: ANN401 - sections and lists of them
    """Return the value of a setting by its dotted name."""
    for part in name.split("."):
        settings = settings[int(part)] if part.isdigit() else getattr(settings, part)
    return str(settings)


@pytest.mark.parametrize("name", PATHS)
def test_a_relative_path_begins_beside_the_settings(tmp_path: Path, name: str) -> None:
    """An absolute path stays as it is."""
    file = tmp_path / "ringfence.toml"
    for written, meant in (("here/x", tmp_path / "here/x"), ("/abs/x", Path("/abs/x"))):
        file.write_text(PATHS[name] % f'"{written}"')
        assert value_of(load_settings(file), name) == str(meant)


def test_an_address_is_no_path(tmp_path: Path) -> None:
    """The address of a database is not changed, and empty settings stay empty."""
    (tmp_path / "ringfence.toml").write_text('[cases]\nurl = "postgresql://u@h/d"')
    settings = load_settings(tmp_path / "ringfence.toml")
    assert settings.cases.url == "postgresql://u@h/d"
    assert settings.robots.networks == ""


def test_every_text_that_means_a_file_is_in_this_test() -> None:
    """A new setting whose description begins with a file or folder must be such a path."""
    from ringfence.settings import Settings

    def walk(model: type[BaseModel], prefix: str) -> set[str]:
        found = set()
        for name, field in model.model_fields.items():
            kind = field.annotation
            if isinstance(kind, type) and issubclass(kind, BaseModel):
                found |= walk(kind, f"{prefix}{name}.")
            elif (field.description or "").startswith(("File", "Folder", "Case store")):
                found.add(prefix + name)
        return found

    assert walk(Settings, "") == {name for name in PATHS if ".sinks." not in name}


@pytest.mark.parametrize("kind", ["nginx", "webhook", "sql"])
def test_a_sink_that_knows_names_is_refused_with_pseudonyms(tmp_path: Path, kind: str) -> None:
    """It would be told to block a pseudonym, which is nobody."""
    text = f'[privacy]\npseudonym_key = "k"\n[[enforcement.sinks]]\ntype = "{kind}"\nname = "a"\n'
    text += {
        "nginx": 'file = "x"\nreload = []',
        "webhook": 'url = "https://h.example"',
        "sql": 'url_env = "U"\nstatement = "UPDATE u SET s = :effect WHERE p = :account"',
    }[kind]
    (tmp_path / "ringfence.toml").write_text(text)
    if kind != "nginx":
        load_settings(tmp_path / "ringfence.toml")
        return
    with pytest.raises(SettingsError, match="the sink a knows accounts by their names"):
        load_settings(tmp_path / "ringfence.toml")
