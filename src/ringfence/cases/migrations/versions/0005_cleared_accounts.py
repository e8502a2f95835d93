"""Remember the accounts that people have cleared, and the last number of each table.

Both are filled from what the store still knows: releases, appeals that were granted, decisions that
people ended, and dismissed cases.
"""

from __future__ import annotations

import json
from collections.abc import Iterator

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_NUMBERED = ("cases", "decisions", "appeals", "releases", "grants")

_MEMBERS = sa.table("case_accounts", sa.column("case_id"), sa.column("account"))
_RELEASES = sa.table("releases", sa.column("account"), sa.column("released"))
_APPEALS = sa.table("appeals", sa.column("account"), sa.column("answered"), sa.column("outcome"))
_AUDIT = sa.table("audit", sa.column("content"), sa.column("time"), sa.column("event"))
_DECISIONS = sa.table(
    "decisions", *map(sa.column, ("facts", "ended", "ended_by", "end_reason"))
)  # fmt: skip


def upgrade() -> None:
    """Create and fill both tables."""
    cleared_accounts = op.create_table(
        "cleared_accounts",
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("cleared", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("account", name=op.f("pk_cleared_accounts")),
    )
    last_numbers = op.create_table(
        "last_numbers",
        sa.Column("name", sa.String(length=32), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_last_numbers")),
    )
    connection = op.get_bind()
    numbers = [{"name": name, "number": _newest(connection, name)} for name in _NUMBERED]
    connection.execute(sa.insert(last_numbers), numbers)
    cleared = dict(sorted(_cleared(connection), key=lambda pair: pair[1]))
    rows = [{"account": account, "cleared": moment} for account, moment in cleared.items()]
    if rows:
        connection.execute(sa.insert(cleared_accounts), rows)


def _newest(connection: sa.Connection, name: str) -> int:
    column = sa.column("id", sa.BigInteger())
    newest = sa.select(sa.func.max(column)).select_from(sa.table(name))
    return connection.execute(newest).scalar() or 0


def _cleared(connection: sa.Connection) -> Iterator[tuple[str, int]]:
    """Yield accounts that a person has cleared, each with the moment."""
    released = sa.select(_RELEASES.c.account, _RELEASES.c.released)
    granted = sa.select(_APPEALS.c.account, _APPEALS.c.answered).where(
        _APPEALS.c.outcome == "overturned", _APPEALS.c.account.is_not(None)
    )
    for query in (released, granted):
        for account, moment in connection.execute(query):
            yield account, moment
    ended = sa.select(_DECISIONS.c.facts, _DECISIONS.c.ended).where(
        _DECISIONS.c.ended_by.not_in(("policy", "scan")),
        _DECISIONS.c.end_reason.not_like("replaced by decision %"),
    )
    for facts, moment in connection.execute(ended):
        yield from ((account, moment) for account in json.loads(facts)["accounts"])
    dismissed = sa.select(_AUDIT.c.content, _AUDIT.c.time).where(
        _AUDIT.c.event == "case dismissed", _AUDIT.c.content.is_not(None)
    )
    for content, moment in connection.execute(dismissed).all():
        members = sa.select(_MEMBERS.c.account).where(
            _MEMBERS.c.case_id == json.loads(content)["case"]
        )
        yield from ((account, moment) for account in connection.execute(members).scalars())


def downgrade() -> None:
    """Refuse: older versions of the store would act on accounts that people have cleared."""
    raise NotImplementedError("an older version would act on accounts that people have cleared")
