"""Bring a case store to its newest form."""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import Connection, Engine, column, func, inspect, select, table

from ringfence.errors import CasesError

HEAD: Final = "0006"
"""The newest form. A test compares it with the migrations."""

_FORM: Final = table("alembic_version", column("version_num"))
"""Alembic's own table."""

_LOCK: Final = 7_466_319_041
"""Number of the lock under which PostgreSQL migrates; any number that is always the same."""


def upgrade(engine: Engine) -> None:
    """Create the tables of an empty database, or bring older ones to the newest form.

    Two processes that open the same store at once wait for each other.

    Raises:
        CasesError: the store was written by a newer version, or the database is of something else.
    """
    with engine.connect() as connection, connection.begin():
        if _form(connection) == HEAD:
            return
    with engine.connect() as connection:
        connection = connection.execution_options(ringfence_writes=True)  # noqa: PLW2901 - the same
        with connection.begin():
            if connection.dialect.name == "postgresql":
                connection.execute(select(func.pg_advisory_xact_lock(_LOCK)))
            found = _form(connection)
            if found == HEAD:
                return
            _check(connection, found)
            _migrate(connection)


def _form(connection: Connection) -> str:
    """Return the form of the store, empty if the database has none."""
    if not inspect(connection).has_table("alembic_version"):
        return ""
    found = connection.execute(select(_FORM.c.version_num)).scalar()
    return str(found or "")


def _check(connection: Connection, found: str) -> None:
    where = connection.engine.url.render_as_string(hide_password=True)
    if found > HEAD:
        raise CasesError(
            f"was written by a newer version of Ringfence (form {found}, known up to {HEAD})",
            where=where,
            hint="install that version",
        )
    if not found and inspect(connection).has_table("cases"):
        raise CasesError(
            "has a table named cases that Ringfence did not make",
            where=where,
            hint="give a database of its own",
        )


def _migrate(connection: Connection) -> None:
    # Loaded here, because a store is almost always in its newest form already.
    from alembic.config import Config  # noqa: PLC0415
    from alembic.runtime.environment import EnvironmentContext  # noqa: PLC0415
    from alembic.script import ScriptDirectory  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", "ringfence.cases:migrations")
    script = ScriptDirectory.from_config(config)

    def steps(found: Any, _context: object) -> Any:  # noqa: ANN401 - types of Alembic
        return script._upgrade_revs("head", found)  # noqa: SLF001 - as Alembic's documentation does

    with EnvironmentContext(config, script, fn=steps) as environment:
        # SQLite cannot alter most things in place: Alembic copies the table instead.
        environment.configure(connection=connection, render_as_batch=True)
        environment.run_migrations()
