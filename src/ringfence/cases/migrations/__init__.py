"""The forms that the case store has had, and the steps from each to the next (Alembic)."""
