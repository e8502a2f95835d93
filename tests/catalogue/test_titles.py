"""Titles of items and names of groups are looked up in the catalogue file."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest
from tests.ledger.sample import SETTINGS

from ringfence.catalogue import item_titles, load_catalogue
from ringfence.catalogue.titles import LONGEST_TITLE
from ringfence.ledger import open_writable
from ringfence.model.details import ItemDetails
from ringfence.settings import CatalogueSettings

ROWS = [
    {"item": "7", "title": "Für Elise", "group": "g1", "group_name": "Beethoven"},
    {"item": "8", "title": "<script>alert(1)</script>", "group": "g2", "group_name": ""},
    {"item": "9", "title": "", "group": "", "group_name": ""},
]


def titles(path: Path | None, items: list[str], **own: str) -> dict[str, ItemDetails]:
    """Load a catalogue and look up items."""
    ledger = open_writable(None, SETTINGS)
    ledger.compact()
    with ledger.engine as engine:
        load_catalogue(engine, path, CatalogueSettings.model_validate(own))
        return item_titles(engine, items)


def as_csv(folder: Path) -> Path:
    """Write the rows with semicolons."""
    lines = [";".join(ROWS[0]), *(";".join(row.values()) for row in ROWS)]
    (folder / "c.csv").write_text("\n".join(lines), encoding="utf-8")
    return folder / "c.csv"


def as_array(folder: Path) -> Path:
    """Write the rows as one JSON array, items as numbers."""
    rows = [row | {"item": int(row["item"])} for row in ROWS]
    (folder / "c.json").write_text(json.dumps(rows), encoding="utf-8")
    return folder / "c.json"


def as_fractions(folder: Path) -> Path:
    """Write the rows as Parquet with fractional numbers, as pandas does after a missing value."""
    path = folder / "c.parquet"
    duckdb.sql(f"COPY (SELECT * REPLACE (CAST(item AS DOUBLE) AS item) FROM '{as_array(folder)}') "
               f"TO '{path}'")  # fmt: skip
    return path


@pytest.mark.parametrize("form", [as_csv, as_array, as_fractions], ids=lambda form: form.__name__)
def test_titles_and_groups_of_some_items(form: Callable[[Path], Path], tmp_path: Path) -> None:
    """Items that are listed have what the file says; others are absent."""
    assert titles(form(tmp_path), ["7", "8", "9", "10"]) == {
        "7": ItemDetails("7", "Für Elise", "g1", "Beethoven"),
        "8": ItemDetails("8", "<script>alert(1)</script>", "g2"),
        "9": ItemDetails("9"),
    }


def test_columns_are_named_by_settings(tmp_path: Path) -> None:
    """Another column may hold the title or the name of the group."""
    path = tmp_path / "c.csv"
    path.write_text("item,label,artist\n7,Moonlight,Ludwig\n")
    assert titles(path, ["7"], title="label", group_name="artist") == {
        "7": ItemDetails("7", "Moonlight", "", "Ludwig")
    }


def test_without_titles_or_without_a_file_there_are_none(tmp_path: Path) -> None:
    """A catalogue of ids alone, and one derived from the events, know no titles."""
    path = tmp_path / "c.csv"
    path.write_text("item\n7\n")
    assert titles(path, ["7"]) == {"7": ItemDetails("7")}
    assert titles(None, ["7"]) == {}
    assert titles(path, []) == {}


def test_an_item_listed_twice_has_one_title_whatever_the_order(tmp_path: Path) -> None:
    """The first title in alphabetical order counts, and a very long one is cut."""
    path = tmp_path / "c.csv"
    for order in (["b", "a" * 900], ["a" * 900, "b"]):
        path.write_text("item,title\n" + "".join(f"7,{title}\n" for title in order))
        assert titles(path, ["7"])["7"].title == "a" * LONGEST_TITLE
