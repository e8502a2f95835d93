"""Dirty records without ids are linked to the right items, and others are left alone."""

from __future__ import annotations

import json
import random
from dataclasses import dataclass
from pathlib import Path

import pytest
from tests.leaks.leaked_catalogue import Item, items, write_catalogue

from ringfence.engine import open_engine
from ringfence.leaks.assess import assess_leak
from ringfence.leaks.dumps import open_dump
from ringfence.leaks.linkage import link_records
from ringfence.leaks.listed_catalogue import open_catalogue
from ringfence.leaks.staged_dumps import stage_dump
from ringfence.leaks.wording import linkage_sentence
from ringfence.settings import Settings

CYRILLIC = str.maketrans("abdegiklmnoprstu", "абдегиклмнопрсту")
RNG = random.Random(11)  # noqa: S311


@dataclass(frozen=True)
class Dirty:
    """A record of a dump and the item that it is; none for a record from elsewhere."""

    title: str
    artist: str | None
    duration: float
    item: str | None


def with_typo(text: str) -> str:
    """Return a text with one letter replaced, left out, doubled or swapped with the next one."""
    place = RNG.randrange(len(text) - 1)
    before, here, after = text[:place], text[place : place + 2], text[place + 2 :]
    other = RNG.choice(["x" + here[1], here[1], here[0] * 2 + here[1], here[::-1]])
    return before + other + after


def dirty(one: Item) -> Dirty:
    """Return an item as a careless collector writes it down."""
    title, artist = one.title, one.group_name
    damage = RNG.random()
    if damage < 0.35:
        title = with_typo(title)
    elif damage < 0.45:
        artist = with_typo(artist)
    elif damage < 0.55:
        title, artist = artist, title
    elif damage < 0.65:
        title, artist = title.translate(CYRILLIC), artist.translate(CYRILLIC)
    elif damage < 0.75:
        title += RNG.choice([" (2011 Remaster)", " - Remastered 2009", " [Deluxe Edition]"])
    elif damage < 0.85:
        title = title.upper().replace(" ", "  ")
    seconds = one.duration / 1000 + RNG.choice([-1, 0, 0, 0, 1])
    return Dirty(title, None if damage > 0.9 else artist, round(seconds), one.item)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path, list[Dirty]]:
    """Return a catalogue, a dump without ids, and what its records are."""
    folder = tmp_path_factory.mktemp("linkage")
    catalogue = items(12_000, seed=21)
    known = [dirty(one) for one in RNG.sample(catalogue, 3_000)]
    elsewhere = [Dirty(d.title, d.artist, d.duration, None) for d in map(dirty, items(1_000, 22))]
    records = RNG.sample(known + elsewhere, 4_000)
    dump = folder / "dump.jsonl"
    lines = (
        json.dumps({"name": one.title, "artist": one.artist, "duration": one.duration})
        for one in records
    )
    dump.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return write_catalogue(catalogue, folder / "catalogue.csv"), dump, records


def test_precision_and_recall_on_dirty_records(world: tuple[Path, Path, list[Dirty]]) -> None:
    """Of the links at least 99.9 % are right, and at least 95 % of the known records are linked."""
    catalogue, dump, records = world
    with open_engine() as engine:
        engine.keep_order()
        listed = open_catalogue(engine, catalogue, Settings().catalogue, {})
        staged = stage_dump(engine, open_dump(engine, dump, 0)[0], 0, listed, {})
        linked = link_records(engine, listed, staged)
        assert linked is not None
        assert linked.linkage is not None
        rows = engine.rows(
            f"SELECT d.position, c.item FROM {linked.table} AS d "
            f"JOIN {listed.relation} AS c ON hash(c.item) = d.item_key"
        )
    right = sum(records[position].item == item for position, item in rows)
    known = sum(one.item is not None for one in records)
    assert right / len(rows) >= 0.999
    assert right / known >= 0.95
    wrong = len(rows) - right
    assert linked.linkage.linked == len(rows)
    assert linked.linkage.false_rate <= 0.001
    assert wrong <= 3 * linked.linkage.expected_false + 3
    assert linked.linkage.weights["title"]["equal"] > 5
    assert linked.linkage.weights["artist"]["different"] < 0


def test_links_count_in_the_assessment(world: tuple[Path, Path, list[Dirty]]) -> None:
    """Linked records count as items, the relation is proven, and the uncertainty is stated."""
    catalogue, dump, _ = world
    leak = assess_leak([dump], catalogue=catalogue)
    one = leak.dumps[0]
    assert leak.related
    assert one.linkage is not None
    assert leak.metadata.items == one.linkage.linked - one.linkage.duplicates
    assert leak.metadata.low <= leak.metadata.items < leak.metadata.high
    assert one.linkage.decoys_linked <= 0.005 * one.linkage.records


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
