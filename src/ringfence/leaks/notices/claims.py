"""The elements that a notice must have by law, and the settings of the claimant that give them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final, Literal

from ringfence.errors import SettingsError
from ringfence.notice_settings import NoticeSettings

Law = Literal["dmca", "dsa"]
"""The law that a notice follows: 17 U.S.C. § 512 or Regulation (EU) 2022/2065."""

REQUIRED_SETTINGS: Final[Mapping[Law, Mapping[str, str]]] = {
    "dmca": {
        "signature": "17 U.S.C. § 512(c)(3)(A)(i)",
        "works": "17 U.S.C. § 512(c)(3)(A)(ii)",
        "name": "17 U.S.C. § 512(c)(3)(A)(iv)",
        "address": "17 U.S.C. § 512(c)(3)(A)(iv)",
        "phone": "17 U.S.C. § 512(c)(3)(A)(iv)",
        "email": "17 U.S.C. § 512(c)(3)(A)(iv)",
        "authority": "17 U.S.C. § 512(c)(3)(A)(vi)",
    },
    "dsa": {
        "works": "Article 16(2)(a) DSA",
        "ground": "Article 16(2)(a) DSA",
        "name": "Article 16(2)(c) DSA",
        "email": "Article 16(2)(c) DSA",
    },
}
"""The settings that a notice needs, with the provision that asks for each.

The links are the element (iii) of the DMCA and (b) of the DSA. The templates have the statements
(v) and (vi) of the DMCA and (d) of the DSA. The DMCA asks for an email address "if available".
Hosts answer by email, so it is needed here.
"""


def check_claim(settings: NoticeSettings, laws: Iterable[Law]) -> None:
    """Refuse a claim that lacks what a law requires. The error names all that is missing.

    Raises:
        SettingsError: a setting is empty.
    """
    missing: dict[str, list[str]] = {}
    for law in laws:
        for name, provision in REQUIRED_SETTINGS[law].items():
            if not getattr(settings, name):
                missing.setdefault(name, []).append(provision)
    if settings.authority == "agent" and not settings.owner:
        missing["owner"] = ["an agent must say for whom it acts"]
    if missing:
        listed = "; ".join(
            f"notices.{name} ({', '.join(provisions)})" for name, provisions in missing.items()
        )
        raise SettingsError(
            f"a notice lacks what is required: {listed}",
            hint="set them in ringfence.toml, and give it with --config",
        )


def owner_of(settings: NoticeSettings) -> str:
    """Return the name of the owner of the rights."""
    return settings.owner or settings.name
