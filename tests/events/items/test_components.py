"""Parts behind items that learned rules leave out."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from itertools import product

import pytest
from benchmarks.platforms import PLATFORMS, Platform, requests

from ringfence.events.items import Components, RuleChoice, Visit, choose

READERS = 40


def told(choice: RuleChoice) -> list[Components]:
    """Return the components that rules leave out."""
    return [use.components for use in choice.uses if use.components]


def chosen(*shapes: str, works: int = 60, pages: int = 9) -> RuleChoice:
    """Return the rules learned from readers who go from page to page of works."""
    rng = random.Random(7)  # noqa: S311 - not for cryptography
    visits = []
    for reader, _ in product(range(READERS), range(12)):
        work, first = rng.randrange(works), rng.randrange(pages)
        for page in range(first, min(first + 3, pages)):
            code = f"seg-{page:05d}"
            url = rng.choice(shapes).format(work=work, page=page, code=code, who=reader)
            visits.append(Visit(url, f"reader-{reader}"))
    return choose(visits, always_learn=True)


@pytest.mark.parametrize(
    ("shape", "item"),
    [
        ("/ms/{work}/f{page}v", "12/f3v"),
        ("/ms/{work}/f{page}v?zoom=2", "12/f3v"),
        ("/course/{work}/lesson/{page}", "12/lesson/3"),
        ("https://books.example/book/{work}/p{page}", "12/p3"),
    ],
)
def test_parts_are_told_with_a_rule_that_reads_them(shape: str, item: str) -> None:
    """Pages that are read as one item are counted, and the rule in the comment reads each."""
    choice = chosen(shape)
    (parts,) = told(choice)
    assert 4 <= parts.per_item <= 9
    assert parts.url
    assert parts.finer
    url = shape.format(work=12, page=3)
    assert parts.finer.item_of(url) == item
    (commented,) = re.findall("^# pattern = '(.*)'$", choice.as_toml(), re.MULTILINE)
    assert commented == parts.finer.pattern


@pytest.mark.parametrize(
    "shapes",
    [
        ("/record/{work}",),
        ("/record/{work}", "/record/{work}/v{page}"),
        ("/record/{work}?page={page}",),
        ("/track/{work}/hls/{code}.ts",),
        ("/iiif/{work}/{page},0,512,512/512,/0/default.jpg",),
        ("/play/{work}/uid/{who}",),
        ("/record/{work}", "/record/{work}", "/record/{work}/file{page}"),
    ],
)
def test_views_and_segments_are_no_parts(shapes: tuple[str, ...]) -> None:
    """Versions, pages of a list, pieces of a stream, tiles and own values are not mentioned."""
    assert not told(chosen(*shapes))


def test_files_and_formats_are_no_parts() -> None:
    """Two files per record are fewer than the parts of a work."""
    assert not told(chosen("/record/{work}/f{page}", pages=3))


def test_no_url_is_kept_with_pseudonyms() -> None:
    """Without examples the numbers stay, and the URL and the item are gone."""
    (parts,) = told(chosen("/ms/{work}/f{page}").without_examples())
    assert parts.per_item >= 4
    assert (parts.url, parts.item) == ("", "")


def platform_visits(platform: Platform) -> Iterator[Visit]:
    """Return the visits of a generated log."""
    for one in requests(platform, 1):
        yield Visit(one.line.split('"')[1].split()[1], one.account)


@pytest.mark.slow
@pytest.mark.parametrize("platform", PLATFORMS, ids=lambda platform: platform.name)
def test_known_platforms_have_no_parts(platform: Platform) -> None:
    """Their records have files, views and versions, and none of them is an item."""
    choice = choose(list(platform_visits(platform))[:3_000], always_learn=True)
    assert not told(choice)
