"""Item rules: one item, one name, and nothing that is none."""

from __future__ import annotations

import pytest

from ringfence.engine import Engine, literal
from ringfence.events import items

HOST = "http://www.example.com:80"


def named(engine: Engine, preset: str, url: str) -> tuple[str | None, str | None, str | None]:
    """Return item, surface and group as the engine reads them."""
    one = items.preset(preset)
    found = f"SELECT {literal(url)} AS url, {items.item_sql(one)} AS found"
    item = f"SELECT url, {items.name_sql(one)} AS item FROM ({found})"
    row = engine.rows(
        f"SELECT item, {items.surface_sql(one) or 'NULL'}, "
        f"{items.group_sql(one) or 'NULL'} FROM ({item})"
    )[0]
    return row[0], row[1], row[2]


@pytest.mark.parametrize(
    ("url", "item", "surface", "group"),
    [
        ("/science/article/pii/S0012160612004174", "S0012160612004174", "metadata", "S00121606"),
        (
            "/science?_ob=MiamiImageURL&_pii=S0012160612004174&_check=y",
            "S0012160612004174",
            "download",
            "S00121606",
        ),
        (
            "/S0012160612004174/1-s2.0-S0012160612004174-main.pdf?x=1",
            "S0012160612004174",
            "download",
            "S00121606",
        ),
        (
            "/article/10.1007/S11227-012-0123-y",
            "10.1007/s11227-012-0123-y",
            "metadata",
            "10.1007/s11227",
        ),
        (
            "/article/10.1007/s11227-012-0123-y/fulltext.html",
            "10.1007/s11227-012-0123-y",
            "metadata",
            "10.1007/s11227",
        ),
        (
            "/static/pdf/5/art%253A10.1007%252Fs11227-012-0123-y.pdf?auth=1",
            "10.1007/s11227-012-0123-y.pdf",
            "download",
            "10.1007/s11227",
        ),
        (
            "/doi/pdf/10.1080/01621459.2013.1",
            "10.1080/01621459.2013.1",
            "download",
            "10.1080/01621",
        ),
        ("/load_pdf.php?ID_ARTICLE=ABCD_149_0151", "ABCD_149_0151", "download", "ABCD"),
        (
            "/index.php?url=/articles/abc/pdf/2012/11/abc20122811p909.pdf",
            "abc20122811p909",
            "download",
            "abc",
        ),
        ("/articles/abc/abs/2012/11/abc20122811p909.html", "abc20122811p909", "metadata", "abc"),
        ("/files/report-7.pdf", "report-7", "download", "report"),
    ],
)
def test_scholarly_items_have_one_name(
    engine: Engine, url: str, item: str, surface: str, group: str
) -> None:
    """Page and PDF of an article are one item, whatever the escaping and the host."""
    assert named(engine, "scholarly", HOST + url) == (item, surface, group)


@pytest.mark.parametrize(
    "urls",
    [
        (
            "/articles/aa/abs/2012/01/aa12345-11/aa12345-11.html",
            "/articles/aa/full/2012/01/aa12345-11/aa12345-11.html",
            "/articles/aa/full_html/2012/01/aa12345-11/aa12345-11.html",
            "/articles/aa/pdf/2012/01/aa12345-11.pdf",
            "/articles/aa/ref/2012/01/aa12345-11/aa12345-11.html",
        ),
        (
            "/nature/journal/v481/n7379/full/nature01234.html",
            "/nature/journal/v481/n7379/abs/nature01234.html",
            "/nature/journal/v481/n7379/pdf/nature01234.pdf",
            "/nature/journal/v481/n7379/fig_tab/nature01234_F1.html",
        ),
        (
            "/content/12/3/456",
            "/content/12/3/456.abstract",
            "/content/12/3/456.full",
            "/content/12/3/456.full.pdf+html",
            "/content/12/3/456.full.pdf",
            "/content/12/3/456.full?sid=1",
        ),
        (
            "/doi/full/10.1080/0123.2013.1",
            "/doi/abs/10.1080/0123.2013.1",
            "/doi/pdf/10.1080/0123.2013.1",
            "/doi/pdf/10.1080/0123.2013.1?download=true",
            "/doi/10.1080%2F0123.2013.1",
            "/article/10.1080/0123.2013.1/fulltext.html",
        ),
        (
            "/xpls/abs_all.jsp?arnumber=6123456",
            "/stamp/stamp.jsp?tp=&arnumber=06123456",
            "/document/6123456/",
            "/iel5/49/6123/06123456.pdf",
        ),
        (
            "/en/content/articlehtml/2012/cc/c2cc12345a",
            "/en/content/articlepdf/2012/cc/c2cc12345a",
            "/en/Content/ArticleLanding/2012/CC/c2cc12345a",
        ),
        (
            "/1422-0067/13/1/12",
            "/1422-0067/13/1/12/htm",
            "/1422-0067/13/1/12/pdf",
        ),
        ("/abs/1203.1234", "/pdf/1203.1234v2", "/pdf/1203.1234v1.pdf"),
        ("/pmc/articles/PMC123456/", "/pmc/articles/PMC123456/pdf/main.pdf"),
        (
            "/abstract/PRL/v108/i1/e012345",
            "/pdf/PRL/v108/i1/e012345",
        ),
        ("/article/view/731", "/article/731.full.pdf", "/article/pdf/731", "/ARTICLE/view/731"),
    ],
    ids=lambda urls: urls[0],
)
def test_all_variants_of_an_article_are_one_item(engine: Engine, urls: tuple[str, ...]) -> None:
    """Abstract, full text and PDF of an article have one name, and another article another."""
    found = {named(engine, "scholarly", HOST + url)[0] for url in urls}
    assert len(found) == 1
    assert None not in found


@pytest.mark.parametrize(
    "url",
    [
        "/",
        "/science/journal/00121606",
        "/search?q=10+things",
        "/science/advertisement/doi/10.1016/j.x",
        "/static/pdf/5/bfm%253A978-3-540-45302-4%252F1.pdf",
        "/articles/abc/abs/2012/12/contents.html",
    ],
)
def test_what_is_no_article_is_no_item(engine: Engine, url: str) -> None:
    """Lists, searches, advertisements and front matter are not taken for articles."""
    assert named(engine, "scholarly", HOST + url)[0] is None


@pytest.mark.parametrize(
    ("url", "item", "surface"),
    [
        ("/rest/stream?id=tr-1&u=x", "tr-1", "stream"),
        ("/rest/stream.view?u=x&id=tr-1", "tr-1", "stream"),
        ("/music/rest/download?c=a&id=9", "9", "download"),
        ("/rest/stream?uid=9", None, None),
        ("/rest/getCoverArt?id=9", None, None),
    ],
)
def test_subsonic(engine: Engine, url: str, item: str | None, surface: str | None) -> None:
    """Streams and downloads of a Subsonic server, wherever the id stands."""
    assert named(engine, "subsonic", url)[:2] == (item, surface)


@pytest.mark.parametrize("preset", items.PRESETS, ids=lambda one: one.name)
def test_patterns_carry_no_names_to_the_engine(preset: items.Preset) -> None:
    """Java takes no (?P<name>...): only indices reach an engine, and they fit."""
    for rule in preset.rules:
        assert "?P<" not in rule.unnamed
        assert rule.groups["item"] >= 1
