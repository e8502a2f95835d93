"""Decisions as statements of reasons for the DSA transparency database of the European Commission.

The format is that of the database's API since July 2025, see
https://transparency.dsa.ec.europa.eu/page/api-documentation. Nothing here says that an operator
must submit them. The database forbids personal data, so the texts are fixed and have numbers only.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from ringfence.cases.member_data import is_group
from ringfence.cases.statements.screening import LEFT_OUT, plain_text, screened
from ringfence.cases.stolen_login import is_stolen_login
from ringfence.exports.record import CaseRecord
from ringfence.visible import clip

_RESTRICTIONS: Final[Mapping[str, tuple[str, str, str]]] = {
    "suspend": (
        "decision_account", "DECISION_ACCOUNT_SUSPENDED", "end_date_account_restriction",
    ),
    "throttle": (
        "decision_provision", "DECISION_PROVISION_PARTIAL_SUSPENSION",
        "end_date_service_restriction",
    ),
}  # fmt: skip
"""The field, value and end of each action. To challenge or observe restricts nothing."""

EEA_COUNTRIES: Final = (
    "AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU", "IE",
    "IS", "IT", "LI", "LT", "LU", "LV", "MT", "NL", "NO", "PL", "PT", "RO", "SE", "SI", "SK",
)  # fmt: skip
"""The European Economic Area: a decision holds everywhere."""

_FIRST_DAY: Final = "2000-01-01"
"""The first day that the database takes as the date of content."""

_LONGEST_GROUND: Final = 500


def statements_of_reasons(record: CaseRecord) -> list[dict[str, Any]]:
    """Return one statement for each account that a decision about the case restricts now.

    Args:
        record: the case.

    Returns:
        The statements; none if no decision is in force, if it is in shadow mode or restricts
        nothing, if it says that the login may be stolen, or if its ground is empty or has personal
        data.
    """
    return [
        statement for decision in record.case["decisions"] for statement in _all(record, decision)
    ]


def _all(record: CaseRecord, decision: Mapping[str, Any]) -> list[dict[str, Any]]:
    if decision["ended"] or decision["shadow"] or decision["action"] not in _RESTRICTIONS:
        return []
    if is_stolen_login(decision["reason"]):
        return []
    ground = _public_ground(record, decision)
    if not ground:
        return []
    accounts = sorted(set(decision["facts"]["accounts"]))
    common = {**_restriction(decision), **_grounds(decision, ground), **_content(decision)}
    # An id made from a name could be guessed. A place in the list tells nothing about anybody.
    return [
        {**common, "puid": str(record.make_id("decision", decision["id"], place))}
        for place, account in enumerate(accounts)
        if account not in record.released
    ]


def _restriction(decision: Mapping[str, Any]) -> dict[str, Any]:
    field, value, end = _RESTRICTIONS[decision["action"]]
    return {
        field: value,
        "territorial_scope": list(EEA_COUNTRIES),
        "application_date": _day(decision["start"]),
        **({end: _day(decision["until"])} if decision["until"] else {}),
    }


def _grounds(decision: Mapping[str, Any], ground: str) -> dict[str, Any]:
    by_machine = decision["decided_by_machine"]
    return {
        "decision_ground": "DECISION_GROUND_INCOMPATIBLE_CONTENT",
        "incompatible_content_ground": ground,
        "incompatible_content_explanation": (
            "The account was used to copy the catalogue of the service in bulk, "
            "which the terms and conditions do not permit."
        ),
        "category": "STATEMENT_CATEGORY_OTHER_VIOLATION_TC",
        "category_specification": ["KEYWORD_OTHER"],
        "category_specification_other": "Bulk extraction of a catalogue",
        "decision_facts": _facts(decision["facts"]),
        "source_type": "SOURCE_VOLUNTARY",
        "automated_detection": "Yes" if decision["found_by_machine"] else "No",
        # A person who decides has the program's advice before them.
        "automated_decision": f"AUTOMATED_DECISION_{'FULLY' if by_machine else 'PARTIALLY'}",
    }


def _content(decision: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "content_type": ["CONTENT_TYPE_OTHER"],
        "content_type_other": "Use of an account",
        "content_date": max(_day(decision["facts"]["first"]), _FIRST_DAY),
    }


def _facts(facts: Mapping[str, Any]) -> str:
    accounts = len(set(facts["accounts"]))
    group = "accounts that act as one" if facts["kind"] == "ring" else "visitors under one name"
    subject = (
        f"The account is one of {accounts:,} {group}. Together they"
        if is_group(facts)
        else "The account"
    )
    return (
        f"{subject} took {facts['items']:,} different items of the catalogue between "
        f"{_day(facts['first'])} and {_day(facts['last'])}. "
        "Statistical tests compared this with the use by other accounts."
    )


def _public_ground(record: CaseRecord, decision: Mapping[str, Any]) -> str:
    """Return the clause of the terms, or nothing if it could have personal data."""
    facts = decision["facts"]
    names: Sequence[str] = [*facts["accounts"], facts["id"], record.case["subject"], *record.named]
    ground = plain_text(decision["ground"])
    if "@" in ground or LEFT_OUT in screened(ground, names):
        return ""
    return clip(ground, _LONGEST_GROUND)


def _day(time: str) -> str:
    return time[: len(_FIRST_DAY)]
