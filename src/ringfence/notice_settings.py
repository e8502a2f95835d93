"""The settings of notices: who claims, what is claimed, and how much one notice may have."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final, Literal

from pydantic import Field, field_validator

from ringfence.reading_settings import Section
from ringfence.statement_settings import Language

Recipient = Literal["host", "google", "bing"]
"""To whom a notice goes: the host of the material, or a search engine."""

Authority = Literal["owner", "agent"]
"""As what the claimant acts: as the owner of the rights, or on behalf of the owner."""


@dataclass(frozen=True)
class PublishedLimit:
    """Size that one notice to a recipient may have.

    Attributes:
        links: number of links.
        bytes: size of the list of links; None if no limit is known.
        source: who says so, or why this number was chosen, as one or two sentences.
        day: the day of the source, or of the search that found none.
    """

    links: int
    bytes: int | None
    source: str
    day: date


PUBLISHED_LIMITS: Final[Mapping[Recipient, PublishedLimit]] = {
    "host": PublishedLimit(
        1_000,
        None,
        "Neither law has a limit. The number is our own choice: such a text fits in one mail.",
        date(2026, 11, 29),
    ),
    "google": PublishedLimit(
        1_000,
        1_000_000,
        "1 MB per text file of the Trusted Copyright Removal Program: F. von Lohmann (Google), "
        "Google's DMCA notice-and-takedown tools, USPTO forum, May 2014. A limit of links is not "
        "published. 1,000 is what submitters report: ask Google for yours.",
        date(2014, 5, 1),
    ),
    "bing": PublishedLimit(
        1_000,
        None,
        "Not published. Bing Webmaster Blog, September 2016, names email, a form and an interface "
        "for frequent submitters, without a limit. 1,000 is our own choice: ask Bing for yours.",
        date(2026, 11, 29),
    ),
}
"""The limits, with their sources. The settings can replace each number."""

_EMAIL: Final = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s.]+")


def _limit_of(recipient: Recipient) -> str:
    limit = PUBLISHED_LIMITS[recipient]
    return f"{limit.source} As of {limit.day.isoformat()}."


class NoticeLimitSettings(Section):
    """``[notices.limits]``: how much one notice may have. Recipients change this."""

    host_links: int = Field(
        PUBLISHED_LIMITS["host"].links,
        ge=1,
        le=100_000,
        description=f"Links of one notice to a host. {_limit_of('host')}",
    )
    google_links: int = Field(
        PUBLISHED_LIMITS["google"].links,
        ge=1,
        le=100_000,
        description=f"Links of one notice to Google. {_limit_of('google')}",
    )
    google_bytes: int = Field(
        PUBLISHED_LIMITS["google"].bytes or 0,
        ge=20_000,
        le=100_000_000,
        description="Bytes of one list of links to Google. The source is the same.",
    )
    bing_links: int = Field(
        PUBLISHED_LIMITS["bing"].links,
        ge=1,
        le=100_000,
        description=f"Links of one notice to Bing. {_limit_of('bing')}",
    )


class NoticeSettings(Section):
    """``[notices]``: the claimant, and the claim, of notices about published copies.

    A notice is made only if all that its law requires is set.
    """

    name: str = Field(
        "",
        max_length=200,
        description="Name of the person or organisation that submits the notice.",
    )
    kind: Literal["organization", "individual"] = Field(
        "organization", description="Kind of the claimant, as Lumen distinguishes it."
    )
    address: str = Field(
        "", max_length=400, description="Postal address of the claimant, one line."
    )
    phone: str = Field("", max_length=60, description="Telephone number of the claimant.")
    email: str = Field("", max_length=254, description="Email address of the claimant.")
    signature: str = Field(
        "",
        max_length=200,
        description="Name of the person who signs, typed by that person. It stands for the "
        "signature, and the person answers for the statements in the notice.",
    )
    authority: Authority | None = Field(
        None, description="Whether the claimant is the owner of the rights, or acts for the owner."
    )
    owner: str = Field(
        "",
        max_length=200,
        description="Name of the owner of the rights. Needed of an agent; otherwise it is the "
        "claimant.",
    )
    works: str = Field(
        "",
        max_length=2_000,
        description="The works, as a noun phrase, such as `sound recordings of the "
        "catalogue of Example Music`.",
    )
    works_url: str = Field(
        "",
        max_length=2_000,
        description="Web address at which the works can be seen with permission. Google's form "
        "asks for one. Optional.",
    )
    ground: str = Field(
        "",
        max_length=1_000,
        description="Why the material is illegal, with the provisions of the law, as a sentence. A "
        "notice under the DSA needs it.",
    )
    language: Language = Field(
        "en", description="Language of a notice under the DSA without `--language`."
    )
    limits: NoticeLimitSettings = Field(default_factory=NoticeLimitSettings)

    @field_validator("name", "address", "phone", "email", "signature", "owner", "works", "ground")
    @classmethod
    def _is_one_line(cls, text: str) -> str:
        if not text.isprintable():
            raise ValueError("must be one line without hidden characters")
        return text.strip()

    @field_validator("email")
    @classmethod
    def _is_an_email_address(cls, text: str) -> str:
        if text and not _EMAIL.fullmatch(text):
            raise ValueError("is not an email address")
        return text

    @field_validator("works_url")
    @classmethod
    def _is_a_web_address(cls, text: str) -> str:
        if text and not re.fullmatch(r"https?://[!-~]+", text):
            raise ValueError("must be a web address in ASCII, such as https://www.example.org/")
        return text
