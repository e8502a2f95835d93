"""The reference pages contain all facts of the code, and no others."""

from __future__ import annotations

import importlib.util
import re
from datetime import datetime
from pathlib import Path
from types import ModuleType

import duckdb
import numpy as np
import pytest
from pydantic import BaseModel
from tests.docs.blocks import ROOT

import ringfence
from ringfence.events import BAD, items
from ringfence.events.accounts import Identity
from ringfence.events.event_sql import typing_select
from ringfence.events.formats import FORMATS
from ringfence.evidence import built_in_tests
from ringfence.evidence.reference_distributions import MUSIC
from ringfence.model.output_tables import AccountRow, RingRow, columns
from ringfence.report.ring_wording import MEANINGS
from ringfence.settings import Settings
from ringfence.verdicts.fusion import (
    FAMILIES,
    FAMILY_FLOOR,
    USERS_MEAN,
    USERS_VARIANCE,
    fuse,
)

REFERENCE = ROOT / "docs/reference"


def load_generator() -> ModuleType:
    """Import docs/generate_reference.py, a script outside the package."""
    spec = importlib.util.spec_from_file_location("reference", ROOT / "docs/generate_reference.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


GENERATOR = load_generator()


def names(model: type[BaseModel], path: str = "") -> list[str]:
    """Return the dotted names of all settings, without the sections."""
    found = []
    for name, field in model.model_fields.items():
        inner = GENERATOR._model_in(field)  # noqa: SLF001 - the generator is a script
        found += names(inner, f"{path}{name}.") if inner else [f"{path}{name}"]
    return found


@pytest.mark.parametrize("name", list(GENERATOR.pages()))
def test_page_is_up_to_date(name: str) -> None:
    """Each page equals the output of the generator; `make docs` updates it."""
    assert (REFERENCE / name).read_text(encoding="utf-8") == GENERATOR.pages()[name]()


def test_no_page_is_left_over() -> None:
    """The generator writes every page in the folder."""
    assert {path.name for path in REFERENCE.iterdir()} == set(GENERATOR.pages())


@pytest.mark.parametrize("name", names(Settings))
def test_every_setting_is_documented(name: str) -> None:
    """The page lists every setting under its section, with a meaning."""
    section, _, setting = name.rpartition(".")
    page = (REFERENCE / "settings.md").read_text(encoding="utf-8")
    part = re.split(rf"^## `\[+{re.escape(section)}\]+`$", page, flags=re.MULTILINE)[1]
    row = re.search(
        rf"^\| `{setting}` \| .+ \| .+ \| (.+) \|$", part.split("\n## ")[0], re.MULTILINE
    )
    assert row is not None
    assert len(row[1]) > 10


@pytest.mark.parametrize("test", built_in_tests(), ids=lambda test: test.name)
def test_every_evidence_test_is_documented(test: ringfence.evidence.EvidenceTest) -> None:
    """The page has the question of every test and the cases that mislead it."""
    page = (REFERENCE / "evidence-tests.md").read_text(encoding="utf-8")
    assert f"\n## {test.name}\n\n*{test.question}*" in page
    assert test.fails in page


@pytest.mark.parametrize("name", sorted(MEANINGS))
def test_every_test_of_rings_is_documented(name: str) -> None:
    """The page states the cases that mislead each test of rings."""
    page = (REFERENCE / "evidence-tests.md").read_text(encoding="utf-8")
    part = page.partition(f"\n## {name}\n")[2].partition("\n## ")[0]
    assert "**Misleads when:**" in part


@pytest.mark.parametrize("name", ["scan", "explain", "simulate", "evaluate", "demo", "doctor"])
def test_every_command_is_documented(name: str) -> None:
    """The page has a heading for every command."""
    assert f"\n## `ringfence {name}`\n" in (REFERENCE / "commands.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", [one.name for one in FORMATS])
def test_every_format_is_documented(name: str) -> None:
    """The page has a heading for every format."""
    assert f"\n## {name}\n" in (REFERENCE / "formats.md").read_text(encoding="utf-8")


def test_every_reason_not_to_count_is_documented() -> None:
    """The page lists exactly the reasons that the SQL can give."""
    sql = typing_select(
        "SELECT 1",
        "time",
        Identity(),
        items.preset("path"),
        present=frozenset({"status"}),
        horizon=datetime(2026, 1, 1),  # noqa: DTZ001 - the horizon is UTC without zone
    )
    said = set(re.findall(r"THEN '([a-z]+(?:-[a-z]+)+)'", sql))
    assert said - set(BAD) == set(GENERATOR.NOT_TAKES)
    assert set(BAD) < set(GENERATOR.UNREADABLE)


@pytest.mark.parametrize(("name", "row"), [("accounts", AccountRow), ("rings", RingRow)])
def test_parquet_files_have_the_columns_of_the_model(tmp_path: Path, name: str, row: type) -> None:
    """A file that a scan writes has exactly the columns that the page lists, with their types."""
    log = tmp_path / "log.csv"
    log.write_text("ts,account,item\n2026-03-09 08:00:00,ann,a\n", encoding="utf-8")
    ringfence.scan(log, out=tmp_path)
    with duckdb.connect() as connection:
        described = connection.execute(f"DESCRIBE FROM '{tmp_path / f'{name}.parquet'}'").fetchall()
    written = {re.sub(r"^p_(?!value$).*", "p_<test>", name): kind for name, kind, *_ in described}
    assert written == {column.name: column.type for column in columns(row)}
    page = (REFERENCE / "output-files.md").read_text(encoding="utf-8")
    assert all(f"| `{column.name}` | `{column.type}` |" in page for column in columns(row))


def test_the_decision_quotes_the_fusion() -> None:
    """Decision 0005 states the moments in the code and the p-values that follow from them."""
    page = (ROOT / "docs/decisions/0005-fusion.md").read_text(encoding="utf-8")
    assert f"| **{USERS_MEAN}** | **{USERS_VARIANCE}** |" in page
    assert f"less than {FAMILY_FLOOR:.0e}".replace("e-0", "e-") in page
    examples = {(1e-9, 0.5, 0.5): 4e-4, (1e-9, 1e-9, 1.0): 4e-7, (1e-9, 1e-3, 1e-2): 4e-7}
    for values, said in examples.items():
        by_family = {name: np.array([p]) for name, p in zip(FAMILIES, values, strict=True)}
        assert float(f"{fuse(by_family)[0]:.0e}") == said


@pytest.mark.parametrize("name", list(MUSIC))
def test_the_decision_quotes_the_reference_distribution(name: str) -> None:
    """Decision 0004 states the medians and spreads in the code."""
    page = (ROOT / "docs/decisions/0004-reference-distributions.md").read_text(encoding="utf-8")
    row = re.search(rf"^\| {name} \| (.+) \|$", page, re.MULTILINE)
    assert row is not None
    _, _, median, spread, people = row[1].split(" | ")
    known = MUSIC[name]
    assert (float(median), float(spread), int(people)) == (known.median, known.spread, known.people)


def test_tables_show_every_package_that_reads_and_writes() -> None:
    """The page lists the readers of the lab, and the Python files that write a table."""
    page = (REFERENCE / "tables.md").read_text(encoding="utf-8")
    sections = dict(re.findall(r"^### `(\w+)`\n(.*?)(?=^##|\Z)", page, re.MULTILINE | re.DOTALL))
    assert (
        "Read by `evidence`, `lab/evaluate`, `own_past`, `pipeline`, `rings`."
        in sections["set_apart"]
    )
    assert "Written by `verdicts/judge.py`." in sections["scored_accounts"]
    assert "`testing/small_ledger.py`" in sections["events"]
