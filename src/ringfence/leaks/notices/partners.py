"""A published copy as a STIX 2.1 bundle for partners, without personal data.

It has numbers and a day. It has no address and no host, because both can be the name of a person,
and neither a name nor an identifier of the claimant.
"""

from __future__ import annotations

import json
from datetime import date
from typing import Any
from uuid import uuid5

from ringfence.exports.stix_objects import OBJECT_NAMESPACE, scraping_pattern, stix_library
from ringfence.leaks.notices.assessed_copy import AssessedCopy


def copy_bundle(copy: AssessedCopy, links: int, hosts: int, day: date) -> dict[str, Any]:
    """Return a published copy as a STIX bundle. The same numbers give the same bundle.

    Args:
        copy: the assessment.
        links: number of links in notices.
        hosts: number of their hosts.
        day: the date of the notices.

    Raises:
        MissingPackageError: the package stix2 is not installed.
    """
    library = stix_library()
    moment = f"{day.isoformat()}T00:00:00Z"
    name = f"copy/{day.isoformat()}/{copy.items}/{copy.copied}/{links}/{hosts}"
    common = {
        "created": moment,
        "modified": moment,
        # For the receiver and those that it protects, and for nobody else.
        "object_marking_refs": [library.TLP_AMBER.id],
    }
    campaign = library.Campaign(
        id=f"campaign--{uuid5(OBJECT_NAMESPACE, name)}",
        name="Published copy of a catalogue",
        description=(
            f"A published copy has {copy.copied:,} of {copy.items:,} items of a catalogue, "
            f"{copy.share:.1%}: files of {copy.files:,}, metadata of {copy.metadata:,}."
        ),
        objective="Publish a copy of a catalogue",
        **common,
    )
    pattern = scraping_pattern(library)
    relationship = library.Relationship(
        id=f"relationship--{uuid5(OBJECT_NAMESPACE, f'{name}/uses')}",
        relationship_type="uses",
        source_ref=campaign.id,
        target_ref=pattern.id,
        **common,
    )
    note = library.Note(
        id=f"note--{uuid5(OBJECT_NAMESPACE, f'{name}/note')}",
        abstract="Notices about the copy",
        content=f"Notices name {links:,} addresses of {hosts:,} hosts.",
        object_refs=[campaign.id],
        **common,
    )
    objects = [library.TLP_AMBER, pattern, campaign, relationship, note]
    bundle = library.Bundle(*objects, id=f"bundle--{uuid5(OBJECT_NAMESPACE, f'{name}/bundle')}")
    values: dict[str, Any] = json.loads(bundle.serialize())
    return values
