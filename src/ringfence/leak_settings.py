"""The settings of leaks: where assessments, packs of notices and the register of links are."""

from __future__ import annotations

from pydantic import Field

from ringfence.reading_settings import Section, SettingsPath


class LeakSettings(Section):
    """``[leaks]``: the folders that the pages about leaks and `ringfence leak overview` show."""

    assessments: SettingsPath = Field(
        "",
        description="Folder in which each assessment has a folder of its own, as `ringfence leak "
        "assess --out` and `ringfence leak attribute --out` write them. Empty: none is shown.",
    )
    packs: SettingsPath = Field(
        "",
        description="Folder in which each pack of notices has a folder of its own, as `ringfence "
        "leak notice --out` writes it. Empty: none is shown.",
    )
    link_register: SettingsPath = Field(
        "",
        description="Folder of the register of links, as `ringfence leak links` keeps it. Empty: "
        "there is none.",
    )
