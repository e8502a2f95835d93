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


def upgrade() -> None:
    """Create and fill both tables."""
    op.create_table(
        "cleared_accounts",
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("cleared", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("account", name=op.f("pk_cleared_accounts")),
    )
    op.create_table(
        "last_numbers",
        sa.Column("name", sa.String(length=32), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_last_numbers")),
    )
    connection = op.get_bind()
    for name in _NUMBERED:
        column = sa.column("id", sa.BigInteger())
        newest = sa.select(sa.func.max(column)).select_from(sa.table(name))
        number = connection.execute(newest).scalar() or 0
        values = {"name": name, "number": number}
        connection.execute(sa.text("INSERT INTO last_numbers VALUES (:name, :number)"), values)
    cleared = dict(sorted(_cleared(connection), key=lambda pair: pair[1]))
    for account, moment in cleared.items():
        values = {"account": account, "cleared": moment}
        connection.execute(
            sa.text("INSERT INTO cleared_accounts VALUES (:account, :cleared)"), values
        )


def _cleared(connection: sa.Connection) -> Iterator[tuple[str, int]]:
    """Yield accounts that a person has cleared, each with the moment."""
    released = "SELECT account, released FROM releases"
    granted = "SELECT account, answered FROM appeals WHERE outcome = 'overturned'"
    granted += " AND account IS NOT NULL"
    for query in (released, granted):
        for account, moment in connection.execute(sa.text(query)):
            yield account, moment
    ended = "SELECT facts, ended FROM decisions WHERE ended_by NOT IN ('policy', 'scan')"
    ended += " AND end_reason NOT LIKE 'replaced by decision %'"
    for facts, moment in connection.execute(sa.text(ended)):
        yield from ((account, moment) for account in json.loads(facts)["accounts"])
    dismissed = "SELECT content, time FROM audit WHERE event = 'case dismissed'"
    dismissed += " AND content IS NOT NULL"
    members = sa.text("SELECT account FROM case_accounts WHERE case_id = :case")
    for content, moment in connection.execute(sa.text(dismissed)).all():
        case = {"case": json.loads(content)["case"]}
        yield from ((account, moment) for account in connection.execute(members, case).scalars())


def downgrade() -> None:
    """Refuse: older versions of the store would act on accounts that people have cleared."""
    raise NotImplementedError
