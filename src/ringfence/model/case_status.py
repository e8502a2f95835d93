"""What the case store knows about a finding."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from ringfence.model.fields import RECORD, Count, Instant

CaseState = Literal["open", "decided", "appealed", "allowed", "dismissed", "closed"]
"""The state of a case."""


@dataclass(frozen=True)
class CaseStatus:
    """What the case store knows about a finding."""

    __pydantic_config__ = RECORD

    case: Count
    """Number of the case."""
    status: Literal["new", "known", "changed"]
    """`new`: the scan opened the case. `changed`: the case was known, and there is something new
    about it. `known`: nothing is new."""
    since: Instant
    """Time at which the case was opened, UTC."""
    state: CaseState
    """State of the case after the scan."""
    why: str
    """What has changed, as a sentence. Empty if nothing has."""
