"""Remember the accounts of a case when a person last looked, and logins that may be stolen.

A baseline had the number of accounts only. Nobody knows who was in a ring at that time: its present
members count as known. A login may be stolen if the last decision about its case says so.
"""

from __future__ import annotations

import json
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_CASES = sa.table("cases", sa.column("id"), sa.column("finding"), sa.column("baseline"))
_DECISIONS = sa.table("decisions", *map(sa.column, ("id", "case_id", "reason", "facts", "made")))
_MARK = "the login may be stolen."
_AT_ONCE = 500


def upgrade() -> None:
    """Rewrite every baseline, and create the tables of scans and of stolen logins."""
    stolen_logins = op.create_table(
        "stolen_logins",
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("marked", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("account", name=op.f("pk_stolen_logins")),
    )
    op.create_table(
        "scans",
        sa.Column("one", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("moment", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("one", name=op.f("pk_scans")),
    )
    # All that is known so far was in favour of the account.
    favour: sa.Column[bool] = sa.Column(
        "favour", sa.Boolean(), nullable=False, server_default=sa.true()
    )
    op.add_column("cleared_accounts", favour)
    connection = op.get_bind()
    _rewrite_baselines(connection)
    rows = [{"account": one, "marked": time} for one, time in _stolen(connection).items()]
    if rows:
        connection.execute(sa.insert(stolen_logins), rows)


def _rewrite_baselines(connection: sa.Connection) -> None:
    """Do so in pages: memory does not grow with the number of cases."""
    last = 0
    while rows := connection.execute(_page(last)).all():
        for case, finding, baseline in rows:
            found = json.loads(finding)
            items = found.get("member_items", ())
            pairs = sorted(zip(found["accounts"], items, strict=False))
            known = {
                **json.loads(baseline),
                "accounts": sorted(set(found["accounts"])),
                "member_items": [number for _, number in pairs],
                "erased_accounts": found.get("erased_accounts", 0),
            }
            text = json.dumps(known, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
            here = sa.update(_CASES).where(_CASES.c.id == case)
            connection.execute(here.values(baseline=text))
        last = rows[-1].id


def _page(last: int) -> sa.Select[Any]:
    return sa.select(_CASES).where(_CASES.c.id > last).order_by(_CASES.c.id).limit(_AT_ONCE)


def _stolen(connection: sa.Connection) -> dict[str, int]:
    """Return the accounts whose last decision, case by case, says that the login may be stolen."""
    newest = sa.select(sa.func.max(_DECISIONS.c.id)).group_by(_DECISIONS.c.case_id)
    query = sa.select(_DECISIONS).where(_DECISIONS.c.id.in_(newest)).order_by(_DECISIONS.c.id)
    return {
        account: row.made
        for row in connection.execute(query)
        if row.reason.casefold().startswith(_MARK)
        for account in json.loads(row.facts)["accounts"]
    }


def downgrade() -> None:
    """Refuse: older versions of the store cannot read the names."""
    raise NotImplementedError
