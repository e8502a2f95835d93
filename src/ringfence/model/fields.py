"""Types of the fields that findings share in memory, in ``findings.jsonl`` and in its schema.

The types hold the rules of the file: how a value is written, and which values are refused when the
file is read back.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Annotated, Final

from pydantic import (
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    ValidationInfo,
    WithJsonSchema,
    WrapValidator,
)

RECORD: Final = ConfigDict(strict=True, use_attribute_docstrings=True)
"""Configuration of every dataclass that is written: no type is converted; docstrings describe."""

INSTANT: Final = r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$"
"""Pattern of a time in a file: ISO 8601, UTC, with ``Z``."""

DAY_PATTERN: Final = r"^\d{4}-\d\d-\d\d$"
"""Pattern of a day in a file: ISO 8601."""


def instant_text(moment: datetime) -> str:
    """Return a time as ISO 8601 in UTC with ``Z``; a time without a zone is UTC already."""
    aware = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    return aware.replace(tzinfo=None).isoformat() + "Z"


def _parser(
    pattern: str, parse: Callable[[str], date]
) -> Callable[[object, ValidationInfo], object]:
    """Return a step that parses text of this pattern in a JSON document, and refuses all else."""
    compiled = re.compile(pattern)

    def check(value: object, info: ValidationInfo) -> object:
        """Parse text of a JSON document; return other input as it is."""
        if info.mode != "json":
            return value
        if isinstance(value, str) and compiled.fullmatch(value):
            return parse(value)
        raise ValueError("not in the form that a scan writes")

    return check


def _from_null(value: object, validate: Callable[[object], float]) -> float:
    return math.nan if value is None else validate(value)


def _to_null(value: float) -> float | None:
    return value if math.isfinite(value) else None


Count = Annotated[int, Field(ge=0)]
"""A whole number, at least 0."""

Number = Annotated[
    float,
    Field(allow_inf_nan=False),
    WrapValidator(_from_null),
    PlainSerializer(_to_null, return_type=float | None, when_used="json"),
]
"""A number. One that is not finite is NaN in memory and ``null`` in a file."""

_AtLeastZero = Annotated[float, Field(ge=0)]
_FromZeroToOne = Annotated[float, Field(ge=0, le=1)]

Amount = Annotated[
    _AtLeastZero,
    Field(allow_inf_nan=False),
    WrapValidator(_from_null),
    PlainSerializer(_to_null, return_type=_AtLeastZero | None, when_used="json"),
]
"""A number that is at least 0, or not finite."""

Proportion = Annotated[
    _FromZeroToOne,
    Field(allow_inf_nan=False),
    WrapValidator(_from_null),
    PlainSerializer(_to_null, return_type=_FromZeroToOne | None, when_used="json"),
]
"""A probability or a share: a number in [0, 1], or NaN if it is not known."""

Instant = Annotated[
    datetime,
    BeforeValidator(_parser(INSTANT, datetime.fromisoformat)),
    PlainSerializer(instant_text, return_type=str, when_used="json"),
    WithJsonSchema({"type": "string", "format": "date-time", "pattern": INSTANT}),
]
"""A time, UTC."""

DayText = Annotated[
    date,
    BeforeValidator(_parser(DAY_PATTERN, date.fromisoformat)),
    WithJsonSchema({"type": "string", "format": "date", "pattern": DAY_PATTERN}),
]
"""A calendar day, UTC."""
