"""What a line of ``findings.jsonl`` has to be before anything is said of it.

Files may be from elsewhere, damaged, or of another version: what is not as it should be is refused
as a whole, not met halfway through a sentence. Keys beyond these are nobody's business here.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

Number = float | None
Count = Annotated[int, Field(ge=0)]
Day = Annotated[str, Field(pattern=r"^\d{4}-\d\d-\d\d$")]
Instant = Annotated[str, Field(pattern=r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$")]


class _Part(BaseModel):
    model_config = ConfigDict(strict=True, allow_inf_nan=False)


class _Coverage(_Part):
    catalogue: Number
    use: Number


class _Evidence(_Part):
    test: str
    observed: Number
    expected: Number
    p_value: Number
    sentence: str


class _Share(_Part):
    attribute: str
    value: str


class _Member(_Part):
    account: str
    items: Count
    first: Instant
    last: Instant
    observed: Number
    expected: Number
    verdict: Literal["extracting", "suspect", ""]
    p_value: Number
    shares: list[_Share]


class _Others(_Part):
    accounts: Count
    holdings: Count
    items: Count
    collisions: Count


class _Slice(_Part):
    holders: Count
    items: Count
    ring: list[Count]
    others: list[Count]


class _Growth(_Part):
    day: Day
    accounts: Count
    items: Count
    collisions: Count
    expected: Number


class _Value(_Part):
    value: str
    members: Count
    accounts: Count


class _Link(_Part):
    attribute: str
    observed: Number
    expected: Number
    p_value: Number
    values: list[_Value]


class _Ring(_Part):
    test: str
    members: list[_Member]
    others: _Others
    slices: list[_Slice]
    growth: list[_Growth]
    links: list[_Link]


class _Finding(_Part):
    kind: Literal["account", "ring"]
    id: str
    accounts: list[str]
    verdict: Literal["extracting", "suspect"]
    p_value: Number
    expected_false: Number
    items: Count
    coverage: _Coverage
    first: Instant
    last: Instant
    action: str
    evidence: list[_Evidence]
    ring: _Ring | None = None


def is_finding(record: object) -> bool:
    """Say whether a record is a finding as the contract has it, in all its parts."""
    try:
        _Finding.model_validate(record)
    except ValidationError:
        return False
    return True
