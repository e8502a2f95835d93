"""Accounts taken over from users."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from ringfence.lab.simulate.extractors.ring import Ring


@dataclass(frozen=True, kw_only=True)
class Stolen(Ring):
    """A ring of accounts with a real past; their owners may go on using them."""

    name: ClassVar[str] = "stolen"
    stolen: ClassVar[bool] = True
