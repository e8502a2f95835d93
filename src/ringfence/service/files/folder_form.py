"""The format of a service's folder: a newer version upgrades an older folder.

The case store and the ledger have forms of their own, and are brought up to date when they are
opened. A ledger that is too old or too new is refused: it can be made again from logs only.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Final

from ringfence.errors import SettingsError
from ringfence.private_files import new_file
from ringfence.service.files.folder import ServiceFolder

FOLDER_FORM: Final = 1
"""The form that this version writes. A folder without a form is of the first versions: form 0."""

FolderStep = Callable[[ServiceFolder], None]
"""Brings a folder to the next form. It may have been cut off before, and is done again."""


def _begin_forms(_folder: ServiceFolder) -> None:
    """Form 1 differs from form 0 only by saying which form it is."""


FOLDER_STEPS: Final[Mapping[int, FolderStep]] = {0: _begin_forms}
"""The step from each form to the next one."""


def bring_to_form(
    folder: ServiceFolder,
    steps: Mapping[int, FolderStep] = FOLDER_STEPS,
    newest: int = FOLDER_FORM,
) -> int:
    """Bring a folder to the newest form, and return the form that it had.

    Args:
        folder: of a service that does not run; it exists.
        steps: from each form to the next one.
        newest: the form to bring it to.

    Raises:
        SettingsError: the folder is of a newer version, or its form cannot be read.
        OSError: the folder cannot be written.
    """
    found = form = folder_form(folder)
    if found > newest:
        raise SettingsError(
            f"was written by a newer version of Ringfence (form {found}, known up to {newest})",
            where=str(folder.root),
            hint="install that version",
        )
    while form < newest:
        steps[form](folder)
        form += 1
        with new_file(folder.form) as file:
            file.write(json.dumps({"form": form}).encode() + b"\n")
    return found


def folder_form(folder: ServiceFolder) -> int:
    """Return the form of a folder.

    Raises:
        SettingsError: its form cannot be read.
    """
    try:
        form = json.loads(folder.form.read_bytes())["form"]
    except FileNotFoundError:
        return 0
    except (OSError, ValueError, KeyError, TypeError):
        form = None
    if type(form) is not int or form < 1:
        raise SettingsError(
            "is not the form of a folder", where=str(folder.form), hint="restore it from a backup"
        )
    return form
