"""Let single accounts of a ring appeal, and be released.

An appeal that was recorded before has no account: it is about the decision as a whole.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the account of an appeal, and create the table of releases."""
    op.add_column("appeals", sa.Column("account", sa.Text(), nullable=True))
    key = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "releases",
        sa.Column("id", key, nullable=False),
        sa.Column("decision_id", key, nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("released", sa.BigInteger(), nullable=False),
        sa.Column("released_by", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["decision_id"], ["decisions.id"], name=op.f("fk_releases_decision_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_releases")),
    )
    op.create_index(
        op.f("ix_releases_decision_id_account"),
        "releases",
        ["decision_id", "account"],
        unique=True,
    )
    op.create_index(op.f("ix_releases_account"), "releases", ["account"], unique=False)


def downgrade() -> None:
    """Refuse: older versions of the store would release the whole ring."""
    raise NotImplementedError("an older version of the store would release the whole ring")
