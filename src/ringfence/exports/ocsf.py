"""A case as a Detection Finding of the Open Cybersecurity Schema Framework (OCSF).

The event is meant for the operator's own systems, so it names accounts. See
https://schema.ocsf.io/1.8.0/classes/detection_finding.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from importlib.metadata import version
from typing import Any, Final

from ringfence.cases.member_data import is_group
from ringfence.exports.record import CaseRecord

OCSF_VERSION: Final = "1.8.0"
"""Version of the schema. Version 1.9.0 adds to it, and changes nothing that is used here."""

_FINDINGS: Final = 2
_DETECTION_FINDING: Final = 2004
_CREATE, _UPDATE, _CLOSE = (1, "Create"), (2, "Update"), (3, "Close")
_STATISTICAL: Final = 3
_ACTOR: Final = 2
_RESOURCE_UID: Final = 10

_NEW, _IN_PROGRESS, _SUPPRESSED, _RESOLVED = (
    (1, "New"), (2, "In Progress"), (3, "Suppressed"), (4, "Resolved"),
)  # fmt: skip
_STATUS: Final[Mapping[str, tuple[int, str]]] = {
    "open": _NEW,
    "decided": _RESOLVED,
    "appealed": _IN_PROGRESS,
    "allowed": _SUPPRESSED,
    "dismissed": _SUPPRESSED,
    "closed": _RESOLVED,
}
"""The status of a finding by the state of its case."""

_SUSPICIOUS, _TRUE_POSITIVE = (4, "Suspicious"), (2, "True Positive")
_VERDICT: Final[Mapping[str, tuple[int, str]]] = {
    "open": _SUSPICIOUS,
    "decided": _TRUE_POSITIVE,
    "appealed": _SUSPICIOUS,
    "allowed": (5, "Benign"),
    "dismissed": (1, "False Positive"),
    "closed": (0, "Unknown"),
}
"""The conclusion of people. A case is closed by an appeal, or because the time is over."""

_SEVERITY: Final[Mapping[str, tuple[int, str]]] = {
    "extracting": (4, "High"),
    "suspect": (3, "Medium"),
}
_CONFIDENCE: Final[Mapping[str, tuple[int, str]]] = {
    "extracting": (3, "High"),
    "suspect": (2, "Medium"),
}


def detection_finding(record: CaseRecord) -> dict[str, Any]:
    """Return a case as one OCSF event. It does not name accounts that were released.

    Args:
        record: the case. Every case can be expressed.
    """
    case, finding = record.case, record.case["finding"]
    accounts = [name for name in finding["accounts"] if name not in record.released]
    return {
        **_classification(case),
        "time": _milliseconds(max(case["changed"], case["seen"])),
        "start_time": _milliseconds(case["first"]),
        "end_time": _milliseconds(case["last"]),
        "message": _title(case),
        "status_detail": "; ".join([case["state"], *map(_decision, case["decisions"])]),
        "metadata": {
            "version": OCSF_VERSION,
            "product": {
                "name": "Ringfence", "vendor_name": "Ringfence", "version": version("ringfence"),
            },
            "profiles": ["incident"],
        },
        "finding_info": _finding_info(record),
        "evidences": [_evidence(one) for one in finding["evidence"]],
        "resources": [
            {"uid": name, "type": "account", "role_id": _ACTOR} for name in accounts
        ],
        "observables": [
            {"name": "resources[].uid", "type_id": _RESOURCE_UID, "value": name}
            for name in accounts
        ],
        "remediation": {"desc": f"Advice: {case['action']}"},
        "unmapped": _without_none({
            "case": case["id"], "kind": case["kind"], "subject": case["subject"],
            "verdict": case["verdict"], "items": case["items"], "p_value": case["p_value"],
            "coverage": finding["coverage"],
        }),
    }  # fmt: skip


def _classification(case: Mapping[str, Any]) -> dict[str, Any]:
    activity, name = _activity(case)
    numbered = {
        "activity": (activity, name),
        "severity": _SEVERITY[case["verdict"]],
        "confidence": _CONFIDENCE[case["verdict"]],
        "status": _status(case),
        "verdict": _verdict(case),
    }
    words = {"activity": "activity_name"}
    return {
        "category_uid": _FINDINGS,
        "category_name": "Findings",
        "class_uid": _DETECTION_FINDING,
        "class_name": "Detection Finding",
        "type_uid": _DETECTION_FINDING * 100 + activity,
        "type_name": f"Detection Finding: {name}",
        "is_alert": case["state"] == "open",
        **{f"{key}_id": number for key, (number, _) in numbered.items()},
        **{words.get(key, key): word for key, (_, word) in numbered.items()},
    }


def _activity(case: Mapping[str, Any]) -> tuple[int, str]:
    if case["state"] in {"allowed", "dismissed", "closed"}:
        return _CLOSE
    return _CREATE if case["version"] == 1 and case["seen"] == case["opened"] else _UPDATE


def _status(case: Mapping[str, Any]) -> tuple[int, str]:
    """Return the status. A decision in shadow mode has not resolved anything."""
    shadow = any(one["shadow"] for one in case["decisions"] if not one["ended"])
    return _IN_PROGRESS if case["state"] == "decided" and shadow else _STATUS[case["state"]]


def _verdict(case: Mapping[str, Any]) -> tuple[int, str]:
    """Return the conclusion. The policy's decisions, and those to observe, are none of people."""
    concluded = any(
        not one["decided_by_machine"] and one["action"] != "observe"
        for one in case["decisions"]
        if not one["ended"]
    )
    return _SUSPICIOUS if case["state"] == "decided" and not concluded else _VERDICT[case["state"]]


def _finding_info(record: CaseRecord) -> dict[str, Any]:
    case = record.case
    return {
        "uid": str(record.make_id("case", case["id"])),
        "title": _title(case),
        "desc": " ".join(one["sentence"] for one in case["finding"]["evidence"]),
        "types": [f"{case['verdict']} {case['kind']}"],
        "analytic": {"name": "ringfence scan", "type_id": _STATISTICAL, "type": "Statistical"},
        "created_time": _milliseconds(case["opened"]),
        "modified_time": _milliseconds(case["changed"]),
        "first_seen_time": _milliseconds(case["first"]),
        "last_seen_time": _milliseconds(case["last"]),
    }


def _title(case: Mapping[str, Any]) -> str:
    if not is_group(case["finding"]):
        return f"Account {case['subject']}: {case['verdict']}"
    if case["kind"] == "account":
        return f"{case['accounts']:,} visitors named {case['subject']}: {case['verdict']}"
    return f"Ring {case['subject']} of {case['accounts']:,} accounts: {case['verdict']}"


def _evidence(one: Mapping[str, Any]) -> dict[str, Any]:
    """Return an answer of an evidence test. Its numbers have no attribute of their own in OCSF."""
    kept = ("sentence", "observed", "expected", "p_value", "supports")
    return {"name": one["test"], "data": _without_none({key: one.get(key) for key in kept})}


def _decision(decision: Mapping[str, Any]) -> str:
    """Return a decision in one clause, with its end and the outcome of its appeals."""
    clause = f"decision {decision['id']}: {decision['action']} since {decision['start']}"
    clause += " in shadow mode" if decision["shadow"] else ""
    if decision["ended"]:
        clause += f", ended {decision['ended']}"
    elif decision["until"]:
        clause += f" until {decision['until']}"
    return clause + "".join(f", appeal {one['outcome'] or 'open'}" for one in decision["appeals"])


def _milliseconds(time: str) -> int:
    return int(datetime.fromisoformat(time).timestamp()) * 1_000


def _without_none(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values that are known: OCSF has no null."""
    return {key: value for key, value in values.items() if value is not None}
