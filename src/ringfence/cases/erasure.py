"""Erase everything that the store holds about one account.

The audit log stays a chain: the content of each row about the account is erased, and one new row
lists the numbers of these rows. A case about a ring with other members stays, without the account.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Column, Connection, Table, and_, delete, func, or_, select, update

from ringfence.cases.account_names import AccountName, is_plain
from ringfence.cases.audit_erasing import ACT_KEYS, ERASED, ErasedRows, erase_contents
from ringfence.cases.canonical import canonical
from ringfence.cases.group_names import check_is_account
from ringfence.cases.left_to_people import left_to_people
from ringfence.cases.member_commands import member_command
from ringfence.cases.open_appeals import open_appeals
from ringfence.cases.proposals import PROPOSALS
from ringfence.cases.schema import (
    APPEALS,
    AUDIT,
    CASES,
    CLEARED,
    DECISIONS,
    DELIVERIES,
    EFFECTS,
    GRANTS,
    MEMBERS,
    OUTBOX,
    RELEASES,
    SINKS,
    STOLEN_LOGINS,
)
from ringfence.cases.states import Act
from ringfence.cases.stolen_login import stolen_logins
from ringfence.errors import CasesError

_TEXTS: Final[tuple[tuple[Table, str], ...]] = (
    *((DECISIONS, name) for name in ("reason", "end_reason")),
    *((APPEALS, name) for name in ("statement", "answer")),
    *((RELEASES, name) for name in ("reason",)),
    *((GRANTS, name) for name in ("reason", "contact")),
    *((PROPOSALS, name) for name in ("reason", "why")),
    (DELIVERIES, "error"),
)
"""The columns with texts that may name an account that the row is not about."""

_CLAUSES: Final = ((DECISIONS, "ground"), (PROPOSALS, "ground"))
"""The columns with clauses of the terms of use. *3.2* is a clause rather than an account."""

_SCOPES: Final = ((GRANTS, "scope"),)
"""The columns with patterns of items. A pattern that was edited would permit something else."""

_DOCUMENTS: Final = ((CASES, "finding"), (CASES, "baseline"), (DECISIONS, "facts"))
"""The columns with documents that list accounts."""


@dataclass(frozen=True)
class ErasureResult:
    """The number of what was erased.

    Attributes:
        cases: cases about the account, or about a ring of which it was the only member.
        rings: cases about rings that stay without the account.
        decisions: decisions about these cases.
        appeals: appeals against these decisions.
        grants: its grants.
        audit_rows: rows of the audit log whose content was erased.
        number: number of the audit row that says so.
        doubtful: texts that stay and have the name as a word, such as ``decisions 2: reason``.
    """

    cases: int
    rings: int
    decisions: int
    appeals: int
    grants: int
    audit_rows: int
    number: int
    doubtful: tuple[str, ...]


@dataclass(frozen=True)
class _Texts:
    """The columns with texts that an erasure edits, and those that it leaves.

    Attributes:
        searched: whether texts about other accounts are searched for the name.
        edited: columns that are edited.
        left: columns that are only listed if they have the name.
    """

    searched: bool
    edited: Sequence[tuple[Table, str]]
    left: Sequence[tuple[Table, str]]


def erase_account(  # noqa: PLR0913 - the parts of one act
    connection: Connection,
    account: str,
    reason: str,
    act: Act,
    typed: str = "",
    *,
    in_texts: bool = False,
    elsewhere: bool = False,
) -> ErasureResult:
    """Erase everything about an account.

    A name that is one word or a number stays in texts about other accounts and in sentences: an
    account may be named *volume* or *900*. Clauses of the terms of use stay as well, unless the
    name is an e-mail address. The scopes of other accounts' grants are never edited. All texts that
    stay with the name are listed.

    Args:
        connection: a writing connection of the store.
        account: its name, as the store has it.
        reason: why, such as the number of the request. It stays in the audit log.
        act: who erases, and when.
        typed: its real name, if the store has a pseudonym.
        in_texts: whether such a name is taken out of all texts and clauses.
        elsewhere: whether it is also erased elsewhere, so that the store may hold nothing.

    Raises:
        CasesError: the reason is missing or names the account, an effect on the account is in force
            or not delivered, its appeal is open, it is the name of a ring, or the store holds
            nothing about it.
    """
    texts = _texts_to_edit(account, in_texts=in_texts)
    name = AccountName(account, in_texts=texts.searched)
    _check_reason(reason, account, [AccountName(one) for one in (account, typed or account)])
    check_is_account(connection, account)
    _check_effects(connection, account)
    forget_deleted_bytes(connection)
    own, rings = cases_about(connection, account)
    removed = numbers_of(connection, own)
    grants = select(GRANTS.c.id).where(GRANTS.c.account == account)
    removed["grant"] = list(connection.execute(grants).scalars())
    _add_own(connection, account, removed)
    _check_appeals(connection, account, rings)
    rows = _audit_rows(connection, name, removed)
    known = left_to_people(connection, [account]) | stolen_logins(connection, [account])
    worded = in_texts and any(_texts_with(connection, name, texts.edited))
    if not (own or rings or removed["grant"] or rows["named"] or known or worded or elsewhere):
        raise CasesError(
            "the store holds nothing about it", where=account, hint="give the name as logs have it"
        )
    _remove_messages(connection, account)
    for table in (GRANTS, CLEARED, STOLEN_LOGINS):
        connection.execute(delete(table).where(table.c.account == account))
    remove_cases(connection, removed)
    _leave_rings(connection, account, rings)
    _edit_texts(connection, name, texts.edited)
    edited = {key: sorted(set(rows[key]) - set(removed.get(key, ()))) for key in ACT_KEYS.values()}
    numbers = rows["audit"]
    number = erase_contents(connection, ErasedRows(numbers, removed, edited), reason.strip(), act)
    return ErasureResult(
        len(own), len(rings), len(removed["decision"]), len(removed["appeal"]),
        len(removed["grant"]), len(numbers), number,
        tuple(_texts_with(connection, AccountName(account), texts.left)),
    )  # fmt: skip


def _texts_to_edit(account: str, *, in_texts: bool) -> _Texts:
    """Return which texts an erasure edits, see :func:`erase_account`."""
    searched, clauses = in_texts or not is_plain(account), in_texts or "@" in account
    edited = (*_TEXTS, *(_CLAUSES if clauses else ()))
    left = (*(() if searched else _TEXTS), *(() if clauses else _CLAUSES), *_SCOPES)
    return _Texts(searched, edited, left)


def forget_deleted_bytes(connection: Connection) -> None:
    """Let SQLite overwrite what is deleted on this connection. PostgreSQL reuses the room later."""
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("PRAGMA secure_delete = ON")


def cases_about(connection: Connection, account: str) -> tuple[list[int], list[int]]:
    """Return the cases about an account alone, and those about groups with other accounts.

    An account that has left a ring is still in the decisions about it, and in the messages about
    their effects.
    """
    decided = select(DECISIONS.c.case_id)
    queries = (
        select(MEMBERS.c.case_id).where(MEMBERS.c.account == account),
        decided.join(APPEALS).where(APPEALS.c.account == account),
        decided.join(RELEASES).where(RELEASES.c.account == account),
        decided.join(OUTBOX).where(OUTBOX.c.account == account),
    )
    found = {case for query in queries for case in connection.execute(query).scalars()}
    found.update(_listed_in(connection, account, CASES.c.id, CASES.c.baseline))
    found.update(_listed_in(connection, account, DECISIONS.c.case_id, DECISIONS.c.facts))
    groups = [case for case in sorted(found) if _accounts_in(connection, case) - {account}]
    return sorted(found - set(groups)), groups


def _listed_in(
    connection: Connection, account: str, case: Column[int], document: Column[str]
) -> Iterator[int]:
    """Yield the cases of the rows whose document lists an account."""
    # The databases differ in how they compare upper and lower case, so this only narrows it down.
    narrow = document.contains(canonical(account), autoescape=True)
    for number, text in connection.execute(select(case, document).where(narrow)):
        if account in json.loads(text).get("accounts", ()):
            yield number


def _accounts_in(connection: Connection, case: int) -> set[str]:
    """Return the accounts of a case, and those of earlier scans that a person or decision knows."""
    members = select(MEMBERS.c.account).where(MEMBERS.c.case_id == case)
    facts = select(DECISIONS.c.facts).where(DECISIONS.c.case_id == case)
    known = select(CASES.c.baseline).where(CASES.c.id == case)
    found = set(connection.execute(members).scalars())
    for query in (facts, known):
        for text in connection.execute(query).scalars():
            found.update(json.loads(text).get("accounts", ()))
    return found


def numbers_of(connection: Connection, cases: Sequence[int]) -> dict[str, list[int]]:
    """Return the numbers of cases, of their decisions, appeals and releases, by key."""
    decisions = select(DECISIONS.c.id).where(DECISIONS.c.case_id.in_(cases))
    appeals = select(APPEALS.c.id).where(APPEALS.c.decision_id.in_(decisions))
    releases = select(RELEASES.c.id).where(RELEASES.c.decision_id.in_(decisions))
    return {
        "case": list(cases),
        "decision": list(connection.execute(decisions).scalars()),
        "appeal": list(connection.execute(appeals).scalars()),
        "release": list(connection.execute(releases).scalars()),
    }


def remove_cases(connection: Connection, numbers: Mapping[str, Sequence[int]]) -> None:
    """Remove cases with everything about them, as :func:`numbers_of` returns it."""
    cases, decisions = numbers["case"], numbers["decision"]
    sent = select(OUTBOX.c.id).where(OUTBOX.c.decision_id.in_(decisions))
    connection.execute(delete(DELIVERIES).where(DELIVERIES.c.outbox_id.in_(sent)))
    connection.execute(delete(OUTBOX).where(OUTBOX.c.decision_id.in_(decisions)))
    connection.execute(delete(EFFECTS).where(EFFECTS.c.decision_id.in_(decisions)))
    connection.execute(delete(APPEALS).where(APPEALS.c.id.in_(numbers["appeal"])))
    connection.execute(delete(RELEASES).where(RELEASES.c.id.in_(numbers["release"])))
    connection.execute(delete(DECISIONS).where(DECISIONS.c.id.in_(decisions)))
    connection.execute(delete(PROPOSALS).where(PROPOSALS.c.case_id.in_(cases)))
    connection.execute(delete(MEMBERS).where(MEMBERS.c.case_id.in_(cases)))
    connection.execute(delete(CASES).where(CASES.c.id.in_(cases)))


def _add_own(connection: Connection, account: str, numbers: dict[str, list[int]]) -> None:
    """Add the account's own appeals against decisions about rings, and its releases from them."""
    for key, table in (("appeal", APPEALS), ("release", RELEASES)):
        own = connection.execute(select(table.c.id).where(table.c.account == account)).scalars()
        numbers[key] = sorted({*numbers[key], *own})


def _check_appeals(connection: Connection, account: str, rings: Sequence[int]) -> None:
    """Refuse to erase an appeal that nobody has answered: its case would wait for ever.

    Raises:
        CasesError: the account has an open appeal against the decision about a ring.
    """
    for case in rings:
        if any(one.account == account for one in open_appeals(connection, case)):
            raise CasesError(
                "its appeal is open",
                where=account,
                hint=f"answer it first: {member_command('answer', case, account)}",
            )


def _check_reason(reason: str, account: str, names: Sequence[AccountName]) -> None:
    if not reason.strip():
        raise CasesError("a reason is needed", where=account, hint="give --reason")
    if any(name.is_in(reason) for name in names):
        raise CasesError(
            "the reason names the account, and it stays in the audit log",
            where=account,
            hint="give the number of the request instead",
        )


def _check_effects(connection: Connection, account: str) -> None:
    """Refuse to erase an account that a connected system still holds.

    Raises:
        CasesError: an effect is in force or not delivered.
    """
    held = select(DECISIONS.c.id, DECISIONS.c.case_id).join(EFFECTS)
    query = held.where(EFFECTS.c.account == account).order_by(DECISIONS.c.id)
    if decision := connection.execute(query).first():
        command = member_command("release", decision.case_id, account)
        raise CasesError(
            f"decision {decision.id} still applies to the account",
            where=account,
            hint=f"release it, and deliver that first: {command}",
        )
    newest = select(func.max(OUTBOX.c.id)).where(OUTBOX.c.account == account)
    last = connection.execute(newest).scalar() or 0
    sent = (
        select(DELIVERIES.c.sink)
        .join(OUTBOX)
        .where(
            OUTBOX.c.account == account,
            or_(
                DELIVERIES.c.state == "waiting",
                and_(DELIVERIES.c.state == "dead", DELIVERIES.c.outbox_id == last),
            ),
        )
    )
    behind = select(SINKS.c.name).where(SINKS.c.enrolled < last)
    for query in (sent, behind):
        if sink := connection.execute(query).scalar():
            raise CasesError(
                f"an effect on the account was not delivered to {sink}",
                where=account,
                hint="run ringfence outbox deliver; see outbox dead, and outbox drop",
            )


def _remove_messages(connection: Connection, account: str) -> None:
    sent = select(OUTBOX.c.id).where(OUTBOX.c.account == account)
    connection.execute(delete(DELIVERIES).where(DELIVERIES.c.outbox_id.in_(sent)))
    connection.execute(delete(OUTBOX).where(OUTBOX.c.account == account))


def _leave_rings(connection: Connection, account: str, rings: Sequence[int]) -> None:
    for case in rings:
        here = MEMBERS.c.case_id == case
        connection.execute(delete(MEMBERS).where(here, MEMBERS.c.account == account))
        left = select(func.count()).select_from(MEMBERS).where(here)
        changes = {"accounts": connection.execute(left).scalar_one()}
        query = update(CASES).where(CASES.c.id == case)
        connection.execute(query.values(version=CASES.c.version + 1, **changes))


def _edit_texts(
    connection: Connection, name: AccountName, texts: Sequence[tuple[Table, str]]
) -> None:
    """Take the name out of the texts and documents of the rows that stay."""
    for table, column in _DOCUMENTS:
        _edit(connection, table, column, name, lambda text: _edited_document(text, name))
    for table, column in texts:
        _edit(connection, table, column, name, name.taken_out)


def _texts_with(
    connection: Connection, name: AccountName, texts: Sequence[tuple[Table, str]]
) -> Iterator[str]:
    """Yield the place of each text that has the name."""
    for table, column in texts:
        keys = list(table.primary_key.columns)
        for *key, text in connection.execute(select(*keys, table.c[column]).order_by(*keys)).all():
            if name.is_in(text):
                yield f"{table.name} {' '.join(map(str, key))}: {column}"


def _edited_document(text: str, name: AccountName) -> str:
    return canonical(name.taken_out_of(json.loads(text)))


def _edit(
    connection: Connection, table: Table, column: str, name: AccountName, edit: Callable[[str], str]
) -> None:
    keys = list(table.primary_key.columns)
    for *key, text in connection.execute(select(*keys, table.c[column])).all():
        if name.is_in(text):
            row = and_(*(one == value for one, value in zip(keys, key, strict=True)))
            connection.execute(update(table).where(row).values({column: edit(text)}))


def _audit_rows(
    connection: Connection, name: AccountName, removed: Mapping[str, Sequence[int]]
) -> dict[str, list[int]]:
    """Return the audit rows about an account, and by key the acts that they describe."""
    found: dict[str, list[int]] = {
        "audit": [],
        "named": [],
        **{key: [] for key in ACT_KEYS.values()},
    }
    numbers = {key: set(listed) for key, listed in removed.items()}
    query = select(AUDIT.c.number, AUDIT.c.event, AUDIT.c.content)
    rows = connection.execute(query.where(AUDIT.c.content.is_not(None)).order_by(AUDIT.c.number))
    for row in rows:
        content = json.loads(row.content)
        if row.event == ERASED:
            continue
        if name.is_named_by(content):
            found["named"].append(row.number)
        if name.is_in(content) or any(content.get(key) in numbers[key] for key in numbers):
            found["audit"].append(row.number)
            if key := ACT_KEYS.get(row.event):
                found[key].append(content[key])
    return found
