"""Rules learned from the URLs of platforms whose truth is known."""

from __future__ import annotations

import random
import re
from collections import defaultdict
from functools import cache
from urllib.parse import quote

import pytest
from tests.events.items.platform_urls import PLATFORMS, Platform
from tests.events.items.platforms import Request, requests

from ringfence.engine import Engine, literal
from ringfence.events import items
from ringfence.events.items import Preset, Visit, learn
from ringfence.settings import ItemRule

NAMES = [platform.name for platform in PLATFORMS]


def read(engine: Engine, preset: Preset, urls: list[str]) -> list[tuple[str | None, str | None]]:
    """Return item and surface of each URL as the engine reads them."""
    listed = ", ".join(literal(url) for url in set(urls))
    found = f"SELECT *, {items.item_sql(preset)} AS found FROM (SELECT unnest([{listed}]) AS url)"
    named = f"SELECT *, {items.name_sql(preset)} AS item FROM ({found})"
    surface = items.surface_sql(preset) or "NULL"
    rows = engine.rows(f"SELECT url, item, {surface} FROM ({named})")
    answers = {url: (item, said) for url, item, said in rows}
    return [answers[url] for url in urls]


@cache
def day(platform: Platform, seed: int = 1) -> list[Request]:
    """Return the requests of a day."""
    return requests(platform, seed=seed)


@cache
def learned(platform: Platform, seed: int = 1) -> Preset:
    """Return the rules learned from a day."""
    return learn([Visit(request.url, request.account) for request in day(platform, seed)])


@pytest.mark.slow
@pytest.mark.parametrize("platform", PLATFORMS, ids=NAMES)
@pytest.mark.parametrize("seed", [1, 2])
def test_each_record_of_a_platform_is_one_item(
    engine: Engine, platform: Platform, seed: int
) -> None:
    """Every URL of a record gives its one item, and no item is shared by two records."""
    asked = day(platform, seed)
    found = read(engine, learned(platform, seed), [request.url for request in asked])
    of_record, of_item, others = defaultdict(set), defaultdict(set), set()
    for request, (item, _) in zip(asked, found, strict=True):
        if request.record.startswith("record "):
            of_record[request.record].add(item)
            of_item[item].add(request.record)
        elif item is not None and item != request.record:
            others.add(item)
    assert all(None not in some for some in of_record.values())
    assert {item: some for item, some in of_item.items() if len(some) > 1} == {}
    assert len(of_item) + len(others) == pytest.approx(len(of_record), rel=0.03)


@pytest.mark.parametrize("platform", PLATFORMS, ids=NAMES)
def test_no_session_is_an_item(engine: Engine, platform: Platform) -> None:
    """A value that stays with an account is in no item."""
    asked = day(platform)
    sessions = {
        part
        for r in asked
        for part in r.url.replace("=", "/").split("/")
        if len(part) == 20 and part.isalnum()
    }
    for item, _ in read(engine, learned(platform), [request.url for request in asked]):
        assert item is None or not any(session in item for session in sessions)


@pytest.mark.parametrize("platform", [p for p in PLATFORMS if p.searches], ids=lambda p: p.name)
def test_searches_are_items_of_their_own_surface(engine: Engine, platform: Platform) -> None:
    """A search has the surface search, and its words in lower case as item."""
    asked = day(platform)
    found = read(engine, learned(platform), [request.url for request in asked])
    for request, (item, surface) in zip(asked, found, strict=True):
        if request.record.startswith("search: "):
            assert (item, surface) == (request.record, "search")
        else:
            assert surface != "search"


@pytest.mark.parametrize("platform", PLATFORMS, ids=NAMES)
def test_another_day_is_read_by_the_same_rules(engine: Engine, platform: Platform) -> None:
    """Rules of one day read the records of another day that were not seen before."""
    rules = learned(platform)
    other = requests(platform, records=900, seed=5)
    found = read(engine, rules, [request.url for request in other])
    missed = sum(
        item is None
        for request, (item, _) in zip(other, found, strict=True)
        if request.record.startswith("record ")
    )
    assert missed < 0.03 * len(other)


@pytest.mark.parametrize("platform", PLATFORMS, ids=NAMES)
def test_learned_rules_can_be_pasted_into_the_settings(engine: Engine, platform: Platform) -> None:
    """The same rules as settings read the same items and surfaces."""
    asked = day(platform)
    rules = learned(platform)
    assert 1 <= len(rules.rules) <= 12
    pasted = items.own([ItemRule(**rule.as_setting()) for rule in rules.rules])
    urls = [request.url for request in asked]
    assert read(engine, pasted, urls) == read(engine, rules, urls)


@pytest.mark.parametrize(
    ("urls", "expected"),
    [
        (["/v1/records/7?page=2"], ["7"]),
        (["/record/101", "/record/102"], ["101", "102"]),
        (["/RECORD/101", "/record/101"], ["101", "101"]),
        (
            [
                f"/play/ssid/aa11bb/type/song/oid/{n}/uid/1/client/App/name/One.flac"
                for n in (501, 502)
            ],
            ["501", "502"],
        ),
        (["/v1/users"], [None]),
        (["/"], [None]),
        (["/a/b/c.html", "/about"], [None, None]),
        (["/view.php?id=7&lang=en", "/view.php?lang=en&id=8"], ["7", "8"]),
        (["/item/5/thumb.png", "/item/5", "/item/6"], ["5", "5", "6"]),
    ],
)
def test_a_small_log_of_one_account_is_read_by_shape(
    engine: Engine, urls: list[str], expected: list[str | None]
) -> None:
    """Where one account shares nothing with others, numbers are items and words are not."""
    rules = learn([Visit(url, "ann") for url in urls])
    found = read(engine, rules, urls) if rules.rules else [(None, None)] * len(urls)
    assert [item for item, _ in found] == expected


@pytest.mark.parametrize(
    "evil",
    [
        "/" + "a" * 1_000_000,
        "/record/" + "9" * 1_000_000,
        "/(((/[[[/***/1",
        "/record/1'; DROP TABLE x;--/2",
        '/"/\\E\\Q/{9999999}/7',
        "/%00%ff%/%2F%2F/1?=&&&==&id",
        "/?" + "&".join(f"k{n}=1" for n in range(500)),
        "/" + "/".join("1" * 300),
        "?id=5",
        "",
        "//",
        "/record/(?P<item>x)/5",
        "/\x1b[31m/5",
    ],
)
def test_hostile_urls_are_harmless(engine: Engine, evil: str) -> None:
    """Any URL can be in a sample: the rules stay valid, few, and read the other pages."""
    visits = [Visit(f"/record/{n}", f"user-{n % 7}") for n in range(50)]
    rules = learn([*visits, *(Visit(evil, f"user-{n}") for n in range(9))])
    assert len(rules.rules) <= 12
    found = read(engine, rules, ["/record/17", evil.replace("\x00", "")])
    assert found[0] == ("17", "metadata")


def test_an_extractor_does_not_merge_two_kinds(engine: Engine) -> None:
    """One account that takes all numbers of two kinds does not make them the same items."""
    people = [
        Visit(f"/{kind}/{(n * 7 + shift) % 90}", f"user-{n % 30}")
        for n in range(300)
        for kind, shift in (("photo", 0), ("essay", 41))
    ]
    robot = [Visit(f"/{kind}/{n}", "greedy") for kind in ("photo", "essay") for n in range(90)]
    found = read(engine, learn([*people, *robot]), ["/photo/5", "/essay/5"])
    assert len({item for item, _ in found}) == 2


def test_quoted_ids_have_one_name(engine: Engine) -> None:
    """A DOI is one item whether it is escaped or not, and in either case."""
    urls = [f"/api/works/{quote(f'10.5555/AB{n}', safe='')}" for n in range(5)]
    urls += [f"/works/10.5555/ab{n}" for n in range(5)]
    rules = learn([Visit(url, "ann") for url in urls])
    found = [item for item, _ in read(engine, rules, urls)]
    assert found == [f"10.5555/ab{n}" for n in range(5)] * 2


def articles(journals: int) -> list[Visit]:
    """Return visits of articles that are numbered again in each journal and year."""
    rng = random.Random(5)  # noqa: S311 - not for cryptography
    names = ["msl", "fld", "acta", "rev", "hist", "bio", "art", "law", "geo", "med"][:journals]
    visits = []
    for _ in range(1_500):
        url = f"/article/j{rng.choice(names)}/{rng.randint(2015, 2024)}/{rng.randint(1, 60)}"
        reader = f"user-{rng.randrange(90)}"
        visits += [Visit(url, reader), Visit(f"{url}/pdf", reader)]
    return visits


@pytest.mark.parametrize("journals", [1, 3, 5, 6, 10])
def test_articles_of_two_years_or_journals_stay_apart(journals: int) -> None:
    """Numbers that begin again in each year and journal are items of their own."""
    visits = articles(journals)
    preset = learn(visits)
    items = {}
    for visit in visits:
        rule = preset.rule_for(visit.url)
        assert rule
        items[visit.url.removesuffix("/pdf")] = rule.prefix + rule.item_of(visit.url)
    assert len(set(items.values())) == len(items)


def test_the_part_with_which_an_item_begins_is_its_group() -> None:
    """A journal numbers its articles, so it belongs to the item, and is its group too."""
    rules = learn(articles(10)).rules
    (match, *_) = filter(None, (re.search(rule.pattern, "/article/jrev/2021/22") for rule in rules))
    assert (match["item"], match["group"]) == ("jrev/2021/22", "jrev")
