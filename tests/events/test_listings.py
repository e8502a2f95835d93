"""Pages of lists are recognised in URLs: first pages, later ones, and their records."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ringfence.engine import Engine
from ringfence.events import Quarantine, Source, open_source
from ringfence.settings import Settings

LINE = '203.0.113.9 - ada [02/Mar/2026:10:00:00 +0000] "GET {} HTTP/1.1" {} {} "-" "Mozilla/5.0"\n'

FIRST, LATER = False, True


def read(engine: Engine, folder: Path, url: str, status: int = 200, size: int = 90_000) -> Any:  # noqa: ANN401 - a row
    """Return outcome, name of the page, whether it is walked, and records of a request."""
    path = folder / "access.log"
    path.write_text(LINE.format("/track/1", 200, 5) + LINE.format(url, status, size))
    settings = Settings.model_validate({"items": {"preset": "stream"}})
    open_source(engine, Source(path, path.name), settings, Quarantine(folder))
    rows = engine.rows("SELECT outcome, listing, walked, records FROM events")
    return rows[-1]


@pytest.mark.parametrize(
    ("url", "walked", "records"),
    [
        ("/search?q=whale", FIRST, None),
        ("/search?q=whale&page=1&per_page=20", FIRST, 20),
        ("/search?q=whale&page=0", FIRST, None),
        ("/search?q=whale&page=2", LATER, None),
        ("/search?q=whale&start=0&rows=10", FIRST, 10),
        ("/search?q=whale&start=1", FIRST, None),
        ("/search?q=whale&start=40&rows=10", LATER, 10),
        ("/solr/select?q=*:*&rows=100&cursorMark=*", LATER, 100),
        ("/solr/select?q=*:*&rows=50&cursorMark=*", FIRST, 50),
        ("/solr/select?q=*:*&rows=50&cursorMark=AoE", LATER, 50),
        ("/oai?verb=ListRecords&metadataPrefix=oai_dc", FIRST, None),
        ("/oai?verb=ListRecords&resumptionToken=a1", LATER, None),
        ("/sru?query=x&startRecord=51&maximumRecords=50", LATER, 50),
        ("/rest/search3.view?query=&songCount=500&artistCount=0&songOffset=500", LATER, 500),
        ("/rest/search3.view?query=&artistCount=0&songCount=20&songOffset=0", FIRST, 20),
        ("/api/items?page%5Bnumber%5D=3&page%5Bsize%5D=25&limit=25", LATER, 25),
        ("/items?limit=25&offset=25", LATER, 25),
        ("/blog/page/7", LATER, None),
        ("/?s=whale", FIRST, None),
        ("/browse?type=author&value=a", FIRST, None),
    ],
)
def test_a_list_has_first_and_later_pages(
    engine: Engine, tmp_path: Path, url: str, walked: bool, records: int | None
) -> None:
    """Numbers of pages and records count from 0 or 1; a cursor begins empty or with a star."""
    outcome, listing, found, count = read(engine, tmp_path, url)
    assert outcome == "list-page"
    assert listing
    assert (found, count) == (walked, records)


@pytest.mark.parametrize(
    ("url", "outcome"),
    [
        ("/track/7?q=whale&page=3", None),
        ("/viewer?doc=7&page=31", "no-item"),
        ("/cover?size=300", "no-item"),
        ("/player?start=120", "no-item"),
        ("/about", "no-item"),
        ("/static/list.css?page=2&limit=5", "static-asset"),
    ],
)
def test_other_requests_are_no_lists(
    engine: Engine, tmp_path: Path, url: str, outcome: str | None
) -> None:
    """An item stays an item; pages of a document and sizes of pictures make no lists."""
    found, listing, walked, _ = read(engine, tmp_path, url)
    assert found == outcome
    if outcome != "static-asset":
        assert (listing, walked) == (None, None)


def test_a_list_that_was_not_given_is_none(engine: Engine, tmp_path: Path) -> None:
    """A refused search shows nothing."""
    assert read(engine, tmp_path, "/search?q=a&page=2", status=429)[:2] == ("not-successful", None)


def test_records_asked_for_are_bounded_by_the_answer(engine: Engine, tmp_path: Path) -> None:
    """Programs ask for a million records where they want all, and get what there is."""
    url = "/search?q=a&rows=1000000"
    assert read(engine, tmp_path, url, size=4_000)[3] == 80
    assert read(engine, tmp_path, url, size=5_000_000)[3] == 100_000


def test_a_page_has_one_name_whatever_passes_by(engine: Engine, tmp_path: Path) -> None:
    """Salts, times and session ids change with every request; the query and the place count."""
    urls = [
        "/rest/search3?t=11ff&s=abcdef01&query=a&songOffset=500&_=17",
        "/rest/search3?t=22ee&s=123456aa&query=a&songOffset=500&_=18",
        "/rest/search3?t=22ee&s=123456aa&query=a&songOffset=1000&_=18",
    ]
    names = [read(engine, tmp_path, url)[1] for url in urls]
    assert names[0] == names[1] != names[2]


def test_a_search_that_is_an_item_is_a_list_as_well(engine: Engine, tmp_path: Path) -> None:
    """Learned rules may take what somebody searched for as an item; its pages are still pages."""
    path = tmp_path / "access.log"
    path.write_text("".join(LINE.format(f"/find?q=whale&page={n}", 200, 9_000) for n in (1, 2, 3)))
    rule = {"pattern": "[?&]q=(?P<item>[^&]+)", "surface": "search"}
    settings = Settings.model_validate({"items": {"rules": [rule]}})
    open_source(engine, Source(path, path.name), settings, Quarantine(tmp_path))
    found = engine.rows("SELECT outcome, item, walked FROM events")
    assert found == [(None, "whale", FIRST), (None, "whale", LATER), (None, "whale", LATER)]
