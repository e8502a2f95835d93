"""Create the outbox: effects on accounts, and their delivery to sinks."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Create four tables."""
    _create_effects()
    _create_outbox()
    _create_deliveries()


def _create_effects() -> None:
    op.create_table(
        "effects",
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("decision_id", _KEY, nullable=False),
        sa.Column("effect", sa.String(length=16), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=True),
        sa.CheckConstraint(
            "effect IN ('throttle', 'challenge', 'suspend')", name=op.f("ck_effects_effect")
        ),
        sa.ForeignKeyConstraint(
            ["decision_id"], ["decisions.id"], name=op.f("fk_effects_decision_id")
        ),
        sa.PrimaryKeyConstraint("account", "decision_id", name=op.f("pk_effects")),
    )
    op.create_index(op.f("ix_effects_decision_id"), "effects", ["decision_id"], unique=False)


def _create_outbox() -> None:
    op.create_table(
        "outbox",
        sa.Column("id", _KEY, nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("effect", sa.String(length=16), nullable=False),
        sa.Column("decision_id", _KEY, nullable=False),
        sa.Column("key", sa.String(length=32), nullable=False),
        sa.Column("made", sa.BigInteger(), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=True),
        sa.Column("ground", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "effect IN ('throttle', 'challenge', 'suspend', 'lift')",
            name=op.f("ck_outbox_effect"),
        ),
        sa.ForeignKeyConstraint(
            ["decision_id"], ["decisions.id"], name=op.f("fk_outbox_decision_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox")),
        sa.UniqueConstraint("key", name=op.f("uq_outbox_key")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_outbox_account_id"), "outbox", ["account", "id"], unique=False)


def _create_deliveries() -> None:
    op.create_table(
        "sinks",
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("enrolled", sa.BigInteger(), nullable=False),
        sa.Column("holder", sa.String(length=32), nullable=True),
        sa.Column("held_until", sa.BigInteger(), nullable=True),
        sa.Column("succeeded", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_sinks")),
    )
    op.create_table(
        "deliveries",
        sa.Column("sink", sa.String(length=64), nullable=False),
        sa.Column("outbox_id", _KEY, nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("due", sa.BigInteger(), nullable=False),
        sa.Column("changed", sa.BigInteger(), nullable=False),
        sa.Column("error", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "state IN ('waiting', 'done', 'dead')", name=op.f("ck_deliveries_state")
        ),
        sa.ForeignKeyConstraint(["outbox_id"], ["outbox.id"], name=op.f("fk_deliveries_outbox_id")),
        sa.ForeignKeyConstraint(["sink"], ["sinks.name"], name=op.f("fk_deliveries_sink")),
        sa.PrimaryKeyConstraint("sink", "outbox_id", name=op.f("pk_deliveries")),
    )
    op.create_index(op.f("ix_deliveries_outbox_id"), "deliveries", ["outbox_id"], unique=False)
    op.create_index(
        op.f("ix_deliveries_sink_state_due"), "deliveries", ["sink", "state", "due"], unique=False
    )


def downgrade() -> None:
    """Refuse: older versions of the store would lose effects."""
    raise NotImplementedError("an older version of the store would lose effects")
