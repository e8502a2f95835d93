"""URL shapes of platforms, with the truth: which record each URL belongs to.

A platform is data: the URLs of a record (the page first), pages of no record, and searches. ``{n}``
is the record's number, ``{uuid}``, ``{hex}``, ``{slug}`` and ``{code}`` are other ids of the
record, ``{g}`` is the number of its group and ``{gs}`` the group's name. ``{session}`` stays with
an account, ``{token}`` is new for each request, ``{k}`` is a small random number.
"""

from __future__ import annotations

import hashlib
import random
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

WORDS = (
    *("river", "stone", "winter", "garden", "letter", "harbour", "signal", "copper", "forest"),
    *("mirror", "island", "candle", "market", "summer", "bridge", "valley", "orchard", "silver"),
    *("thunder", "meadow", "lantern", "anchor", "velvet", "compass", "harvest"),
)


class Request(NamedTuple):
    """One page request and its truth.

    Attributes:
        url: with no host.
        account: who asks.
        record: the true record; empty if it belongs to none; ``search: …`` for a search.
    """

    url: str
    account: str
    record: str


@dataclass(frozen=True)
class Platform:
    """The URLs of one kind of platform.

    Attributes:
        name: of the platform.
        records: templates of a record's URLs; the first is the usual one.
        lists: templates of pages of no record.
        searches: templates of searches, with ``{query}``.
        ids: format of record numbers that are not consecutive.
    """

    name: str
    records: tuple[str, ...]
    lists: tuple[str, ...]
    searches: tuple[str, ...] = ()


PLATFORMS = (
    Platform(
        "dspace-6",
        (
            "/handle/123456789/{n}",
            "/handle/123456789/{n}?show=full",
            "/xmlui/handle/123456789/{n}",
            "/bitstream/handle/123456789/{n}/{slug}.pdf?sequence=1&isAllowed=y",
            "/bitstream/handle/123456789/{n}/{slug}.pdf.txt?sequence={k}",
        ),
        (
            "/",
            "/community-list",
            "/browse?type=author&value={slug}",
            "/browse?type=title&offset={k}",
            "/feed/rss_2.0/site",
            "/contact",
        ),
        ("/discover?query={query}&rpp=10&page={k}", "/simple-search?query={query}"),
    ),
    Platform(
        "dspace-7",
        (
            "/items/{uuid}",
            "/items/{uuid}/full",
            "/server/api/core/items/{uuid}",
            "/server/api/core/items/{uuid}/bundles?size=100",
        ),
        (
            "/home",
            "/community-list",
            "/collections/{guuid}",
            "/server/api/core/collections/{guuid}",
            "/server/api/authn/status",
            "/browse/author?value={slug}&bbm.page={k}",
        ),
        ("/search?query={query}", "/server/api/discover/search/objects?query={query}&page={k}"),
    ),
    Platform(
        "ojs",
        (
            "/index.php/{gs}/article/view/{n}",
            "/index.php/{gs}/article/view/{n}/{n7}",
            "/index.php/{gs}/article/download/{n}/{n7}",
            "/index.php/{gs}/article/viewFile/{n}/{n7}",
        ),
        (
            "/index.php/{gs}",
            "/index.php/{gs}/issue/archive",
            "/index.php/{gs}/issue/view/{k}",
            "/index.php/{gs}/about",
            "/index.php/{gs}/login",
        ),
        ("/index.php/{gs}/search?query={query}",),
    ),
    Platform(
        "eprints",
        (
            "/{n}/",
            "/{n}/1/{slug}.pdf",
            "/id/eprint/{n}/",
            "/cgi/export/eprint/{n}/BibTeX/repo-eprint-{n}.bib",
        ),
        ("/", "/view/year/{year}.html", "/view/creators/{slug}.html", "/information.html"),
        ("/cgi/search/simple?q={query}&_action_search=Search",),
    ),
    Platform(
        "omeka-s",
        ("/s/{gs}/item/{n}", "/api/items/{n}", "/s/{gs}/item/{n}?output=json"),
        ("/", "/s/{gs}", "/s/{gs}/page/welcome", "/s/{gs}/item?page={k}", "/s/{gs}/item-set/{k}"),
        ("/s/{gs}/item?fulltext_search={query}",),
    ),
    Platform(
        "iiif",
        (
            "/iiif/2/{code}/full/!400,400/0/default.jpg",
            "/iiif/2/{code}/full/max/0/default.jpg",
            "/iiif/2/{code}/0,0,1024,1024/512,/0/default.jpg",
            "/iiif/2/{code}/info.json",
        ),
        ("/", "/about", "/collections"),
    ),
    Platform(
        "jellyfin",
        (
            "/Audio/{hex}/universal?UserId={session}&DeviceId={session}&PlaySessionId={token}",
            "/Audio/{hex}/stream.mp3?static=true&mediaSourceId={hex}",
            "/Items/{hex}/Images/Primary?maxWidth=300&tag={token}",
            "/Users/{session}/Items/{hex}",
            "/Items/{hex}/Download?api_key={session}",
        ),
        (
            "/web/index.html",
            "/Users/{session}/Views",
            "/Users/{session}/Items?StartIndex={k}&Limit=100",
            "/System/Info/Public",
            "/Sessions/Playing/Progress",
        ),
        ("/Items?searchTerm={query}&Limit=20&userId={session}",),
    ),
    Platform(
        "ckan",
        (
            "/dataset/{slug}",
            "/api/3/action/package_show?id={slug}",
            "/dataset/{slug}/resource/{uuid}",
            "/dataset/{slug}.rdf",
        ),
        ("/", "/organization/{gs}", "/group/{gs}", "/dataset/?page={k}", "/about"),
        ("/dataset/?q={query}&sort=score+desc", "/api/3/action/package_search?q={query}"),
    ),
    Platform(
        "wordpress",
        (
            "/{year}/0{g}/{slug}/",
            "/{year}/0{g}/{slug}/?replytocom={k}",
            "/{year}/0{g}/{slug}/feed/",
        ),
        (
            "/",
            "/about/",
            "/page/{k}/",
            "/category/{gs}/",
            "/category/{gs}/page/{k}/",
            "/tag/{gs}/",
            "/author/{gs}/",
            "/{year}/0{g}/",
            "/feed/",
            "/wp-json/wp/v2/posts?page={k}",
        ),
        ("/?s={query}",),
    ),
    Platform(
        "koha",
        (
            "/cgi-bin/koha/opac-detail.pl?biblionumber={n}",
            "/cgi-bin/koha/opac-MARCdetail.pl?biblionumber={n}",
            "/cgi-bin/koha/opac-detail.pl?biblionumber={n}&query_desc=kw%2Cwrdl%3A%20river",
            "/cgi-bin/koha/opac-export.pl?op=export&format=bibtex&biblionumber={n}",
        ),
        (
            "/",
            "/cgi-bin/koha/opac-user.pl",
            "/cgi-bin/koha/opac-shelves.pl?op=view&shelfnumber={k}",
        ),
        ("/cgi-bin/koha/opac-search.pl?q={query}&idx=kw&offset={k}",),
    ),
    Platform(
        "session-in-path",
        ("/app/{session}/records/{n}", "/app/{session}/records/{n}/pdf?sig={token}"),
        ("/app/{session}/home", "/app/{session}/records?page={k}"),
        ("/app/{session}/search?query={query}",),
    ),
    Platform(
        "volume-issue-page",
        (
            "/content/{g}/{k4}/{page}",
            "/content/{g}/{k4}/{page}.abstract",
            "/content/{g}/{k4}/{page}.full",
            "/content/{g}/{k4}/{page}.full.pdf+html",
        ),
        ("/", "/content/{g}/{k4}.toc", "/content/by/year"),
        ("/search?fulltext={query}",),
    ),
)


def requests(
    platform: Platform, *, records: int = 400, accounts: int = 80, seed: int = 1
) -> list[Request]:
    """Return the requests of a day: people who open popular records, and one who takes 300."""
    draw = random.Random(f"{platform.name} {seed}")  # noqa: S311 - no secret
    visits = [
        visit
        for number in range(accounts)
        for visit in _person(platform, f"user-{number}", records, draw)
    ]
    visits.append([])
    for record in draw.sample(range(records), records * 3 // 4):
        visits[-1] += [_record(platform.records[0], record, "greedy", draw)]
    draw.shuffle(visits)
    return [request for visit in visits for request in visit]


def _person(
    platform: Platform, account: str, records: int, draw: random.Random
) -> Iterator[list[Request]]:
    for _ in range(draw.randint(1, 4)):
        visit = [_other(draw.choice(platform.lists), account, draw) for _ in range(2)]
        if platform.searches:
            visit.append(_search(draw.choice(platform.searches), account, draw))
        for _ in range(draw.randint(1, 8)):
            record = int(records * draw.random() ** 3)
            for url in platform.records[:1] + tuple(
                draw.sample(platform.records[1:], min(2, len(platform.records) - 1))
            ):
                visit.append(_record(url, record, account, draw))  # noqa: PERF401 - plain
        yield visit


def _record(template: str, record: int, account: str, draw: random.Random) -> Request:
    return Request(_filled(template, record, account, draw), account, f"record {record}")


def _other(template: str, account: str, draw: random.Random) -> Request:
    return Request(_filled(template, draw.randrange(400), account, draw), account, "")


def _search(template: str, account: str, draw: random.Random) -> Request:
    words = draw.sample(WORDS, 2)
    url = _filled(template.replace("{query}", "+".join(words)), 1, account, draw)
    return Request(url, account, f"search: {' '.join(words)}")


def _filled(template: str, record: int, account: str, draw: random.Random) -> str:
    known = hashlib.md5(f"r{record}".encode()).hexdigest()  # noqa: S324 - no secret
    group = record % 8
    return template.format(
        n=1000 + record * 3,
        n7=7000 + record,
        uuid=uuid.UUID(known),
        hex=known,
        slug="-".join(
            [
                *(WORDS[int(known[i], 16)] for i in range(3)),
                WORDS[record % 25],
                WORDS[record // 25 % 25],
            ]
        ),
        code=f"ms_{record:05d}_{known[0]}",
        g=group + 1,
        gs=f"{WORDS[group]}s",
        guuid=uuid.UUID(hashlib.md5(f"g{group}".encode()).hexdigest()),  # noqa: S324
        k4=record // 8 % 4 + 1,
        page=record // 32 * 7 + 1,
        year=2015 + record % 5,
        session=hashlib.md5(account.encode()).hexdigest()[:20],  # noqa: S324
        token=f"{draw.getrandbits(128):032x}",
        k=draw.randint(1, 9),
    )
