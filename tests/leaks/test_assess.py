"""An assessment counts what is in the dumps, says how sure it is, and says what it cannot say."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest
from tests.leaks.leaked_catalogue import (
    Item,
    items,
    most_used,
    rounded,
    write_catalogue,
    write_listing,
    write_sqlite,
)

from ringfence.errors import CatalogueError, SettingsError
from ringfence.leaks import coverage
from ringfence.leaks.assess import assess_leak
from ringfence.leaks.page import leak_page
from ringfence.leaks.wording import headline_of, spoken_sentence

CATALOGUE = items(3_000)


@pytest.fixture(scope="module")
def catalogue(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the catalogue file of most tests."""
    return write_catalogue(CATALOGUE, tmp_path_factory.mktemp("catalogue") / "catalogue.csv")


def share_of_use(listed: list[Item]) -> float:
    """Return the share of all use that items have, by plain arithmetic."""
    return sum(one.popularity for one in listed) / sum(one.popularity for one in CATALOGUE)


@pytest.mark.slow
def test_files_and_metadata_are_counted_together_and_alone(tmp_path: Path, catalogue: Path) -> None:
    """Shares of items and of use, by band, year, holder and genre, equal those of a recount."""
    top = most_used(CATALOGUE, 1_000)
    known = CATALOGUE[300:]
    random.Random(2).shuffle(known)  # noqa: S311
    leak = assess_leak(
        [write_listing(top, tmp_path / "files.txt"), write_sqlite(known, tmp_path / "meta.db")],
        catalogue=catalogue,
    )
    assert (leak.files.items, leak.metadata.items) == (1_000, 2_700)
    assert leak.files.use == pytest.approx(share_of_use(top))
    assert leak.metadata.use == pytest.approx(share_of_use(known))
    both = {one.item for one in (*top, *known)}
    assert (leak.together.items, leak.missing) == (len(both), 3_000 - len(both))
    for breakdown, of in (
        ("year", lambda one: one.added[:4]),
        ("genre", lambda one: one.genre),
        ("rights", lambda one: one.rights),
    ):
        for row in leak.coverage[breakdown]:
            here = [one for one in CATALOGUE if of(one) == row.label]
            assert row.items == len(here)
            assert row.files == pytest.approx(sum(one in top for one in here) / len(here))
            assert row.use == pytest.approx(share_of_use(here))
    bands = [row.items for row in leak.coverage["band"]]
    assert bands[:5] == pytest.approx([3, 27, 270, 700, 1_000], abs=15)
    assert [round(row.files, 2) for row in leak.coverage["band"]] == [1, 1, 1, 1, 0, 0]
    assert leak.newest is not None
    assert leak.newest.isoformat() == max(one.added for one in CATALOGUE if one.item in both)
    absent = [one for one in CATALOGUE if one.item not in both]
    missing = sorted(absent, key=lambda one: (-one.popularity, one.item))
    assert [one.item for one in leak.most_used_missing] == [one.item for one in missing]


@pytest.mark.slow
def test_ranges_of_keys_change_nothing(
    tmp_path: Path, catalogue: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Tables that are divided into ranges of keys give the same result as undivided ones."""
    top = most_used(CATALOGUE, 700)
    dumps = [
        write_listing([*top, *top[:50], *items(400, seed=9)], tmp_path / "files.txt"),
        write_sqlite(CATALOGUE[100:], tmp_path / "meta.db"),
    ]
    whole = assess_leak(dumps, catalogue=catalogue)
    monkeypatch.setattr(coverage, "_ROWS_PER_RANGE", 300)
    divided = assess_leak(dumps, catalogue=catalogue)
    assert rounded(divided.to_json()) == rounded(whole.to_json())
    assert divided.together.items == len({*CATALOGUE[100:], *top})


def test_dates_of_several_forms_are_read(tmp_path: Path) -> None:
    """A year, a day, a time and a year with words count by year; other texts have none."""
    own = items(50)
    forms = ["2019", "2019-05-06", "2019-05-06 10:00:00", "2019 (again)", "soon"]
    path = tmp_path / "catalogue.csv"
    rows = (f"{one.item},{forms[n % 5]}\n" for n, one in enumerate(own))
    path.write_text("item,date\n" + "".join(rows), "utf-8")
    dump = write_listing(own[:30], tmp_path / "files.txt")
    leak = assess_leak([dump], catalogue=path, catalogue_columns=["date=date"])
    assert [(row.label, row.items) for row in leak.coverage["year"]] == [
        ("2019", 40),
        ("(none)", 10),
    ]
    assert leak.newest is not None
    assert leak.newest.isoformat() == "2019-05-06"


@pytest.mark.slow
def test_the_order_of_a_dump_is_compared_with_use(tmp_path: Path, catalogue: Path) -> None:
    """A list in order of use is reported as such, and a shuffled one is not."""
    shuffled = random.Random(3).sample(CATALOGUE, 900)  # noqa: S311
    leak = assess_leak(
        [
            write_listing(most_used(CATALOGUE, 900), tmp_path / "a.txt"),
            write_listing(shuffled, tmp_path / "b.txt"),
        ],
        catalogue=catalogue,
    )
    assert [one.order.popular_first for one in leak.dumps] == [True, False]
    assert leak.dumps[0].order.popularity == pytest.approx(-1, abs=0.02)
    assert leak.dumps[1].order.popularity == pytest.approx(0, abs=0.2)


def test_repeated_and_unknown_records_are_counted(tmp_path: Path, catalogue: Path) -> None:
    """Duplicates, ids that are not listed, and records without an id are three counts."""
    path = tmp_path / "dump.csv"
    ids = [one.item for one in CATALOGUE[:200]]
    rows = [*ids, *ids[:30], *(f"NOTLISTED{n:07d}" for n in range(40)), "", ""]
    path.write_text("id,extra\n" + "".join(f"{one},x\n" for one in rows), encoding="utf-8")
    dump = assess_leak([path], catalogue=catalogue).dumps[0]
    assert (dump.records, dump.duplicates, dump.unknown_ids, dump.without_id) == (272, 30, 40, 2)
    assert dump.extent.items == 200
    assert dump.by_own_ids


@pytest.mark.slow
def test_unreadable_records_are_counted_and_shown(tmp_path: Path, catalogue: Path) -> None:
    """A lost line is not a record, raises the upper limit, and is shown without its signs."""
    path = tmp_path / "dump.jsonl"
    good = [json.dumps({"id": one.item}) for one in CATALOGUE[:200]]
    path.write_text("\n".join([*good, "<b>\x1b[31m", "{"]), "utf-8")
    leak = assess_leak([path], catalogue=catalogue)
    (dump,) = leak.dumps
    assert (dump.records, dump.unreadable, dump.without_id) == (200, 2, 0)
    assert (leak.metadata.items, leak.metadata.high) == (200, 202)
    assert leak.to_json()["dumps"][0]["unreadable_example"] == r"<b>\u{1b}[31m"
    page = "".join(leak_page(leak))
    assert r"2 records could not be read. The first: &lt;b&gt;\u{1b}[31m" in page


@pytest.mark.slow
def test_an_unrelated_dump_is_said_to_be_unrelated(tmp_path: Path, catalogue: Path) -> None:
    """Somebody else's catalogue gets a p-value near 1, no share, and no place in the totals."""
    other = items(1_500, seed=9)
    leak = assess_leak([write_sqlite(other, tmp_path / "other.db")], catalogue=catalogue)
    assert not leak.related
    assert leak.p_value > 0.05
    assert "no relation" in headline_of(leak)
    assert "no relation beyond chance" in spoken_sentence(leak)
    assert leak.together.items == 0


@pytest.mark.slow
def test_numbers_from_one_are_no_proof(tmp_path: Path) -> None:
    """Two catalogues that count from 1 share all ids; titles tell them apart."""
    ours = tmp_path / "catalogue.csv"
    own = items(800)
    ours.write_text(
        "item,title\n" + "".join(f"{n},{one.title}\n" for n, one in enumerate(own, 1)), "utf-8"
    )
    theirs, copied, bare = (tmp_path / f"{name}.csv" for name in ("theirs", "copied", "bare"))
    for path, listed in ((theirs, items(800, seed=5)), (copied, own)):
        rows = (f"{n},{one.title}\n" for n, one in enumerate(listed, 1))
        path.write_text("track_id,title\n" + "".join(rows), "utf-8")
    bare.write_text("track_id\n" + "".join(f"{n}\n" for n in range(1, 500)), "utf-8")
    assert not assess_leak([theirs], catalogue=ours).related
    assert assess_leak([copied], catalogue=ours).related
    assert not assess_leak([bare], catalogue=ours).related


@pytest.mark.slow
def test_an_unrelated_dump_does_not_add_to_the_totals(tmp_path: Path, catalogue: Path) -> None:
    """Beside a real dump, another catalogue changes neither the shares nor their limits."""
    real = write_listing(CATALOGUE[:500], tmp_path / "real.txt")
    other = write_sqlite(items(700, seed=9), tmp_path / "other.db")
    alone = assess_leak([real], catalogue=catalogue)
    beside = assess_leak([real, other], catalogue=catalogue)
    assert beside.related
    assert alone.together == beside.together


@pytest.mark.slow
def test_an_own_export_is_recognised(tmp_path: Path, catalogue: Path) -> None:
    """A complete copy in the catalogue's order is called an export; in another order it is not."""
    leak = assess_leak([write_sqlite(CATALOGUE, tmp_path / "a.db")], catalogue=catalogue)
    assert leak.own_export
    assert "export" in spoken_sentence(leak)
    assert "export" in headline_of(leak)
    other = random.Random(4).sample(CATALOGUE, len(CATALOGUE))  # noqa: S311
    assert not assess_leak([write_sqlite(other, tmp_path / "b.db")], catalogue=catalogue).own_export


def test_identifiers_of_a_standard_match(tmp_path: Path, catalogue: Path) -> None:
    """Records with only an ISRC are matched, in capitals and with hyphens or not."""
    path = tmp_path / "dump.tsv"
    codes = [one.isrc for one in CATALOGUE[:300]]
    written = [
        f"{c[:2]}-{c[2:5]}-{c[5:7]}-{c[7:]}".lower() if n % 2 else c for n, c in enumerate(codes)
    ]
    path.write_text("ISRC\tlabel\n" + "".join(f"{one}\tx\n" for one in written), "utf-8")
    leak = assess_leak([path], catalogue=catalogue)
    assert leak.dumps[0].standard == "isrc"
    assert (leak.metadata.items, leak.metadata.high, leak.related) == (300, 300, True)
    assert "may come from another source" in spoken_sentence(leak)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("form", "value"),
    [
        ("last part of an address", "spotify:track:{0}"),
        ("last part of an address", "https://example.org/track/{0}?si=1"),
        ("last word of the name", "music/Some Artist - Some Title [{0}].ogg"),
        ("first word of the name", "music/{0} some title.mp3"),
    ],
)
def test_ids_are_found_within_values(
    tmp_path: Path, catalogue: Path, form: str, value: str
) -> None:
    """An id inside an address or a name of a file is found by looking it up."""
    path = tmp_path / "dump.csv"
    rows = "".join(f"{value.format(one.item)},1\n" for one in CATALOGUE[:400])
    path.write_text("link,n\n" + rows, encoding="utf-8")
    dump = assess_leak([path], catalogue=catalogue).dumps[0]
    assert (dump.extent.items, dump.id_form) == (400, form)


def test_a_column_that_lies_is_not_believed(tmp_path: Path, catalogue: Path) -> None:
    """Ids in a column called title, and words in one called id and isrc: the values decide."""
    path = tmp_path / "dump.csv"
    rows = "".join(f"word{n},word{n},{one.item}\n" for n, one in enumerate(CATALOGUE[:300]))
    path.write_text("id,isrc,title\n" + rows, encoding="utf-8")
    dump = assess_leak([path], catalogue=catalogue).dumps[0]
    roles = {one.role: one.column for one in dump.columns}
    assert (dump.extent.items, roles["item"]) == (300, "title")
    assert "isrc" not in roles


def test_named_columns_are_taken(tmp_path: Path, catalogue: Path) -> None:
    """The operator's word about a column wins; an unknown column or role is an error."""
    path = tmp_path / "dump.csv"
    rows = "".join(f"{one.item},{CATALOGUE[0].item}\n" for one in CATALOGUE[:50])
    path.write_text("a,b\n" + rows, encoding="utf-8")
    leak = assess_leak([path], catalogue=catalogue, columns=["item=b"])
    assert leak.dumps[0].extent.items == 1
    with pytest.raises(SettingsError, match="no dump has a column 'c'"):
        assess_leak([path], catalogue=catalogue, columns=["item=c"])
    with pytest.raises(SettingsError, match="is not ROLE=COLUMN"):
        assess_leak([path], catalogue=catalogue, columns=["what"])


def test_a_catalogue_without_an_item_column_is_refused(tmp_path: Path) -> None:
    """The error names the file and the columns that it has."""
    path = tmp_path / "catalogue.csv"
    path.write_text("number,title\n1,a\n", encoding="utf-8")
    dump = write_listing(CATALOGUE[:5], tmp_path / "files.txt")
    with pytest.raises(CatalogueError, match=r"has no column 'item'.*number, title"):
        assess_leak([dump], catalogue=path)
    leak = assess_leak([dump], catalogue=path, catalogue_columns=["item=number"])
    assert not leak.related


@pytest.mark.slow
def test_the_result_is_a_json_document(tmp_path: Path, catalogue: Path) -> None:
    """The document has the sentence, and can be written and read as JSON."""
    leak = assess_leak([write_listing(CATALOGUE[:50], tmp_path / "a.txt")], catalogue=catalogue)
    document = json.loads(json.dumps(leak.to_json()))
    assert document["sentence"] == spoken_sentence(leak)
    assert document["files"]["items"] == 50
