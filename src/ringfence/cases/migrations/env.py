"""Run migrations on the connection that the program passes; Alembic loads this file."""

from __future__ import annotations

from alembic import context

from ringfence.cases.schema import METADATA

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=METADATA,
    # SQLite cannot alter most things in place: Alembic copies the table instead.
    render_as_batch=True,
)
context.run_migrations()
