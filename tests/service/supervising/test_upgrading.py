"""``ringfence serve`` starts in the folder of an earlier version, and upgrades it."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pytest
from alembic.config import Config
from alembic.runtime.environment import EnvironmentContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine
from tests.service.judge.logs import add_segment, lines, service, take
from tests.service.supervising.test_serve import Serving, serve
from tests.service.supervising.test_supervisor import until

from ringfence.cases.migrations.upgrading import HEAD
from ringfence.ledger import open_ledger, open_writable
from ringfence.ledger.tables import SCHEMA_VERSION
from ringfence.service.files import read_status
from ringfence.service.files.folder_form import FOLDER_FORM, folder_form
from ringfence.settings import Settings

__all__ = ["serve"]


def store_of_form(path: Path, form: str) -> None:
    """Make a case store as an earlier version did."""
    config = Config()
    config.set_main_option("script_location", "ringfence.cases:migrations")
    script = ScriptDirectory.from_config(config)

    def steps(found: Any, _context: object) -> Any:  # noqa: ANN401 - types of Alembic
        return script._upgrade_revs(form, found)  # noqa: SLF001 - as Alembic does

    engine = create_engine(f"sqlite:///{path}")
    with (
        engine.connect() as connection,
        connection.begin(),
        EnvironmentContext(config, script, fn=steps) as environment,
    ):
        environment.configure(connection=connection, render_as_batch=True)
        environment.run_migrations()
    engine.dispose()


def stored_form(path: Path) -> str:
    """Return the form of a case store."""
    with sqlite3.connect(path) as connection:
        return str(connection.execute("SELECT version_num FROM alembic_version").fetchone()[0])


@pytest.mark.slow
def test_a_folder_of_an_earlier_version_is_upgraded_at_the_start(
    serve: Callable[..., Serving], tmp_path: Path
) -> None:
    """The case store and the folder get the newest form, and events that wait are folded."""
    folder = service(tmp_path / "live")
    add_segment(folder, ("events", lines(take("ann", f"t{n}", n) for n in range(9))))
    store_of_form(folder.cases, "0003")
    assert stored_form(folder.cases) == "0003"
    started = serve()
    until(lambda: (read_status(folder, "judge") or {}).get("events") == 9)
    assert stored_form(folder.cases) == HEAD
    assert folder_form(folder) == FOLDER_FORM
    assert started.stop() == 0


@pytest.mark.slow
def test_a_folder_of_a_later_version_is_one_line(
    serve: Callable[..., Serving], tmp_path: Path
) -> None:
    """No process is started, and nothing is changed."""
    folder = service(tmp_path / "live")
    folder.form.write_text('{"form": 99}')
    started = serve()
    assert started.process.wait(60) == 2
    (line,) = started.said
    assert "was written by a newer version of Ringfence (form 99" in line
    assert not folder.cases.exists()


def ledger_with(path: Path, settings: Settings, facts: dict[str, str]) -> None:
    """Make a ledger with these facts."""
    open_writable(path, settings).engine.close()
    with duckdb.connect(path) as other:
        for name, value in facts.items():
            other.execute("UPDATE facts SET value = ? WHERE name = ?", [value, name])


@pytest.mark.slow
def test_a_ledger_of_an_earlier_version_is_brought_up_to_date(
    serve: Callable[..., Serving], tmp_path: Path
) -> None:
    """The judge folds into it, and afterwards it has the schema version of now."""
    folder = service(tmp_path / "live")
    ledger_with(folder.ledger, Settings(), {"schema version": "4"})
    add_segment(folder, ("events", lines(take("ann", f"t{n}", n) for n in range(9))))
    started = serve()
    until(lambda: (read_status(folder, "judge") or {}).get("events") == 9)
    assert started.stop() == 0
    with duckdb.connect(folder.ledger, read_only=True) as other:
        facts = dict(other.execute("SELECT name, value FROM facts").fetchall())
    assert facts["schema version"] == str(SCHEMA_VERSION)


@pytest.mark.slow
def test_a_ledger_that_the_judge_cannot_use_is_one_line(
    serve: Callable[..., Serving], tmp_path: Path
) -> None:
    """No process is started, and the ledger stays as it is."""
    folder = service(tmp_path / "live")
    ledger_with(folder.ledger, Settings(), {"schema version": "1"})
    before = folder.ledger.read_bytes()
    started = serve()
    assert started.process.wait(60) == 2
    (line,) = started.said
    assert line.startswith(f"ringfence: {folder.ledger}: was made with schema version = 1, now it")
    assert folder.ledger.read_bytes() == before
    processes = json.loads((folder.root / "status" / "service.json").read_text())["processes"]
    assert {one["process"] for one in processes.values()} <= {None, 0}


@pytest.mark.slow
def test_a_ledger_that_somebody_reads_does_not_keep_the_service_down(
    serve: Callable[..., Serving], tmp_path: Path
) -> None:
    """The service starts, and the judge says who has the ledger."""
    folder = service(tmp_path / "live")
    ledger_with(folder.ledger, Settings(), {})
    add_segment(folder, ("events", lines(take("ann", "t", 1))))
    with open_ledger(folder.ledger):
        started = serve()
        until(lambda: "is in use" in (read_status(folder, "judge") or {}).get("error", ""))
        assert started.stop() == 0
