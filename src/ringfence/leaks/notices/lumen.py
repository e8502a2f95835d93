"""Notices as the API of the Lumen database takes them.

The fields are those that Lumen's own code permits: ``notices_controller.rb`` of
https://github.com/berkmancenter/lumendatabase, and its wiki page *Lumen API Documentation*. The
documents have no authentication token, and of the claimant only the name: Lumen publishes them.
"""

from __future__ import annotations

from typing import Any, Final

from ringfence.leaks.notices.batches import NoticeBatch
from ringfence.leaks.notices.claims import Law, owner_of
from ringfence.leaks.notices.texts import ENGINE_NAMES, NoticeContent, reference_of
from ringfence.notice_settings import NoticeSettings
from ringfence.statement_settings import Language
from ringfence.visible import clip

_LONGEST_TITLE: Final = 255
"""Characters of a title (``dmca.rb``)."""

_KINDS: Final[dict[Law, tuple[str, str]]] = {"dmca": ("DMCA", "us"), "dsa": ("Other", "eu")}
"""The type of a notice, and its jurisdiction. Lumen has no type for Article 16 of the DSA."""


def lumen_notice(
    law: Law, language: Language, batch: NoticeBatch, content: NoticeContent
) -> dict[str, Any]:
    """Return the JSON document of one notice, without a token.

    Args:
        law: that the notice follows.
        language: of the notice.
        batch: its links.
        content: the other parts of the notice.
    """
    claim, day = content.claim, content.day
    kind, jurisdiction = _KINDS[law]
    return {
        "notice": {
            "title": clip(f"Published copy of {claim.works}", _LONGEST_TITLE),
            "type": kind,
            "subject": f"Notice {reference_of(batch, day)}",
            "date_sent": day.isoformat(),
            "language": language if law == "dsa" else "en",
            "jurisdiction_list": jurisdiction,
            "works_attributes": [_works(batch, claim)],
            "entity_notice_roles_attributes": [
                _role("sender", claim.name, claim.kind),
                _role("principal", owner_of(claim), claim.kind),
                _role("recipient", batch.host or ENGINE_NAMES[batch.recipient], "organization"),
            ],
        }
    }


def _works(batch: NoticeBatch, claim: NoticeSettings) -> dict[str, Any]:
    seen = [{"url": claim.works_url}] if claim.works_url else []
    return {
        "description": claim.works,
        "copyrighted_urls_attributes": seen,
        "infringing_urls_attributes": [{"url": one.url} for one in batch.links],
    }


def _role(role: str, name: str, kind: str) -> dict[str, Any]:
    return {"name": role, "entity_attributes": {"name": name, "kind": kind}}
