"""Pictures as items, on sites that serve them, and as parts of pages elsewhere."""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest
from tests.events.items.test_learning import read

from ringfence.engine import Engine
from ringfence.events.items import Visit, choose
from ringfence.events.items.pictures import serves_pictures

RECORDS = 600


def visits(urls_of: Callable[[int], list[str]]) -> list[Visit]:
    """Return the visits of 60 people who prefer popular records."""
    draw = random.Random(1)  # noqa: S311 - no secret
    return [
        Visit(url, f"user-{person}")
        for person in range(60)
        for _ in range(draw.randint(2, 25))
        for url in urls_of(int(RECORDS * draw.random() ** 2))
    ]


SITES = {
    "gallery": lambda n: ["/", f"/photos/{n % 9}/img_{n:05d}.jpg", "/style.css", "/logo.png"],
    "scans": lambda n: ["/browse", f"/scans/book{n // 20}/page{n % 20:03d}.JPG?w=800", "/a.js"],
    "dated": lambda n: [f"/{2000 + n % 9}/{n % 12 + 1}/IMG{n:06d}.png", "/favicon.ico"],
    "flat": lambda n: ["/", f"/{n * 7919:08d}.jpeg", "/logo.png"],
}


@pytest.mark.parametrize("site", SITES)
def test_pictures_of_a_site_that_serves_them_are_items(engine: Engine, site: str) -> None:
    """Each picture is one item of its own, and style assets are none."""
    preset = choose(visits(SITES[site])).preset
    urls = [url for n in range(RECORDS) for url in SITES[site](n) if str(n)[0] in url]
    wanted = [url for url in urls if any(map(str.isdigit, url))]
    items = [item for item, _ in read(engine, preset, wanted)]
    assert None not in items
    assert len(set(items)) == len(set(wanted))
    fixed = read(engine, preset, ["/style.css", "/a.js", "/favicon.ico"])
    assert {item for item, _ in fixed} == {None}


@pytest.mark.parametrize("prefix", ["/iiif/2", "/iiif/3", "/loris", "/images/iiif/v2", ""])
def test_an_image_server_has_one_item_for_each_image(engine: Engine, prefix: str) -> None:
    """Sizes, tiles and the description of an IIIF image are one item, under any prefix."""

    def image(n: int) -> list[str]:
        base = f"{prefix}/ms-{n:04d}"
        tiles = [
            f"{base}/0,0,512,512/256,/0/default.jpg",
            f"{base}/512,0,512,512/256,/0/native.png",
        ]
        return ["/", "/search", f"{base}/full/!400,400/0/default.jpg", *tiles, f"{base}/info.json"]

    preset = choose(visits(image)).preset
    for n in (3, 77):
        assert [item for item, _ in read(engine, preset, image(n)[2:])] == [f"ms-{n:04d}"] * 4


@pytest.mark.parametrize("thumbnails", [1, 6])
def test_thumbnails_of_records_do_not_make_pictures_items(thumbnails: int) -> None:
    """Pictures beside pages of records are not what a site serves, however many there are."""
    shown = visits(
        lambda n: [f"/record/{n}", *(f"/t/{(n + k) % RECORDS}.jpg" for k in range(thumbnails))]
    )
    assert not serves_pictures(shown)
    (use,) = choose(shown).uses
    assert "/record/" in use.rule.pattern


def test_the_style_of_a_site_is_not_its_items() -> None:
    """Pictures that everybody loads are style, even if they are most of the requests."""
    style = visits(lambda _: ["/", *(f"/img/icon{k}.png" for k in range(30))])
    assert not serves_pictures(style)


def test_a_doi_in_a_query_reaches_to_the_next_parameter(engine: Engine) -> None:
    """A DOI with several slashes is not cut, so that 600 records are not one item."""

    def urls(n: int) -> list[str]:
        name = f"persistentId=doi:10.5555/DVN/ABC-{n}"
        return [
            f"/dataset.xhtml?{name}&version=1.0",
            f"/api/datasets/:persistentId/?{name}",
            f"/dataset.xhtml?{name.replace(':', '%3A').replace('/', '%2F')}",
        ]

    preset = choose(visits(urls)).preset
    for n in (1, 599):
        assert {item for item, _ in read(engine, preset, urls(n))} == {f"10.5555/dvn/abc-{n}"}


def test_paths_are_items_where_learned_rules_leave_many_of_them_out() -> None:
    """Where a fifth of the pages has many other paths, no page is lost."""
    known = [f"/record/{n}" for n in range(100)] * 4
    other = [
        "/" + "abcdefghijklmnopqrstuvwxyz"[n % 26] + f"/{chr(98 + n // 26)}/x" for n in range(90)
    ]
    assert (
        choose([Visit(u, f"u{n % 9}") for n, u in enumerate(known + other)]).preset.name == "path"
    )
    few = ["/about", "/version", "/help"] * 40
    assert (
        choose([Visit(u, f"u{n % 9}") for n, u in enumerate(known + few)]).preset.name == "learned"
    )
