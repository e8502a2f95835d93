"""Read the numbers of an assessment back from the folder that ``leak assess`` wrote."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from ringfence.errors import LeakError
from ringfence.small_files import read_small_file

ASSESSMENT_FILE: Final = "leak.json"
"""The machine-readable file of ``leak assess``."""

_LARGEST: Final = 64 << 20
_HINT: Final = "make it with: ringfence leak assess DUMP --catalogue FILE --out DIR"


@dataclass(frozen=True)
class AssessedCopy:
    """The numbers of an assessment that notices state.

    Attributes:
        items: number of items of the catalogue.
        copied: number of them in the copy.
        share: their share of the catalogue.
        low: smallest share of the catalogue, after false matches are taken away.
        high: largest share, if every record without a match were another item.
        files: number of items of which the copy has files.
        metadata: number of items of which the copy has metadata.
        own_export: whether the copy looks like an export that the operator made.
        standard_only: whether no id of the operator's own is in it.
    """

    items: int
    copied: int
    share: float
    low: float
    high: float
    files: int
    metadata: int
    own_export: bool
    standard_only: bool

    @property
    def warnings(self) -> tuple[str, ...]:
        """Sentences about what a person should check before sending a notice."""
        found = []
        if self.own_export:
            found.append(
                "The copy looks like your own export. Check where it comes from before you send."
            )
        if self.standard_only:
            found.append(
                "No identifier of your own is in the copy, so the works may come from elsewhere. "
                "Check that the rights are yours before you send."
            )
        return tuple(found)


def read_assessment(folder: Path) -> AssessedCopy:
    """Return the numbers of the assessment in a folder.

    Raises:
        SettingsError: the folder has no file ``leak.json``, or it cannot be read.
        LeakError: the file is not an assessment, or says that the copy has nothing to do with the
            catalogue.
    """
    path = folder / ASSESSMENT_FILE
    content = read_small_file(path, _LARGEST, _HINT)
    try:
        document = json.loads(content)
        related, copy = bool(document["related"]), _copy(document)
    except (ValueError, KeyError, TypeError, RecursionError, ArithmeticError) as error:
        raise LeakError(
            "is not an assessment of this version", where=str(path), hint=_HINT
        ) from error
    if not related or not copy.copied:
        raise LeakError(
            "no notice is made: the copy has no relation to the catalogue beyond chance",
            where=str(path),
            hint="assess the files that were published",
        )
    return copy


def _copy(document: Mapping[str, Any]) -> AssessedCopy:
    together, items = document["together"], int(document["items"])
    related = [one for one in document["dumps"] if one["relation"]["p_value"] < 0.001]
    return AssessedCopy(
        items=items,
        copied=int(together["items"]),
        share=float(together["share"]),
        low=int(together["low"]) / items,
        high=int(together["high"]) / items,
        files=int(document["files"]["items"]),
        metadata=int(document["metadata"]["items"]),
        own_export=bool(document["own_export"]),
        standard_only=not any(one["id_form"] for one in related),
    )
