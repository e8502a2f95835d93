"""Sites that show an item below its group at two URL shapes, with assets of hashed names."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Callable

import pytest

from ringfence.engine import Engine, literal
from ringfence.events.items import Preset, Visit, choose, item_select, own, static_sql, url_reader
from ringfence.events.items.rules import ANY_HOST, Rule
from ringfence.settings import ItemRule

ASSETS = (
    *("/static/css/site.4f1.css", "/static/js/viewer.9a2.js", "/static/fonts/serif.woff2"),
    *("/static/img/logo.77a.png", "/assets/8f3/app.js", "/static/170045/app.3a.css"),
    *("/5/app.js", "/favicon.ico"),
)
TITLES = [
    f"{town}-{name}" for town in ("evora", "porto", "faro") for name in ("sun", "star", "post")
]


def _date(draw: random.Random) -> str:
    return f"{draw.randint(1860, 1930)}-{draw.randint(1, 12):02d}-{draw.randint(10, 28)}"


FAMILIES: dict[str, Callable[[random.Random], tuple[str, str]]] = {
    "newspapers": lambda draw: (
        f"/press/{draw.choice(TITLES)}/{_date(draw)}/ed-1/seq-2/",
        "/issue-pdf/{0}/{1}.pdf",
    ),
    "numbered titles": lambda draw: (
        f"/lccn/sn{draw.randint(1, 9) * 4_101_733}/{_date(draw)}/ed-1/seq-2/",
        "/download/{0}/{1}.pdf",
    ),
    "magazines": lambda draw: (
        f"/mag/{draw.choice(TITLES)}/issue-{draw.randint(1, 400)}",
        "/mag-pdf/{0}/{1}.pdf",
    ),
    "courses": lambda draw: (
        f"/courses/{draw.choice(TITLES)}/lesson-{draw.randint(1, 40)}",
        "/slides/{0}/{1}.pdf",
    ),
    "episodes": lambda draw: (
        f"/shows/{draw.choice(TITLES)}/s{draw.randint(1, 9):02d}e{draw.randint(1, 12):02d}",
        "/subtitles/{0}/{1}.vtt",
    ),
}


def _day(family: str) -> tuple[list[Visit], dict[str, str]]:
    """Return the requests of a day, and the true item of each URL of an item."""
    draw = random.Random(1)  # noqa: S311 - no secret
    visits, truth = [], {}
    for _ in range(900):
        account = f"user-{draw.randint(1, 60)}"
        page, other = FAMILIES[family](draw)
        title, name = page.split("/")[2:4]
        url = other.format(title, name) if draw.random() < 0.3 else page
        truth[url] = f"{title}/{name}"
        visits.append(Visit(url, account))
        if draw.random() < 0.3:
            visits += [Visit(asset, account) for asset in ASSETS]
    return visits, truth


@pytest.mark.parametrize("family", FAMILIES)
def test_an_item_is_named_with_its_group_at_both_shapes(family: str) -> None:
    """Each issue, lesson and episode is one item at both shapes, and no two share one."""
    visits, truth = _day(family)
    item_of = url_reader(choose(visits).preset)
    items, records = defaultdict(set), defaultdict(set)
    for url, record in truth.items():
        items[record].add(item_of(url))
        records[item_of(url)].add(record)
    assert "" not in records
    assert {item: some for item, some in records.items() if len(some) > 1} == {}
    assert {record: some for record, some in items.items() if len(some) > 1} == {}


@pytest.mark.parametrize("family", FAMILIES)
def test_assets_are_no_items_of_learned_rules(engine: Engine, family: str) -> None:
    """Style sheets, scripts and fonts are never items, also by a copy in the settings."""
    preset = choose(_day(family)[0]).preset
    copied = own([ItemRule(**rule.as_setting()) for rule in preset.rules])
    for rules in (preset, copied):
        assert [url for url in ASSETS if url_reader(rules)(url)] == []
        assert set(_static(engine, rules, ASSETS)) == set(ASSETS)


OPEN = Rule(rf"{ANY_HOST}/[^/?#]+/(?P<item>[0-9]+)(?:[/?#;]|$)")
FIXED = Rule(rf"{ANY_HOST}/record/(?P<item>[^/?&#;]+?)(?:[/?#;]|$)")


@pytest.mark.parametrize(
    ("rules", "url", "item"),
    [
        (OPEN, "/static/17/site.css", ""),
        (OPEN, "/static/17/logo.png", ""),
        (OPEN, "/record/17?x=.css", "17"),
        (FIXED, "/record/site.4f1.css", ""),
        (FIXED, "/record/dr.-no", "dr.-no"),
        (FIXED, "/record/17/x.css", "17"),
        (FIXED, "/record/17?x=.js", "17"),
    ],
)
def test_an_asset_hides_no_item(engine: Engine, rules: Rule, url: str, item: str) -> None:
    """A file of the style gives no item. A URL that only quotes such a file gives its item."""
    preset = Preset("learned", (rules,))
    assert url_reader(preset)(url) == item
    assert bool(_static(engine, preset, [url])) == (not item)


def test_scripts_are_items_of_a_rule_for_them(engine: Engine) -> None:
    """A rule that the operator wrote for scripts finds them."""
    rules = own([ItemRule(pattern="/npm/(?P<item>[^/?#]+[.]js)")])
    assert url_reader(rules)("/npm/left-pad.js") == "left-pad.js"
    assert _static(engine, rules, ["/npm/left-pad.js"]) == []


def _static(engine: Engine, preset: Preset, urls: tuple[str, ...] | list[str]) -> list[str]:
    """Return the URLs that a scan counts as static assets."""
    listed = ", ".join(map(literal, urls))
    read = item_select(f"SELECT unnest([{listed}]) AS url", preset)
    named = f"SELECT url, found_in_url AS item FROM ({read})"
    rows = engine.rows(f"SELECT url FROM ({named}) WHERE {static_sql(preset)}")
    return [url for (url,) in rows]
