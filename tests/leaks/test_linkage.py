"""Dirty records without ids are linked to the right items, and others are left alone."""

from __future__ import annotations

import json
import random
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from benchmarks.dirty_records import Record, dirty
from tests.leaks.leaked_catalogue import Item, items, rounded, write_catalogue

from ringfence.engine import open_engine
from ringfence.errors import SourceError
from ringfence.leaks.assess import assess_leak
from ringfence.leaks.dumps import open_dump
from ringfence.leaks.linkage import LinkageSummary, limits, link_records, linking
from ringfence.leaks.linkage.candidates import GAMMA
from ringfence.leaks.linkage.weights import LEVEL_NAMES
from ringfence.leaks.listed_catalogue import open_catalogue
from ringfence.leaks.staged_dumps import stage_dump
from ringfence.leaks.wording import linkage_sentence
from ringfence.settings import Settings

RNG = random.Random(11)  # noqa: S311


def damaged(one: Item) -> Record:
    """Return an item as a careless collector writes it down."""
    return dirty(Record(one.title, one.group_name, one.duration / 1000), RNG)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path, list[str]]:
    """Return a catalogue, a dump without ids, and the item of each record, "" for strangers."""
    folder = tmp_path_factory.mktemp("linkage")
    catalogue = items(12_000, seed=21)
    known = [(damaged(one), one.item) for one in RNG.sample(catalogue, 3_000)]
    elsewhere = [(damaged(one), "") for one in items(1_000, 22)]
    records = RNG.sample(known + elsewhere, 4_000)
    dump = folder / "dump.jsonl"
    lines = (
        json.dumps({"name": one.title, "artist": one.artist, "duration": one.seconds})
        for one, _ in records
    )
    dump.write_text("\n".join(lines) + "\n", encoding="utf-8")
    truth = [item for _, item in records]
    return write_catalogue(catalogue, folder / "catalogue.csv"), dump, truth


def linked_rows(
    catalogue: Path, dump: Path, records: int
) -> tuple[list[tuple[int, str]], LinkageSummary]:
    """Return the linked records of a dump without ids, each with its item, and the summary."""
    with open_engine() as engine:
        engine.keep_order()
        listed = open_catalogue(engine, catalogue, Settings().catalogue, {})
        staged = stage_dump(engine, open_dump(engine, dump, 0)[0], 0, listed, {})
        linked = link_records(engine, listed, staged, records)
        rows = engine.rows(
            f"SELECT d.position, c.item FROM {linked.table} AS d "
            f"JOIN {listed.relation} AS c ON hash(c.item) = d.item_key"
        )
    assert linked.linkage is not None
    return rows, linked.linkage


@pytest.mark.slow
def test_precision_and_recall_on_dirty_records(world: tuple[Path, Path, list[str]]) -> None:
    """Of the links at least 99.9 % are right, and at least 95 % of the known records are linked."""
    catalogue, dump, truth = world
    rows, summary = linked_rows(catalogue, dump, len(truth))
    right = sum(truth[position] == item for position, item in rows)
    known = sum(map(bool, truth))
    assert right / len(rows) >= 0.999
    assert right / known >= 0.95
    wrong = len(rows) - right
    assert summary.linked == len(rows)
    assert summary.false_rate <= 0.001
    assert wrong <= 3 * summary.expected_false + 3
    assert summary.weights["title"]["equal"] > 5
    assert summary.weights["artist"]["different"] < 0


@pytest.mark.slow
def test_links_count_in_the_assessment(world: tuple[Path, Path, list[str]]) -> None:
    """Linked records count as items, the relation is proven, and the uncertainty is stated."""
    catalogue, dump, _ = world
    leak = assess_leak([dump], catalogue=catalogue)
    one = leak.dumps[0]
    assert leak.related
    assert one.linkage is not None
    assert leak.metadata.items == one.linkage.linked - one.linkage.duplicates
    assert leak.metadata.low <= leak.metadata.items < leak.metadata.high
    assert one.linkage.decoys_linked <= 0.005 * one.linkage.records


@pytest.mark.slow
def test_records_are_linked_in_pieces_with_the_same_result(
    world: tuple[Path, Path, list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The links do not depend on the number of records that are compared at a time."""
    catalogue, dump, _ = world
    whole = assess_leak([dump], catalogue=catalogue)
    monkeypatch.setattr(linking, "_RECORDS_AT_A_TIME", 300)
    pieces = assess_leak([dump], catalogue=catalogue)
    assert rounded(pieces.to_json()) == rounded(whole.to_json())


def test_a_dump_too_large_to_be_linked_is_refused(
    world: tuple[Path, Path, list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without any id, too many items or records are one clear error before the comparison."""
    catalogue, dump, _ = world
    for limit, said in (
        ("MOST_LINKED_ITEMS", "12,000 items"),
        ("MOST_LINKED_RECORDS", "4,000 records"),
    ):
        with monkeypatch.context() as patched:
            patched.setattr(limits, limit, 3_000)
            with pytest.raises(SourceError, match=f"{said}.*too many.*at most 3,000") as error:
                assess_leak([dump], catalogue=catalogue)
        assert error.value.where == "dump.jsonl"
        assert error.value.hint


def test_too_many_records_without_a_listed_id_are_said_to_be_unlinked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """If some ids are listed, the others count as unlinked, and the limits are said."""
    catalogue = items(1_000, seed=21)
    path = write_catalogue(catalogue, tmp_path / "catalogue.csv")
    rows = [{"id": one.item, "title": one.title} for one in catalogue[:600]]
    rows += [{"id": None, "title": one.title} for one in catalogue[600:900]]
    dump = tmp_path / "dump.jsonl"
    dump.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    monkeypatch.setattr(limits, "MOST_LINKED_RECORDS", 100)
    (one,) = assess_leak([dump], catalogue=path).dumps
    assert (one.linkage, one.unlinked, one.extent.items) == (None, 300, 600)
    assert "not compared with the catalogue by title" in linkage_sentence(one)


def test_few_records_without_a_listed_id_are_said_to_be_unlinked(tmp_path: Path) -> None:
    """At most 1 % without a listed id are not compared by title, and their number is said."""
    catalogue = items(1_000, seed=21)
    path = write_catalogue(catalogue, tmp_path / "catalogue.csv")
    rows = [{"id": one.item, "title": one.title} for one in catalogue[:600]]
    rows[7] |= {"id": "NOTLISTED0000001"}
    rows[8] |= {"id": None}
    dump = tmp_path / "dump.jsonl"
    dump.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    leak = assess_leak([dump], catalogue=path)
    (one,) = leak.dumps
    assert (one.linkage, one.unlinked, one.extent.items) == (None, 2, 598)
    assert linkage_sentence(one).startswith("2 records have no listed id.")


@pytest.mark.slow
def test_records_from_elsewhere_are_not_linked(tmp_path: Path) -> None:
    """A dump of another catalogue without ids has no relation, and at most a stray link."""
    catalogue = write_catalogue(items(4_000, seed=21), tmp_path / "catalogue.csv")
    dump = tmp_path / "dump.jsonl"
    lines = (
        json.dumps({"name": one.title, "artist": one.group_name, "duration": one.duration})
        for one in items(1_500, seed=99)
    )
    dump.write_text("\n".join(lines), encoding="utf-8")
    leak = assess_leak([dump], catalogue=catalogue)
    assert not leak.related
    assert leak.dumps[0].linkage is not None
    assert leak.dumps[0].linkage.linked <= 2


@pytest.mark.slow
def test_authors_in_any_order_are_linked_without_a_duration(tmp_path: Path) -> None:
    """Articles are linked by title and authors, and a long title is enough if no author is named.

    Of the links at least 99.9 % are right, and at least 95 % of the known records are linked.
    """
    rng = random.Random(3)  # noqa: S311 - reproducible
    names = [one.title for one in items(900, seed=5)]
    made = [(one, rng.sample(names, rng.randint(1, 4))) for one in items(5_000, seed=23)]
    articles = [
        (one.item, f"{one.title} {one.group_name} {other.title}", authors)
        for (one, authors), (other, _) in pairwise(made)
    ]
    known, unknown = articles[:4_000], articles[4_000:]
    catalogue = tmp_path / "catalogue.csv"
    rows = (f'{item},{title},"{", ".join(authors)}"\n' for item, title, authors in known)
    catalogue.write_text("item,title,group_name\n" + "".join(rows), "utf-8")
    records = rng.sample(known, 1_000) + unknown[:500]
    dump = tmp_path / "dump.csv"
    lines = (
        f'{title},"{", ".join(sorted(authors)) if n % 10 else ""}"\n'
        for n, (_, title, authors) in enumerate(records)
    )
    dump.write_text("title,author\n" + "".join(lines), "utf-8")
    links, _ = linked_rows(catalogue, dump, len(records))
    right = sum(records[position][0] == item for position, item in links)
    assert right >= 0.999 * len(links)
    assert right >= 0.95 * 1_000


@pytest.mark.slow
def test_names_of_files_are_linked(tmp_path: Path) -> None:
    """Files called ``Artist - Title`` are linked without an id."""
    catalogue = items(3_000, seed=21)
    path = write_catalogue(catalogue, tmp_path / "catalogue.csv")
    listing = tmp_path / "files.txt"
    lines = (f"music/{n % 20:02d} {one.group_name} - {one.title}.mp3\t51234\n" for n, one in
             enumerate(catalogue[:600]))  # fmt: skip
    listing.write_text("".join(lines), encoding="utf-8")
    leak = assess_leak([listing], catalogue=path)
    assert leak.related
    assert leak.files.items >= 500


@pytest.mark.parametrize(
    ("written", "listed", "level"),
    [
        ("the whole title", "the whole title", "equal"),
        ("hte whole title", "the whole title", "nearly equal"),
        ("xhe whole title", "the whole title", "nearly equal"),
        ("silence", "silense", "nearly equal and short"),
        ("song", "songs", "nearly equal and very short"),
        ("suite no 1", "suite no 2", "similar"),
        ("suite no 1", "suite no 11", "similar"),
        ("another work", "the whole title", "different"),
    ],
)
def test_titles_are_nearly_equal_by_letters_and_not_by_numbers(
    written: str, listed: str, level: str
) -> None:
    """One wrong letter anywhere is a typo. Another number is another part of a work."""
    assert levels_of({"title": written}, {"title": listed})["title"] == level


@pytest.mark.parametrize(
    ("written", "listed", "level"),
    [
        ("ada lovelace", "ada lovelace", "equal"),
        ("xda lovelace", "ada lovelace", "nearly equal"),
        ("xrion", "orion", "nearly equal"),
        ("xda", "ada", "similar"),
        ("ada", "bob", "different"),
    ],
)
def test_one_wrong_letter_in_an_artist_is_a_typo(written: str, listed: str, level: str) -> None:
    """In a short name it may be another artist, so it says less."""
    assert levels_of({"artist": written}, {"artist": listed})["artist"] == level


@pytest.mark.parametrize(
    ("seconds", "level"),
    [(200.5, "within 0.5 s"), (198.5, "within 1.5 s"), (203, "within 3 s"), (190, "within 10 s"),
     (211, "different")],
)  # fmt: skip
def test_durations_are_compared_as_far_as_rounding_goes(seconds: float, level: str) -> None:
    """A rounded duration is half a second off, and one and a half if it is a second off too."""
    assert levels_of({"seconds": 200}, {"seconds": seconds})["duration"] == level


def levels_of(written: dict[str, Any], listed: dict[str, Any]) -> dict[str, str]:
    """Return the names of the levels of a pair, which is equal in what is not given."""
    pair = [{"title": "one", "artist": "ada", "seconds": 1.0} | side for side in (written, listed)]
    side = (
        "(SELECT ${0}_title AS title, ${0}_title AS core, ${0}_artist AS artist, "
        "${0}_artist AS names, CAST(${0}_seconds AS DOUBLE) AS seconds)"
    )
    with open_engine() as engine:
        (levels,) = engine.rows(
            f"SELECT {GAMMA} FROM {side.format('l')} AS l, {side.format('r')} AS r",
            {f"{n}_{name}": value for n, one in zip("lr", pair, strict=True)
             for name, value in one.items()},
        )  # fmt: skip
    named = zip(LEVEL_NAMES.items(), levels, strict=True)
    return {name: names[level] for (name, names), level in named}
