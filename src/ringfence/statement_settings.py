"""The settings of the statements of reasons: the texts to the holders of accounts."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, field_validator

from ringfence.reading_settings import Section, SettingsPath

Language = Literal["en", "fr"]
"""The languages in which there are templates."""


class StatementSettings(Section):
    """``[statements]``: the texts to account holders about decisions."""

    service: str = Field(
        "",
        max_length=200,
        description="Name of your service, as its users know it. Statements need it.",
    )
    contact: str = Field(
        "",
        max_length=200,
        description="Address to which account holders write, such as an email address or a web "
        "page. Statements need it.",
    )
    language: Language = Field("en", description="Language of a statement without `--language`.")
    templates: SettingsPath = Field(
        "",
        description="Folder with own templates, such as `en/suspend.txt.j2`. Each takes the place "
        "of the built-in one of this name. Empty: only the built-in ones.",
    )

    @field_validator("service", "contact")
    @classmethod
    def _is_one_line(cls, text: str) -> str:
        if not text.isprintable():
            raise ValueError("must be one line without hidden characters")
        return text.strip()
