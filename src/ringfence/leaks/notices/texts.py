"""The texts of notices: one template per law and language, and the list for Google."""

from __future__ import annotations

import textwrap
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from functools import cache, partial
from typing import Final

from jinja2 import Environment, PackageLoader, StrictUndefined

from ringfence.cases.statements.words import count_in_words, day_in_words
from ringfence.leaks.notices.assessed_copy import AssessedCopy
from ringfence.leaks.notices.batches import NoticeBatch
from ringfence.leaks.notices.claims import Law, owner_of
from ringfence.notice_settings import NoticeSettings, Recipient
from ringfence.report.wording import share
from ringfence.statement_settings import Language

ENGINE_NAMES: Final[dict[Recipient, str]] = {"google": "Google Search", "bing": "Microsoft Bing"}
"""The search engines that get notices."""

_WIDTH: Final = 76
_LISTED_WORKS: Final = 20
"""Works of a representative list. The law asks for a list that represents, not for all works."""


@dataclass(frozen=True)
class NoticeContent:
    """The parts that all notices of a pack have in common.

    Attributes:
        claim: the claimant's data.
        copy: the assessment.
        day: the date of the notices.
    """

    claim: NoticeSettings
    copy: AssessedCopy
    day: date


def notice_text(
    law: Law,
    language: Language,
    batch: NoticeBatch,
    content: NoticeContent,
) -> str:
    """Return the text of a notice, with one address per line.

    Args:
        law: that the notice follows. A notice under the DMCA is in English.
        language: of a notice under the DSA.
        batch: the links.
        content: the other parts of the notice. The claim must be complete for this law.
    """
    language = language if law == "dsa" else "en"
    text = (
        _environment(language)
        .get_template(f"{language}/{law}.txt.j2")
        .render(
            claim=content.claim,
            owner=owner_of(content.claim),
            copy=content.copy,
            host=batch.host,
            engine=ENGINE_NAMES.get(batch.recipient, ""),
            reference=reference_of(batch, content.day),
            day=datetime.combine(content.day, time(), UTC),
            works=_works(batch),
            count=len(batch.links),
            addresses="\n".join(one.url for one in batch.links),
        )
    )
    return "\n".join(map(_wrapped, text.strip().splitlines())) + "\n"


def reference_of(batch: NoticeBatch, day: date) -> str:
    """Return the name of a notice, which recipients can repeat in their answers."""
    return f"{day.isoformat()}/{batch.host or batch.recipient}/{batch.number}"


def google_header(claim: NoticeSettings) -> str:
    """Return the lines that precede the addresses in a text file for Google.

    Source of the format: F. von Lohmann, Google's DMCA notice-and-takedown tools, May 2014.
    """
    lines = [claim.works, *([claim.works_url] if claim.works_url else [])]
    return "".join(f"# {line}\n" for line in lines)


def google_list(batch: NoticeBatch, claim: NoticeSettings) -> str:
    """Return the text file for Google: what the works are, and one address per line."""
    return google_header(claim) + "".join(f"{one.url}\n" for one in batch.links)


@cache
def _environment(language: Language) -> Environment:
    """Return the environment of plain texts: nothing is escaped, because there is no markup."""
    environment = Environment(  # noqa: S701 - the text is plain
        loader=PackageLoader("ringfence.leaks.notices"),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "day": partial(day_in_words, language=language),
        "number": partial(count_in_words, language=language),
        "share": partial(_share, language=language),
    }
    return environment


def _share(value: float, language: Language) -> str:
    text = share(value)
    return text.replace(".", ",") if language == "fr" else text


def _works(batch: NoticeBatch) -> list[str]:
    """Return the first different works that the links name."""
    return list(dict.fromkeys(one.work for one in batch.links if one.work))[:_LISTED_WORKS]


def _wrapped(line: str) -> str:
    # An address has no space, so it always stays in one line.
    if len(line) <= _WIDTH or " " not in line:
        return line
    return textwrap.fill(line, _WIDTH, break_long_words=False, break_on_hyphens=False)
