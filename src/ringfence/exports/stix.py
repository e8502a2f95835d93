"""Rings as a STIX 2.1 bundle, to share with other services without personal data.

A ring becomes a campaign that uses the attack pattern *scraping*, and a note with its evidence. The
bundle has numbers and days. It has no names, no addresses, no items, and no sentences, which may
have any of them. STIX has no object for a group of accounts that does not list them.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from types import ModuleType
from typing import Any, Final
from uuid import uuid5

from ringfence.exports.record import CaseRecord
from ringfence.exports.stix_objects import OBJECT_NAMESPACE, scraping_pattern, stix_library

_CONFIDENCE: Final[Mapping[str, int]] = {"extracting": 85, "suspect": 50}
"""High and medium, in the scale of the standard's appendix A."""

_MEASURED: Final[Mapping[str, str]] = {
    "collision": "items that pairs of accounts have in common",
    "lockstep": "times that pairs of accounts took the same item within two minutes",
    "crowd": "items that pairs of visitors have in common",
    "members": "accounts that are findings by their own evidence",
}
"""The evidence tests of rings, and the unit of each. The name of any other test is not shared."""

_SHARED: Final = frozenset({"open", "decided", "appealed"})
"""States of cases that are shared. In the others, people found an explanation or took it back."""


def can_be_shared(record: CaseRecord) -> bool:
    """Return whether a case is about a ring of several accounts that nobody has exonerated."""
    case = record.case
    members = len(set(case["finding"]["accounts"]))
    return case["kind"] == "ring" and members > 1 and case["state"] in _SHARED


def ring_bundle(records: Iterable[CaseRecord]) -> dict[str, Any]:
    """Return the rings among some cases as a STIX bundle.

    Args:
        records: the cases. Those that cannot be shared are left out.

    Raises:
        MissingPackageError: the package stix2 is not installed.
    """
    library = stix_library()
    rings = [part for one in records if can_be_shared(one) for part in _ring(library, one)]
    objects = [library.TLP_AMBER, scraping_pattern(library), *rings] if rings else []
    name = "/".join(f"{part.id} {part.get('modified', '')}" for part in objects)
    bundle = library.Bundle(*objects, id=f"bundle--{uuid5(OBJECT_NAMESPACE, name)}")
    values: dict[str, Any] = json.loads(bundle.serialize())
    return values


def _ring(library: ModuleType, record: CaseRecord) -> Iterator[Any]:
    """Yield the objects of one ring."""
    days = _days(record.case)
    common = {
        "created": days["opened"],
        "modified": max(days["opened"], days["changed"], days["seen"]),
        # For the receiver and those that it protects, and for nobody else.
        "object_marking_refs": [library.TLP_AMBER.id],
    }
    campaign = library.Campaign(**_campaign(record), **common)
    yield campaign
    yield library.Relationship(
        id=f"relationship--{record.make_id('uses', record.case['id'])}",
        relationship_type="uses",
        source_ref=campaign.id,
        target_ref=scraping_pattern(library).id,
        **common,
    )
    yield library.Note(
        id=f"note--{record.make_id('note', record.case['id'])}",
        abstract="Evidence that the accounts act as one",
        content="\n".join(_line(one) for one in record.case["finding"]["evidence"]),
        object_refs=[campaign.id],
        **common,
    )


def _campaign(record: CaseRecord) -> dict[str, Any]:
    case, days = record.case, _days(record.case)
    members = len(set(case["finding"]["accounts"]))
    return {
        "id": f"campaign--{record.make_id('campaign', case['id'])}",
        "name": f"Ring of {members:,} accounts",
        "description": (
            f"{members:,} accounts that act as one took {case['items']:,} different items, "
            f"{case['finding']['coverage']['catalogue']:.1%} of a catalogue."
        ),
        "objective": "Copy a catalogue by accounts that divide the work",
        "first_seen": days["first"],
        "last_seen": days["last"],
        "confidence": _CONFIDENCE[case["verdict"]],
    }


def _line(evidence: Mapping[str, Any]) -> str:
    """Return the numbers of an evidence test."""
    measured = _MEASURED.get(evidence["test"])
    name = f"{evidence['test']} ({measured})" if measured else "another test"
    observed, expected, p_value = (
        "unknown" if evidence[key] is None else f"{evidence[key]:.4g}"
        for key in ("observed", "expected", "p_value")
    )
    return f"{name}: observed {observed}, expected {expected}, p-value {p_value}"


def _days(case: Mapping[str, Any]) -> dict[str, str]:
    """Return the times of a case, each as the beginning of its day."""
    return {
        name: f"{case[name][:10]}T00:00:00Z"
        for name in ("first", "last", "opened", "changed", "seen")
    }
