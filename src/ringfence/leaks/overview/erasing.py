"""Take the name of an account out of the attributions that were written to folders."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from ringfence.cases.account_names import ERASED_NAME
from ringfence.errors import LeakError, SettingsError, reason
from ringfence.leaks.overview.assessments import ATTRIBUTION_FILE
from ringfence.report.atomic import write_text
from ringfence.small_files import read_small_file

_LARGEST: Final = 256 << 20
_NOT_JSON: Final = "is not the document of an attribution"


@dataclass(frozen=True)
class NamingAttributions:
    """The attributions that name an account, and those that cannot be read.

    Attributes:
        naming: files that name it.
        unreadable: files of which it is unknown whether they name it.
    """

    naming: tuple[Path, ...] = ()
    unreadable: tuple[Path, ...] = ()


def attributions_naming(parent: Path, account: str) -> NamingAttributions:
    """Return the attributions in the folders of a folder that name an account.

    Args:
        parent: the folder of all assessments.
        account: its name, as the ledger has it.

    Raises:
        LeakError: the folder cannot be read.
    """
    naming, unreadable = [], []
    for path in _attributions(parent):
        try:
            if _without(path, account) is not None:
                naming.append(path)
        except LeakError:
            unreadable.append(path)
    return NamingAttributions(tuple(naming), tuple(unreadable))


def erase_from_attribution(path: Path, account: str) -> None:
    """Replace the name of an account in an attribution. Its numbers and its date stay.

    Args:
        path: of the file.
        account: the name.

    Raises:
        LeakError: the file cannot be read.
        OutputError: it cannot be written.
    """
    document = _without(path, account)
    if document is not None:
        before = path.stat()
        write_text(path, [json.dumps(document, indent=2), "\n"])
        os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))


def _attributions(parent: Path) -> list[Path]:
    try:
        folders = sorted(one for one in parent.iterdir() if one.is_dir())
    except OSError as error:
        raise LeakError(
            f"cannot be read: {reason(error)}",
            where=str(parent),
            hint="check assessments in the section [leaks] of the settings",
        ) from error
    return [path for one in folders if os.path.lexists(path := one / ATTRIBUTION_FILE)]


def _without(path: Path, account: str) -> dict[str, Any] | None:
    """Return the document without the name; None if it does not have the name.

    Raises:
        LeakError: the file cannot be read.
    """
    try:
        document = json.loads(read_small_file(path, _LARGEST, "remove it"))
        sources = [one for one in document["sources"] if _names(one, account)]
    except SettingsError as error:
        raise LeakError(error.what, where=str(path)) from error
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise LeakError(_NOT_JSON, where=str(path)) from error
    for source in sources:
        if source["kind"] == "account":
            source["id"] = ERASED_NAME
        source["accounts"] = [ERASED_NAME if one == account else one for one in source["accounts"]]
    return document if sources else None


def _names(source: dict[str, Any], account: str) -> bool:
    own = source["kind"] == "account" and source["id"] == account
    return own or account in list(source["accounts"])
