"""The tables of the case store, in the form of its newest migration.

Times are whole microseconds since 1970, UTC: SQLite has no type for times, and one form serves both
databases. JSON documents are text in canonical form (:mod:`ringfence.cases.canonical`).
"""

from __future__ import annotations

from typing import Final

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    text,
)

METADATA: Final = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)

_Key: Final = BigInteger().with_variant(Integer, "sqlite")
"""SQLite numbers rows by itself only if the key is an INTEGER."""


def _one_of(column: str, *values: str) -> CheckConstraint:
    listed = ", ".join(f"'{value}'" for value in values)
    return CheckConstraint(f"{column} IN ({listed})", name=column)


CASES: Final = Table(
    "cases",
    METADATA,
    Column("id", _Key, primary_key=True),
    Column("kind", String(16), nullable=False),
    Column("subject", Text, nullable=False),
    Column("state", String(16), nullable=False),
    Column("version", Integer, nullable=False),
    Column("verdict", String(16), nullable=False),
    Column("action", String(16), nullable=False),
    Column("p_value", Float, nullable=True),
    Column("items", BigInteger, nullable=False),
    Column("accounts", Integer, nullable=False),
    Column("first", BigInteger, nullable=False),
    Column("last", BigInteger, nullable=False),
    Column("opened", BigInteger, nullable=False),
    Column("seen", BigInteger, nullable=False),
    Column("changed", BigInteger, nullable=False),
    Column("finding", Text, nullable=False),
    Column("baseline", Text, nullable=False),
    Column("report", Text, nullable=False),
    _one_of("kind", "account", "ring"),
    _one_of("state", "open", "decided", "appealed", "allowed", "dismissed", "closed"),
    Index(None, "state", "changed", "id"),
    Index(
        "uq_cases_account",
        "subject",
        unique=True,
        sqlite_where=text("kind = 'account'"),
        postgresql_where=text("kind = 'account'"),
    ),
)
"""A finding under human care: one row per account or ring, however often it is found."""

MEMBERS: Final = Table(
    "case_accounts",
    METADATA,
    Column("case_id", ForeignKey("cases.id", ondelete="CASCADE"), primary_key=True),
    Column("account", Text, primary_key=True),
    Index(None, "account"),
)
"""The accounts that a case is about."""

DECISIONS: Final = Table(
    "decisions",
    METADATA,
    Column("id", _Key, primary_key=True),
    Column("case_id", ForeignKey("cases.id"), nullable=False),
    Column("action", String(16), nullable=False),
    Column("reason", Text, nullable=False),
    Column("ground", Text, nullable=False),
    Column("facts", Text, nullable=False),
    Column("report", Text, nullable=False),
    Column("found_by_machine", Boolean, nullable=False),
    Column("decided_by_machine", Boolean, nullable=False),
    Column("shadow", Boolean, nullable=False),
    Column("author", Text, nullable=False),
    Column("made", BigInteger, nullable=False),
    Column("start", BigInteger, nullable=False),
    Column("until", BigInteger, nullable=True),
    Column("ended", BigInteger, nullable=True),
    Column("ended_by", Text, nullable=True),
    Column("end_reason", Text, nullable=True),
    CheckConstraint("length(reason) > 0", name="reason"),
    CheckConstraint("length(author) > 0", name="author"),
    _one_of("action", "observe", "throttle", "challenge", "suspend"),
    Index(None, "case_id", "id"),
    Index(None, "ended", "until"),
)
"""Decisions about cases. A row is never changed, except for its end."""

APPEALS: Final = Table(
    "appeals",
    METADATA,
    Column("id", _Key, primary_key=True),
    Column("decision_id", ForeignKey("decisions.id"), nullable=False),
    Column("received", BigInteger, nullable=False),
    Column("due", BigInteger, nullable=False),
    Column("recorded_by", Text, nullable=False),
    Column("statement", Text, nullable=False),
    Column("answered", BigInteger, nullable=True),
    Column("answered_by", Text, nullable=True),
    Column("outcome", String(16), nullable=True),
    Column("answer", Text, nullable=True),
    # None if it was recorded before single accounts of a ring could appeal: it is of all of them.
    Column("account", Text, nullable=True),
    _one_of("outcome", "upheld", "overturned"),
    Index(None, "decision_id"),
    Index(None, "answered", "due"),
)
"""Complaints of account holders against a decision, and the answers."""

RELEASES: Final = Table(
    "releases",
    METADATA,
    Column("id", _Key, primary_key=True),
    Column("decision_id", ForeignKey("decisions.id"), nullable=False),
    Column("account", Text, nullable=False),
    Column("released", BigInteger, nullable=False),
    Column("released_by", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Index(None, "decision_id", "account", unique=True),
    Index(None, "account"),
)
"""Accounts of a ring to which a decision does not apply any more, while it goes on for others."""

CLEARED: Final = Table(
    "cleared_accounts",
    METADATA,
    Column("account", Text, primary_key=True),
    Column("cleared", BigInteger, nullable=False),
    Column("favour", Boolean, nullable=False),
)
"""Accounts about which a person has decided, with the moment of the last time, and whether that was
in their favour."""

STOLEN_LOGINS: Final = Table(
    "stolen_logins",
    METADATA,
    Column("account", Text, primary_key=True),
    Column("marked", BigInteger, nullable=False),
)
"""Accounts whose logins may be stolen, with the moment of the last decision that says so."""

SCANS: Final = Table(
    "scans",
    METADATA,
    Column("one", Integer, primary_key=True, autoincrement=False),
    Column("moment", BigInteger, nullable=False),
)
"""The last scan that has recorded its findings: one row."""

LAST_NUMBERS: Final = Table(
    "last_numbers",
    METADATA,
    Column("name", String(32), primary_key=True),
    Column("number", BigInteger, nullable=False),
)
"""The last number that a table has given. SQLite would give the number of an erased row again."""

GRANTS: Final = Table(
    "grants",
    METADATA,
    Column("id", _Key, primary_key=True),
    Column("account", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("contact", Text, nullable=False),
    Column("start", BigInteger, nullable=False),
    Column("until", BigInteger, nullable=False),
    Column("budget", BigInteger, nullable=True),
    Column("scope", Text, nullable=False),
    Column("author", Text, nullable=False),
    Column("made", BigInteger, nullable=False),
    Column("ended", BigInteger, nullable=True),
    Column("ended_by", Text, nullable=True),
    CheckConstraint("length(reason) > 0", name="reason"),
    CheckConstraint("until > start", name="dates"),
    Index(None, "account"),
)
"""Permitted bulk access: who, what, how much, until when."""

AUDIT: Final = Table(
    "audit",
    METADATA,
    Column("number", _Key, primary_key=True, autoincrement=False),
    Column("time", BigInteger, nullable=False),
    Column("event", String(32), nullable=False),
    Column("content", Text, nullable=True),
    Column("salt", LargeBinary(32), nullable=True),
    Column("content_hash", LargeBinary(32), nullable=False),
    Column("hash", LargeBinary(32), nullable=False),
)
"""Everything that was done, in order. Each row contains the hash of the row before it."""

AUDIT_HEAD: Final = Table(
    "audit_head",
    METADATA,
    Column("one", Integer, primary_key=True, autoincrement=False),
    Column("number", BigInteger, nullable=False),
    Column("hash", LargeBinary(32), nullable=False),
    CheckConstraint("one = 1", name="one"),
)
"""The last row of the audit: without it, nobody could see that the newest rows are missing."""

EFFECTS: Final = Table(
    "effects",
    METADATA,
    Column("account", Text, primary_key=True),
    Column("decision_id", ForeignKey("decisions.id"), primary_key=True),
    Column("effect", String(16), nullable=False),
    Column("until", BigInteger, nullable=True),
    _one_of("effect", "throttle", "challenge", "suspend"),
    Index(None, "decision_id"),
)
"""The decisions in force and not in shadow mode, by the accounts that they hold."""

OUTBOX: Final = Table(
    "outbox",
    METADATA,
    Column("id", _Key, primary_key=True),
    Column("account", Text, nullable=False),
    Column("effect", String(16), nullable=False),
    Column("decision_id", ForeignKey("decisions.id"), nullable=False),
    Column("key", String(32), nullable=False, unique=True),
    Column("made", BigInteger, nullable=False),
    Column("until", BigInteger, nullable=True),
    Column("ground", Text, nullable=False),
    _one_of("effect", "throttle", "challenge", "suspend", "lift"),
    Index(None, "account", "id"),
    # Sinks remember numbers, so the number of a row that was erased is not given again.
    sqlite_autoincrement=True,
)
"""Every change of the state of an account, in order. Sinks are told each of them."""

SINKS: Final = Table(
    "sinks",
    METADATA,
    Column("name", String(64), primary_key=True),
    Column("enrolled", BigInteger, nullable=False),
    Column("holder", String(32), nullable=True),
    Column("held_until", BigInteger, nullable=True),
    Column("succeeded", BigInteger, nullable=True),
)
"""The sinks that were ever delivered to, and the process that delivers to each now."""

DELIVERIES: Final = Table(
    "deliveries",
    METADATA,
    Column("sink", ForeignKey("sinks.name"), primary_key=True),
    Column("outbox_id", ForeignKey("outbox.id"), primary_key=True),
    Column("state", String(16), nullable=False),
    Column("tries", Integer, nullable=False),
    Column("due", BigInteger, nullable=False),
    Column("changed", BigInteger, nullable=False),
    Column("error", Text, nullable=False),
    _one_of("state", "waiting", "done", "dead"),
    Index(None, "outbox_id"),
    Index(None, "sink", "state", "due"),
)
"""The delivery of each row of the outbox to each sink."""
