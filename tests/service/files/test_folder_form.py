"""A folder of an earlier version is brought to the newest form, and one of a later is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from ringfence.errors import SettingsError
from ringfence.service.files import ServiceFolder, bring_to_form
from ringfence.service.files.folder_form import FOLDER_FORM, FOLDER_STEPS, folder_form


def folder_of(root: Path, form: str | None = None) -> ServiceFolder:
    """Return a folder with the text of its form."""
    folder = ServiceFolder(root)
    folder.create()
    if form is not None:
        folder.form.write_text(form)
    return folder


def test_there_is_a_step_from_each_form() -> None:
    """Otherwise a folder of an earlier version could not be brought to the newest form."""
    assert sorted(FOLDER_STEPS) == list(range(FOLDER_FORM))


def test_a_folder_without_a_form_gets_the_newest(tmp_path: Path) -> None:
    """It is then of the newest form, and nothing is left to do."""
    folder = folder_of(tmp_path)
    assert bring_to_form(folder) == 0
    assert bring_to_form(folder) == folder_form(folder) == FOLDER_FORM


def test_steps_are_done_in_order_and_once(tmp_path: Path) -> None:
    """A step that fails is done again at the next start, and those before it are not."""
    folder = folder_of(tmp_path, '{"form": 1}')
    done: list[int] = []

    def fails(_folder: ServiceFolder) -> None:
        done.append(2)
        raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        bring_to_form(folder, {1: lambda _: done.append(1), 2: fails}, 3)
    assert folder_form(folder) == 2
    assert bring_to_form(folder, {2: lambda _: done.append(3)}, 3) == 2
    assert done == [1, 2, 3]


def test_a_folder_of_a_newer_version_is_refused(tmp_path: Path) -> None:
    """The line says what to do, and the folder stays as it is."""
    folder = folder_of(tmp_path, '{"form": 99}')
    with pytest.raises(SettingsError, match="newer version") as refused:
        bring_to_form(folder)
    assert refused.value.hint == "install that version"
    assert folder_form(folder) == 99


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"form": "1"}', '{"form": 0}', '{"form": true}'])
def test_a_form_that_cannot_be_read_is_one_line(tmp_path: Path, text: str) -> None:
    """A guess could destroy the folder."""
    with pytest.raises(SettingsError, match="is not the form of a folder"):
        bring_to_form(folder_of(tmp_path, text))
