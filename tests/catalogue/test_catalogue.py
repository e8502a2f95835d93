"""The catalogue: from a file or from the events, its groups, its totals and its coverage curve."""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.ledger.sample import SETTINGS, Click, fold_all, write

from ringfence.catalogue import Catalogue, coverage_curve, load_catalogue
from ringfence.engine import Engine, open_engine
from ringfence.errors import CatalogueError
from ringfence.ledger import Ledger, open_writable
from ringfence.model.finding import Coverage
from ringfence.settings import CatalogueSettings, Settings

BEGIN = 1_700_000_000
LOG = [
    Click(BEGIN, "ada", "a", "g1"), Click(BEGIN + 100, "ada", "a", "g1"), Click(BEGIN, "ada", "b"),
    Click(BEGIN, "bob", "a", "g1"), Click(BEGIN, "bob", "c"),
]  # fmt: skip
DEFAULTS = CatalogueSettings()


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    """Two accounts hold three items: a twice and once, b once, c once."""
    one = open_writable(None, SETTINGS)
    fold_all(one, [write(LOG, tmp_path / "log.csv")])
    yield one
    one.engine.close()


def rows(engine: Engine) -> dict[str, tuple[object, ...]]:
    """Return holders, popularity and whether there is a group, by item name where it was taken."""
    return {row[0]: row[1:] for row in engine.rows(
        "SELECT coalesce(i.item, '?'), c.holders, c.popularity, c.group_key IS NOT NULL "
        "FROM catalogue AS c LEFT JOIN items AS i ON i.item_key = c.item_key")}  # fmt: skip


def test_without_a_file_it_is_what_was_taken(ledger: Ledger) -> None:
    """The derived catalogue has the items held, their holders and their uses, and says so."""
    catalogue = load_catalogue(ledger.engine, None, DEFAULTS)
    assert rows(ledger.engine) == {"a": (2, 3.0, True), "b": (1, 1.0, False), "c": (1, 1.0, False)}
    assert (catalogue.items, catalogue.popularity, catalogue.grouped) == (3, 5.0, 1)
    assert catalogue.note == "derived from the events: items nobody took are unknown"


def test_a_file_adds_what_nobody_took(ledger: Ledger, tmp_path: Path) -> None:
    """Items of the file that nobody holds count; taken items it does not list are added."""
    file = tmp_path / "catalogue.csv"
    file.write_text("item,popularity\na,10\nb,\nz,7\n")
    catalogue = load_catalogue(ledger.engine, file, DEFAULTS)
    assert rows(ledger.engine) == {"a": (2, 10.0, True), "b": (1, 0.0, False),
                                   "c": (1, 0.0, False), "?": (0, 7.0, False)}  # fmt: skip
    assert (catalogue.items, catalogue.popularity) == (4, 17.0)
    assert catalogue.note == "catalogue.csv: 3 items, its own popularity"


def test_without_popularity_that_of_the_events_is_taken(ledger: Ledger, tmp_path: Path) -> None:
    """A bare list of items is enough; its popularity is what was seen, zero for the others."""
    file = tmp_path / "list.csv"
    file.write_text("item\na\nz\n")
    catalogue = load_catalogue(ledger.engine, file, DEFAULTS)
    assert rows(ledger.engine)["?"] == (0, 0.0, False)
    assert (catalogue.items, catalogue.popularity) == (4, 5.0)
    assert "popularity from the events" in catalogue.note


def test_groups_come_from_the_file_and_change_no_holding(ledger: Ledger, tmp_path: Path) -> None:
    """The file's group counts, where it has one; the ledger stays as it was folded."""
    before = ledger.engine.rows("SELECT * FROM holdings ORDER BY ALL")
    file = tmp_path / "grouped.csv"
    file.write_text("item,group\na,other\nb,g2\nz,g3\n")
    catalogue = load_catalogue(ledger.engine, file, DEFAULTS)
    assert catalogue.grouped == 3
    groups = ledger.engine.rows(
        "SELECT i.item, c.group_key = hash('other'), c.group_key = hash('g2') FROM catalogue AS c "
        "JOIN items AS i ON i.item_key = c.item_key ORDER BY 1")  # fmt: skip
    assert groups == [("a", True, False), ("b", False, True), ("c", None, None)]
    assert ledger.engine.rows("SELECT * FROM holdings ORDER BY ALL") == before


@pytest.mark.parametrize("suffix", ["csv", "ndjson", "parquet", "csv.gz"])
def test_columns_are_mapped_by_settings(ledger: Ledger, tmp_path: Path, suffix: str) -> None:
    """The columns may have any name in any of the formats, hostile ones too."""
    file = tmp_path / f"books.{suffix}"
    kind = {"ndjson": "json", "parquet": "parquet"}.get(suffix, "csv, header")
    ledger.engine.run(
        'COPY (SELECT \'a\' AS "Artikel Nr", 5 AS "n\'o", \'J\' AS "journal", \'all\' AS "r""") '
        f"TO '{file}' (FORMAT {kind})")  # fmt: skip
    names = CatalogueSettings(item="Artikel Nr", popularity="n'o", group="journal", rights='r"')
    catalogue = load_catalogue(ledger.engine, file, names)
    assert catalogue.note == f"books.{suffix}: 1 items, its own popularity, rights of 1"
    assert rows(ledger.engine)["a"] == (2, 5.0, True)


def test_one_item_listed_twice_is_one(ledger: Ledger, tmp_path: Path) -> None:
    """Doubled rows do not make the catalogue larger; the larger popularity counts."""
    file = tmp_path / "twice.csv"
    file.write_text("item,popularity\na,2\na,9\n,4\n")
    assert load_catalogue(ledger.engine, file, DEFAULTS).items == 3
    assert rows(ledger.engine)["a"][1] == 9.0


def test_a_popularity_that_is_no_number_counts_as_unknown(ledger: Ledger, tmp_path: Path) -> None:
    """A bad value does not stop the load; the uses seen stand in."""
    file = tmp_path / "odd.csv"
    file.write_text("item,popularity\na,lots\n")
    load_catalogue(ledger.engine, file, DEFAULTS)
    assert rows(ledger.engine)["a"][1] == 3.0


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (
            None,
            "there is no such file (--catalogue takes csv (comma, semicolon, tab or bar)",
        ),
        (b"isbn,title\n1,x\n", "has no column 'item', only isbn, title (set catalogue.item to"),
        (b"", "c.csv: "),
        (b"\x80\x81\xff\x00" * 99, "c.csv: "),
    ],
)
def test_a_file_that_does_not_fit_is_one_line(
    ledger: Ledger, tmp_path: Path, content: bytes | None, said: str
) -> None:
    """Missing files and columns, empty and binary files are named with a hint."""
    file = tmp_path / "c.csv"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(CatalogueError) as caught:
        load_catalogue(ledger.engine, file, DEFAULTS)
    assert str(caught.value).startswith(f"{file}: ")
    assert "\n" not in str(caught.value)
    assert said in str(caught.value)
    assert str(caught.value).endswith(")")


@pytest.mark.parametrize("name", ["item", "group", "genre", "popularity", "rights"])
@pytest.mark.parametrize("kind", ["csv", "jsonl"])
def test_a_named_column_that_is_not_there_is_an_error(
    ledger: Ledger, tmp_path: Path, name: str, kind: str
) -> None:
    """A column that the settings name is never left out silently; the nearest name is suggested."""
    file = tmp_path / f"c.{kind}"
    text = "item,artist_name\na,x\n" if kind == "csv" else '{"item": "a", "artist_name": "x"}\n'
    file.write_text(text)
    with pytest.raises(CatalogueError) as caught:
        load_catalogue(ledger.engine, file, CatalogueSettings.model_validate({name: "artist_nam"}))
    assert "has no column 'artist_nam', only item, artist_name" in str(caught.value)
    assert f"set catalogue.{name} to one of these; did you mean artist_name?" in str(caught.value)


def test_the_usual_names_may_be_missing(ledger: Ledger, tmp_path: Path) -> None:
    """A catalogue needs its items alone, also where the settings repeat the defaults."""
    file = tmp_path / "c.csv"
    file.write_text("item,title\na,x\n")
    settings = CatalogueSettings.model_validate({"popularity": "popularity", "group": "group"})
    assert load_catalogue(ledger.engine, file, settings).items == 3


def test_a_broken_parquet_file_is_one_line(ledger: Ledger, tmp_path: Path) -> None:
    """A file that is called Parquet and is not Parquet is refused."""
    file = tmp_path / "c.parquet"
    file.write_bytes(b"PAR1 and nothing more")
    with pytest.raises(CatalogueError, match="cannot be read") as caught:
        load_catalogue(ledger.engine, file, DEFAULTS)
    assert "\n" not in str(caught.value)


@settings(max_examples=40, deadline=None, derandomize=True)
@given(st.lists(st.integers(0, 50), min_size=1, max_size=400), st.integers(4, 200))
def test_the_curve_rises_from_nothing_to_everything(uses: list[int], points: int) -> None:
    """From (0, 0) to (1, 1), never falling, above the diagonal, and as thin as asked."""
    with open_engine(Settings().engine) as engine:
        engine.run("CREATE TABLE catalogue AS SELECT unnest($uses)::DOUBLE AS popularity",
                   {"uses": uses})  # fmt: skip
        curve = coverage_curve(engine, points)
    if not any(uses):
        assert curve == ()
        return
    assert curve[0] == (0, 0)
    assert curve[-1] == (1, 1)
    assert len(curve) <= points + 2
    assert all(x1 < x2 and y1 <= y2 for (x1, y1), (x2, y2) in pairwise(curve))
    assert all(y >= x - 1e-12 for x, y in curve)


def test_the_curve_has_the_shares(ledger: Ledger) -> None:
    """The most popular of three items is a third of them and three fifths of the use."""
    curve = load_catalogue(ledger.engine, None, DEFAULTS).curve
    assert curve == ((0, 0), (pytest.approx(1 / 3), pytest.approx(3 / 5)), (1, 1))


@pytest.mark.parametrize("uses", [[0.1] * 10, [0.7, 0.1, 0.2], [1e15, 0.3, 0.1]])
def test_the_coverage_of_everything_is_one(uses: list[float]) -> None:
    """Rounded sums of fractional popularities do not cover more than the whole catalogue."""
    catalogue = Catalogue("", len(uses), sum(uses) * (1 - 1e-15), 0, ())
    assert catalogue.coverage(len(uses), math.fsum(uses) * (1 + 1e-15)).use <= 1
    assert catalogue.coverage(len(uses), sum(uses)).catalogue == 1


def test_the_coverage_of_a_part_is_its_share() -> None:
    """Two of eight items with a tenth of the uses; an empty catalogue covers nothing."""
    catalogue = Catalogue("", 8, 50.0, 0, ())
    assert catalogue.coverage(2, 5.0) == Coverage(0.25, 0.1)
    assert Catalogue("", 0, 0.0, 0, ()).coverage(0, 0.0) == Coverage(0, 0)


def test_nothing_taken_is_an_empty_catalogue() -> None:
    """Without events and without a file there is no curve and nothing fails."""
    ledger = open_writable(None, SETTINGS)
    ledger.compact()
    catalogue = load_catalogue(ledger.engine, None, DEFAULTS)
    ledger.engine.close()
    note = "derived from the events: items nobody took are unknown"
    assert catalogue == Catalogue(note, 0, 0.0, 0, ())
