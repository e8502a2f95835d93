"""The objects that all STIX bundles of Ringfence have in common, and the library."""

from __future__ import annotations

from types import ModuleType
from typing import Any, Final
from uuid import UUID, uuid5

from ringfence.errors import MissingPackageError

OBJECT_NAMESPACE: Final = UUID("4c1f4a52-6a0e-4d38-9a0c-0d8a3f0e6b57")
"""Namespace of the objects that are the same in every bundle. It was drawn at random."""

_DEFINED: Final = "2026-11-29T00:00:00Z"
"""The day on which the attack pattern was written down."""


def stix_library() -> ModuleType:
    """Import the library, which only this format needs.

    Raises:
        MissingPackageError: it is not installed.
    """
    try:
        from stix2 import v21  # noqa: PLC0415
    except ModuleNotFoundError as error:
        raise MissingPackageError(
            "STIX needs the package stix2", hint="pip install 'ringfence[stix]'"
        ) from error
    library: ModuleType = v21
    return library


def scraping_pattern(library: ModuleType) -> Any:  # noqa: ANN401 - the library has no types
    """Return the attack pattern of rings and of published copies."""
    return library.AttackPattern(
        id=f"attack-pattern--{uuid5(OBJECT_NAMESPACE, 'OAT-011')}",
        created=_DEFINED,
        modified=_DEFINED,
        name="Scraping",
        description="Collect the content of a service by automated means.",
        external_references=[
            {
                "source_name": "OWASP Automated Threats to Web Applications",
                "external_id": "OAT-011",
            }
        ],
    )
