"""The rules of the DSA transparency database for one statement of reasons, as a JSON Schema.

They were written down from the documentation of its API and from the validation in its published
source, as of July 2025. Only the values that concern accounts are listed.
"""

from __future__ import annotations

from typing import Any

from jsonschema import Draft202012Validator, FormatChecker

_DATE = {"type": "string", "format": "date", "pattern": r"^\d{4}-\d\d-\d\d$"}

_COUNTRIES = [
    "AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU", "IE",
    "IS", "IT", "LI", "LT", "LU", "LV", "MT", "NL", "NO", "PL", "PT", "RO", "SE", "SI", "SK",
]  # fmt: skip

STATEMENT: dict[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "required": [
        "decision_ground", "content_type", "category", "content_date", "application_date",
        "territorial_scope", "decision_facts", "source_type", "automated_detection",
        "automated_decision", "puid", "incompatible_content_ground",
        "incompatible_content_explanation", "content_type_other",
    ],
    "anyOf": [{"required": ["decision_account"]}, {"required": ["decision_provision"]}],
    "properties": {
        "decision_account": {"enum": ["DECISION_ACCOUNT_SUSPENDED", "DECISION_ACCOUNT_TERMINATED"]},
        "decision_provision": {
            "enum": [
                "DECISION_PROVISION_PARTIAL_SUSPENSION", "DECISION_PROVISION_TOTAL_SUSPENSION",
                "DECISION_PROVISION_PARTIAL_TERMINATION", "DECISION_PROVISION_TOTAL_TERMINATION",
            ]
        },
        "decision_ground": {"const": "DECISION_GROUND_INCOMPATIBLE_CONTENT"},
        "incompatible_content_ground": {"type": "string", "minLength": 1, "maxLength": 500},
        "incompatible_content_explanation": {"type": "string", "minLength": 1, "maxLength": 2000},
        "content_type": {"const": ["CONTENT_TYPE_OTHER"]},
        "content_type_other": {"type": "string", "minLength": 1, "maxLength": 500},
        "category": {"const": "STATEMENT_CATEGORY_OTHER_VIOLATION_TC"},
        "category_specification": {"const": ["KEYWORD_OTHER"]},
        "category_specification_other": {"type": "string", "maxLength": 500},
        "territorial_scope": {
            "type": "array", "minItems": 1, "uniqueItems": True, "items": {"enum": _COUNTRIES},
        },
        "content_date": _DATE,
        "application_date": _DATE,
        "end_date_account_restriction": _DATE,
        "end_date_service_restriction": _DATE,
        "decision_facts": {"type": "string", "minLength": 1, "maxLength": 5000},
        "source_type": {"enum": ["SOURCE_VOLUNTARY"]},
        "automated_detection": {"enum": ["Yes", "No"]},
        "automated_decision": {
            "enum": [
                "AUTOMATED_DECISION_FULLY", "AUTOMATED_DECISION_PARTIALLY",
                "AUTOMATED_DECISION_NOT_AUTOMATED",
            ]
        },
        "puid": {"type": "string", "pattern": "^[a-zA-Z0-9_-]{1,500}$"},
    },
}  # fmt: skip


def check(statement: dict[str, Any]) -> None:
    """Fail if the database would refuse a statement."""
    Draft202012Validator(STATEMENT, format_checker=FormatChecker()).validate(statement)
    assert statement["content_date"] >= "2000-01-01"
    assert statement["application_date"] >= "2020-01-01"
    ends = [value for name, value in statement.items() if name.startswith("end_date_")]
    assert all(value >= statement["application_date"] for value in ends)
