"""Write the statement about one decision, from what was frozen in it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, select

from ringfence.cases.member_data import is_group
from ringfence.cases.moments import to_time
from ringfence.cases.schema import DECISIONS
from ringfence.cases.statements.ending import Ending, ending
from ringfence.cases.statements.kinds import StatementKind, answered_appeal, choose_kind
from ringfence.cases.statements.rendering import render
from ringfence.cases.statements.screening import fragments, named_accounts, plain_text, screened
from ringfence.errors import CasesError, SettingsError
from ringfence.settings import Settings
from ringfence.statement_settings import Language


@dataclass(frozen=True)
class StatementOfReasons:
    """A text to the holder of an account.

    Attributes:
        case: number of the case.
        decision: number of the decision.
        kind: what the text is about.
        language: its language.
        text: the text, plain and without markup.
    """

    case: int
    decision: int
    kind: StatementKind
    language: Language
    text: str


def statement(
    connection: Connection,
    decision: int,
    language: Language,
    settings: Settings,
    account: str = "",
) -> StatementOfReasons:
    """Return the text that the account holder must get about a decision now.

    This is the statement of reasons while the decision is in force, then the answer to an appeal,
    or the news that the decision has ended. The text about a ring is the same for all its accounts,
    unless one of them is named: then it has the name and the number of items of this account, and
    is about its own appeal or its own end.

    Args:
        connection: a connection of the store.
        decision: number of the decision.
        language: of the text.
        settings: sections ``statements`` and ``cases``.
        account: one account of a ring, or of visitors under the name of one crawler.

    Raises:
        CasesError: there is no such decision, it had no effect on the account, or it is not about
            the account.
        SettingsError: the name of the service or the contact is missing, or an own template cannot
            be used.
    """
    _check_settings(settings)
    row = connection.execute(select(DECISIONS).where(DECISIONS.c.id == decision)).first()
    if row is None:
        raise CasesError("there is no such decision", where=f"decision {decision}")
    facts = json.loads(row.facts)
    name = account or ("" if is_group(facts) else facts["id"])
    end = ending(connection, row, name)
    answered = answered_appeal(connection, decision, name)
    kind = choose_kind(connection, row, answered, end)
    values = {
        "service": plain_text(settings.statements.service),
        "contact": plain_text(settings.statements.contact),
        "appeal_days": settings.cases.appeal_days,
        **_decision_values(connection, row, name, _own_clauses(settings)),
        **_end_values(end),
        **_appeal_values(connection, row, answered),
    }
    text = render(kind, language, settings.statements.templates, values)
    return StatementOfReasons(row.case_id, decision, kind, language, text)


def _check_settings(settings: Settings) -> None:
    """Refuse settings without which no text can be written.

    Raises:
        SettingsError: one of them is empty.
    """
    for name in ("service", "contact"):
        if not getattr(settings.statements, name):
            raise SettingsError(
                "is not set, and a statement needs it",
                where=f"statements.{name}",
                hint="set it in ringfence.toml",
            )


def _decision_values(
    connection: Connection, row: Row[Any], account: str, clauses: frozenset[str]
) -> Mapping[str, object]:
    facts = json.loads(row.facts)
    return {
        "number": row.id,
        "made": to_time(row.made),
        "start": to_time(row.start),
        "until": None if row.until is None else to_time(row.until),
        "account": plain_text(account),
        "items": _own_items(facts, account, row.id) if account else None,
        "together": is_group(facts),
        "first": facts["first"],
        "last": facts["last"],
        # The operator's clauses name nobody, whatever accounts are called.
        "ground": plain_text(row.ground)
        if row.ground in clauses
        else screened(row.ground, _others(connection, row, row.ground)),
        # The policy writes its reasons for reviewers, with the evidence.
        "reason": "" if row.decided_by_machine else _words(connection, row, row.reason),
        "found_by_machine": row.found_by_machine,
        "decided_by_machine": row.decided_by_machine,
    }


def _own_clauses(settings: Settings) -> frozenset[str]:
    """Return the clauses of the terms of use that the settings name."""
    return frozenset((settings.policy.ground, *(rule.ground for rule in settings.policy.rules)))


def _end_values(end: Ending) -> Mapping[str, object]:
    return {
        "ended": None if end.moment is None else to_time(end.moment),
        "expired": end.expired,
        "released": end.released,
        "other": end.other,
    }


def _own_items(facts: Mapping[str, Any], account: str, decision: int) -> int | None:
    """Return the number of items of one account. The items of a ring are also those of others.

    Raises:
        CasesError: the decision is not about the account.
    """
    if account not in facts["accounts"]:
        raise CasesError("is not about this account", where=f"decision {decision}")
    if not is_group(facts):
        return int(facts["items"])
    # Decisions of earlier versions do not have it, or have more numbers than accounts after an
    # erasure: nobody knows then which number belongs to which account.
    numbers = facts.get("member_items", ())
    if len(numbers) != len(facts["accounts"]):
        return None
    return int(numbers[facts["accounts"].index(account)])


def _appeal_values(
    connection: Connection, row: Row[Any], answered: Row[Any] | None
) -> Mapping[str, object]:
    if answered is None:
        return {"received": None, "answered": None, "answer": ""}
    return {
        "received": to_time(answered.received),
        "answered": to_time(answered.answered),
        "answer": _words(connection, row, answered.answer),
    }


def _words(connection: Connection, row: Row[Any], text: str) -> str:
    """Return a person's words without other accounts and without measures of the detection."""
    evidence = json.loads(row.facts)["evidence"]
    recipe = {one["test"] for one in evidence}
    recipe.update(fragments(one["sentence"] for one in evidence))
    return screened(text, _others(connection, row, text) | recipe)


def _others(connection: Connection, row: Row[Any], text: str) -> set[str]:
    """Return the names that a text about a decision must not have: all but the account's own."""
    facts = json.loads(row.facts)
    names = {*facts["accounts"], facts["id"], *named_accounts(connection, text)}
    if not is_group(facts):
        names.discard(facts["id"])
    return names
