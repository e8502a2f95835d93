"""Findings as JSON, JSON as findings, and the schema of both."""

from __future__ import annotations

from functools import cache
from typing import Any, Final

from pydantic import TypeAdapter, ValidationError

from ringfence.model.details import AccountDetails
from ringfence.model.finding import Finding

SCHEMA_DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"

SCHEMA_ID: Final = (
    "https://github.com/ringfence/ringfence/blob/main/docs/reference/findings.schema.json"
)

ALWAYS_WHOLE: Final = ("Evidence", "AccountDetails", "ItemDetails")
"""Parts of a finding that are written with all their fields, also those that follow from others or
are empty."""

FINDINGS_VERSION: Final = 1
"""Version of the schema. It changes when a line loses a field or a field changes its meaning."""


class ForeignRecordError(ValueError):
    """A record is not a finding as this version writes it."""


def finding_to_json(finding: Finding) -> dict[str, Any]:
    """Return a finding as an object for ``json.dumps``: one line of ``findings.jsonl``.

    Times become text in UTC with ``Z``; numbers that are not finite become None. A ring with a
    profile has the additional key ``ring``.
    """
    record: dict[str, Any] = _adapter().dump_python(finding, mode="json")
    return record


def details_to_json(details: AccountDetails | None) -> dict[str, Any] | None:
    """Return the details of an account as in a finding; None if there are none."""
    if details is None:
        return None
    record: dict[str, Any] = TypeAdapter(AccountDetails).dump_python(details, mode="json")
    return record


def finding_from_json(line: str) -> Finding:
    """Read one line of ``findings.jsonl``.

    Unknown keys are ignored. Data that only the report draws is empty.

    Raises:
        ForeignRecordError: a key is missing, or a value is not what this version writes.
    """
    try:
        return _adapter().validate_json(line)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(map(str, first["loc"]))
        raise ForeignRecordError(f"{place}: {first['msg']}") from error


def findings_schema() -> dict[str, Any]:
    """Return the JSON Schema (draft 2020-12) of one line of ``findings.jsonl``."""
    schema = _adapter().json_schema(mode="serialization")
    for name in ALWAYS_WHOLE:
        part = schema["$defs"][name]
        part["required"] = list(part["properties"])
    return {
        "$schema": SCHEMA_DIALECT,
        "$id": SCHEMA_ID,
        "title": "Finding",
        "version": FINDINGS_VERSION,
        **_without_titles(schema),
    }


@cache
def _adapter() -> TypeAdapter[Finding]:
    return TypeAdapter(Finding)


def _without_titles(schema: Any) -> Any:  # noqa: ANN401 - any part of a JSON document
    """Return the schema without the titles that repeat the names, and with joined lines."""
    if isinstance(schema, list):
        return [_without_titles(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    return {
        key: " ".join(value.split()) if key == "description" and isinstance(value, str)
        else _without_titles(value)
        for key, value in schema.items()
        if key != "title" or not isinstance(value, str)
    }  # fmt: skip
