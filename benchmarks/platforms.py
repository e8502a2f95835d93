"""Logs in the URL shapes of well-known platforms, each request with its true record.

The shapes follow the public documentation and source code of each platform. Names, numbers and
words are made up. A request is of one of three kinds: it shows a *record*, which must become the
item. It shows something that *may* be an item of its own, such as a file with its own id; or it is
*noise* (searches, lists, log-ins), which show no record.
"""

from __future__ import annotations

import hashlib
import random
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal

Kind = Literal["record", "other", "noise"]

ACCOUNTS: Final = 120
RECORDS: Final = 1_500
REQUESTS: Final = 12_000

_WORDS: Final = (
    "river", "history", "notes", "garden", "letters", "modern", "water", "stone",
    "music", "winter", "map", "city", "field", "study", "light", "paper",
    "house", "north", "trade", "glass", "island", "early", "school", "bridge",
    "forest", "night", "theory", "press", "road", "sea",
)  # fmt: skip


@dataclass(frozen=True)
class Platform:
    """The URL shapes of one platform.

    Attributes:
        name: the platform.
        records: shapes of one record; all of them show the same record.
        others: shapes with an id of their own.
        noise: shapes that show no record.
        count: number of records.
    """

    name: str
    records: tuple[str, ...]
    others: tuple[str, ...] = ()
    noise: tuple[str, ...] = ()
    count: int = RECORDS


@dataclass(frozen=True)
class Request:
    """One request: its line in the combined format, and what it truly shows."""

    line: str
    moment: datetime
    account: str
    kind: Kind
    record: str


PLATFORMS: Final = (
    Platform(
        "dspace-6",
        (
            "/xmlui/handle/123456789/{n}",
            "/xmlui/handle/123456789/{n}?show=full",
            "/xmlui/handle/123456789/{n};jsessionid={sess}",
            "/xmlui/handle/123456789/{n}?locale-attribute={lang}",
            "/xmlui/bitstream/handle/123456789/{n}/{slug}.pdf?sequence=1&isAllowed=y",
            "/xmlui/bitstream/handle/123456789/{n}/{slug}.pdf.txt?sequence=2",
        ),
        noise=(
            "/xmlui/discover?query={q}&submit=&rpp=10&page={page}",
            "/xmlui/browse?type=author&offset={page}0&rpp=20",
            "/xmlui/password-login",
            "/xmlui/community-list",
        ),
    ),
    Platform(
        "dspace-7",
        (
            "/items/{uuid}",
            "/items/{uuid}/full",
            "/entities/publication/{uuid}",
            "/server/api/core/items/{uuid}",
            "/server/api/core/items/{uuid}/bundles?size=20",
        ),
        ("/bitstreams/{ouuid}/download", "/server/api/core/bitstreams/{ouuid}/content"),
        (
            "/search?query={q}&spc.page={page}",
            "/server/api/discover/search/objects?query={q}&page={page}&size=10",
            "/browse/author?startsWith={letter}",
            "/server/api/authn/status",
            "/home",
        ),
    ),
    Platform(
        "invenio",
        (
            "/records/{b32}",
            "/records/{b32}/files/{slug}.zip?download=1",
            "/records/{b32}/preview/{slug}.pdf",
            "/records/{b32}/export/bibtex",
            "/api/records/{b32}",
            "/api/records/{b32}/files",
        ),
        noise=(
            "/search?q={q}&l=list&p={page}&s=10&sort=bestmatch",
            "/api/records?q={q}&page={page}&size=25",
            "/account/settings/profile/",
            "/login/?next=%2F",
        ),
    ),
    Platform(
        "ojs",
        (
            "/index.php/{group}/article/view/{n}",
            "/index.php/{group}/article/view/{n}/{n2}",
            "/index.php/{group}/article/download/{n}/{n2}",
            "/index.php/{group}/article/view/{n}?locale={lang}",
        ),
        ("/index.php/{group}/issue/view/{small}",),
        (
            "/index.php/{group}/search/search?query={q}&searchPage={page}",
            "/index.php/{group}/login",
            "/index.php/{group}/about",
            "/index.php/{group}/issue/archive",
        ),
    ),
    Platform(
        "eprints",
        (
            "/{n}/",
            "/id/eprint/{n}",
            "/id/eprint/{n}/",
            "/{n}/1/{slug}.pdf",
            "/cgi/export/eprint/{n}/BibTeX/repo-eprint-{n}.bib",
        ),
        noise=(
            "/cgi/search/simple?q={q}&_action_search=Search&search_offset={page}0",
            "/view/year/{year}.html",
            "/cgi/users/home",
            "/information.html",
        ),
    ),
    Platform(
        "omeka-s",
        (
            "/s/archive/item/{n}",
            "/s/archive/item/{n}?lang={lang}",
            "/api/items/{n}",
        ),
        ("/files/large/{ohex}.jpg", "/files/original/{ohex}.jpg", "/s/archive/media/{big}"),
        (
            "/s/archive/item?fulltext_search={q}&page={page}",
            "/s/archive/item/browse?page={page}&sort_by=created",
            "/s/archive/page/welcome",
            "/login",
        ),
    ),
    Platform(
        "iiif",
        (
            "/iiif/2/ms-{n}_f{leaf}.tif/full/!400,400/0/default.jpg",
            "/iiif/2/ms-{n}_f{leaf}.tif/full/max/0/default.jpg",
            "/iiif/2/ms-{n}_f{leaf}.tif/{tile},{tile},512,512/256,/0/default.jpg",
            "/iiif/2/ms-{n}_f{leaf}.tif/info.json",
        ),
        ("/manifests/{small}/manifest.json",),
        ("/collections?page={page}", "/mirador/index.html"),
    ),
    Platform(
        "koha",
        (
            "/cgi-bin/koha/opac-detail.pl?biblionumber={n}",
            "/cgi-bin/koha/opac-detail.pl?biblionumber={n}&query_desc=kw%2Cwrdl%3A%20{q}",
            "/cgi-bin/koha/opac-MARCdetail.pl?biblionumber={n}",
            "/cgi-bin/koha/opac-ISBDdetail.pl?biblionumber={n}",
            "/bib/{n}",
        ),
        noise=(
            "/cgi-bin/koha/opac-search.pl?q={q}&offset={page}0&sort_by=relevance_dsc",
            "/cgi-bin/koha/opac-user.pl",
            "/cgi-bin/koha/opac-main.pl",
            "/cgi-bin/koha/svc/report?id=3&sid={sess}",
        ),
    ),
    Platform(
        "vufind",
        (
            "/vufind/Record/cat.{n}",
            "/vufind/Record/cat.{n}/Details",
            "/vufind/Record/cat.{n}/Holdings?sid={small}",
            "/vufind/Record/cat.{n}/Export?style=RIS",
            "/vufind/Record/cat.{n}/AjaxTab",
            "/vufind/Cover/Show?size=small&recordid=cat.{n}",
        ),
        noise=(
            "/vufind/Search/Results?lookfor={q}&type=AllFields&page={page}",
            "/vufind/MyResearch/Home",
            "/vufind/Content/faq",
        ),
    ),
    Platform(
        "oai-pmh",
        (
            "/oai/request?verb=GetRecord&metadataPrefix=oai_dc&identifier=oai:repo.example:{n}",
            "/oai/request?verb=GetRecord&identifier=oai:repo.example:{n}&metadataPrefix=mets",
        ),
        noise=(
            "/oai/request?verb=ListRecords&resumptionToken={nonce}",
            "/oai/request?verb=Identify",
            "/oai/request?verb=ListIdentifiers&metadataPrefix=oai_dc&from={year}-01-01",
            "/oai/request?verb=ListSets",
        ),
    ),
    Platform(
        "ckan",
        (
            "/dataset/{slug}",
            "/{lang}/dataset/{slug}",
            "/dataset/{slug}/resource/{uuid}",
            "/dataset/{slug}/resource/{uuid}/download/data.csv",
            "/api/3/action/package_show?id={slug}",
            "/dataset/activity/{slug}",
        ),
        noise=(
            "/dataset?q={q}&page={page}",
            "/dataset/?tags={q}&sort=score+desc",
            "/api/3/action/package_search?q={q}&start={page}0",
            "/user/login",
            "/about",
        ),
    ),
    Platform(
        "jellyfin",
        (
            "/Audio/{hex}/universal?UserId={user}&api_key={key}&PlaySessionId={nonce}",
            "/Audio/{hex}/stream.mp3?static=true&api_key={key}",
            "/Items/{hex}/PlaybackInfo?UserId={user}",
            "/Users/{user}/Items/{hex}",
            "/Items/{hex}/Download?api_key={key}",
        ),
        ("/Items/{ohex}/Images/Primary?fillHeight=300&tag={ohex}",),
        (
            "/Users/{user}/Items?SortBy=Name&StartIndex={page}00&Limit=100",
            "/System/Info/Public",
            "/Users/{user}/Views",
            "/socket?api_key={key}&deviceId={device}",
        ),
    ),
    Platform(
        "navidrome",
        (
            "/rest/stream?u={login}&t={sess}&s={salt}&f=json&v=1.8.0&c=NavidromeUI&id={hex}&_={ms}",
            "/rest/stream.view?u={login}&t={sess}&s={salt}&v=1.16.1&c=app&id={hex}&maxBitRate=320",
            "/rest/download?u={login}&t={sess}&s={salt}&v=1.16.1&c=app&id={hex}",
        ),
        noise=(
            "/rest/ping.view?u={login}&t={sess}&s={salt}&v=1.16.1&c=app",
            "/rest/getAlbumList2?u={login}&t={sess}&s={salt}&type=random&size=10&offset={page}0",
            "/rest/search3?u={login}&t={sess}&s={salt}&query={q}",
            "/app/",
        ),
    ),
    Platform(
        "funkwhale",
        (
            "/api/v1/listen/{uuid}/?to=mp3",
            "/api/v1/listen/{uuid}/?upload={ouuid}&download=true",
            "/api/v1/listen/{uuid}/",
        ),
        ("/api/v1/albums/{small}/", "/library/albums/{small}"),
        (
            "/api/v1/search?query={q}",
            "/api/v1/tracks/?page={page}&page_size=50&ordering=-creation_date",
            "/api/v1/instance/nodeinfo/2.0/",
            "/api/v1/users/me",
        ),
    ),
    Platform(
        "ampache",
        (
            "/play/index.php?ssid={sess}&type=song&oid={n}&uid={unum}&client=app&name={slug}.mp3",
            "/play/ssid/{sess}/type/song/oid/{n}/uid/{unum}/client/app/name/{slug}.flac",
            "/play/index.php?type=song&oid={n}&uid={unum}&ssid={sess}&name={slug}.mp3",
        ),
        ("/image.php?object_id={small}&object_type=album&auth={sess}&thumb=10",),
        (
            "/server/json.server.php?action=ping&auth={sess}&version=6.0.0",
            "/server/json.server.php?action=songs&auth={sess}&offset={page}0&limit=100",
            "/server/json.server.php?action=handshake&timestamp={ms}&auth={sess}",
        ),
    ),
    Platform(
        "icecast",
        ("/mount-{n}.mp3", "/mount-{n}.mp3?nocache={ms}"),
        noise=("/status-json.xsl", "/admin/listclients", "/"),
        count=12,
    ),
    Platform(
        "podcasts",
        (
            "/episodes/{group}/{slug}.mp3",
            "/episodes/{group}/{slug}.mp3?source=feed",
            "/episodes/{group}/{slug}.mp3?aid=rss_feed&awEpisodeId={nonce}",
        ),
        ("/feeds/{group}.xml",),
        ("/", "/about", "/search?term={q}"),
    ),
    Platform(
        "wordpress",
        (
            "/{year}/{month}/{slug}/",
            "/{year}/{month}/{slug}",
            "/{year}/{month}/{slug}/?replytocom={small}",
            "/{year}/{month}/{slug}/amp/",
            "/{year}/{month}/{slug}/?utm_source=mail&utm_campaign={q}&fbclid={nonce}",
        ),
        noise=(
            "/?s={q}",
            "/page/{page}/",
            "/category/{cat}/page/{page}/",
            "/wp-login.php",
            "/feed/",
        ),
    ),
)
"""The platforms that learned rules must read rightly. They were written apart from the learner."""

MORE_PLATFORMS: Final = (
    Platform(
        "hyrax",
        (
            "/concern/theses/{hex}",
            "/concern/theses/{hex}?locale={lang}",
            "/concern/parent/{hex}/file_sets/{hex}",
            "/concern/theses/{hex}.jsonld",
        ),
        ("/downloads/{ohex}?file=thumbnail",),
        ("/catalog?q={q}&page={page}&per_page=20", "/dashboard", "/users/sign_in?locale={lang}"),
    ),
    Platform(
        "dataverse",
        (
            "/dataset.xhtml?persistentId=doi:10.5555/DVN/{slug}",
            "/api/datasets/:persistentId/?persistentId=doi:10.5555/DVN/{slug}",
            "/dataset.xhtml?persistentId=doi:10.5555/DVN/{slug}&version=1.0",
        ),
        ("/api/access/datafile/{big}", "/file.xhtml?fileId={big}&version=1.0"),
        ("/dataverse/root?q={q}&page={page}", "/loginpage.xhtml?redirectPage=x"),
    ),
    Platform(
        "mediawiki",
        (
            "/wiki/{slug}",
            "/w/index.php?title={slug}&action=history",
            "/w/index.php?title={slug}&oldid={ms}",
            "/w/api.php?action=query&prop=extracts&titles={slug}&format=json",
        ),
        (),
        (
            "/w/index.php?search={q}&title=Special:Search",
            "/wiki/Special:RecentChanges",
            "/w/load.php?lang=en&modules=site",
        ),
    ),
    Platform(
        "drupal",
        ("/node/{n}", "/{lang}/node/{n}", "/node/{n}?page=0", "/jsonapi/node/article/{n}"),
        ("/taxonomy/term/{small}",),
        ("/search/node?keys={q}&page={page}", "/user/login", "/rss.xml"),
    ),
    Platform(
        "calibre",
        ("/book/{n}", "/download/{n}/epub/{n}.epub", "/read/{n}/epub", "/show/{n}/pdf"),
        ("/author/stored/{small}",),
        ("/search?query={q}", "/login?next=%2F", "/opds/new?offset={page}0"),
    ),
    Platform(
        "arxiv",
        ("/abs/2301.{n}", "/pdf/2301.{n}", "/pdf/2301.{n}v1", "/format/2301.{n}"),
        (),
        (
            "/list/{cat}/recent?skip={page}&show=25",
            "/search/?query={q}&searchtype=all&start={page}0",
            "/help",
        ),
    ),
    Platform(
        "hal",
        (
            "/hal-0{n}",
            "/hal-0{n}/document",
            "/hal-0{n}v1",
            "/hal-0{n}/file/{slug}.pdf",
            "/hal-0{n}/bibtex",
        ),
        (),
        ("/search/index/?q={q}&page={page}", "/browse/period", "/user/login"),
    ),
    Platform(
        "ark",
        (
            "/ark:/12148/bpt6k{n}",
            "/ark:/12148/bpt6k{n}.texteBrut",
            "/ark:/12148/bpt6k{n}/f{leaf}.item",
            "/ark:/12148/bpt6k{n}/f{leaf}.highres",
            "/ark:/12148/bpt6k{n}.item.zoom",
        ),
        (),
        (
            "/services/engine/search/sru?operation=searchRetrieve&query={q}&startRecord={page}",
            "/html/und/documents",
        ),
    ),
    Platform(
        "pmc",
        (
            "/articles/PMC{n}/",
            "/articles/PMC{n}/pdf/{slug}.pdf",
            "/articles/PMC{n}/?report=classic",
            "/articles/PMC{n}",
        ),
        (),
        ("/?term={q}", "/search/?term={q}&page={page}", "/about/intro/"),
    ),
    Platform(
        "socrata",
        (
            "/resource/{b32}.json?$offset={page}000&$limit=1000",
            "/d/{b32}",
            "/api/views/{b32}/rows.csv?accessType=DOWNLOAD",
            "/resource/{b32}.csv",
        ),
        (),
        ("/browse?q={q}&page={page}", "/login", "/profile/edit"),
    ),
    Platform(
        "plex",
        (
            "/library/metadata/{n}?X-Plex-Token={key}",
            "/library/metadata/{n}/children?X-Plex-Token={key}",
            "/video/:/transcode/universal/start.mpd?path=%2Flibrary%2Fmetadata%2F{n}&session={nonce}&X-Plex-Token={key}",
        ),
        (),
        (
            "/hubs/search?query={q}&X-Plex-Token={key}",
            "/identity",
            "/:/timeline?state=playing&X-Plex-Token={key}",
        ),
    ),
    Platform(
        "spa-api",
        (
            "/api/v2/tracks/{uuid}",
            "/api/v2/tracks/{uuid}/stream?sig={nonce}&expires={ms}",
            "/tracks/{uuid}",
            "/embed/track/{uuid}",
        ),
        ("/api/v2/playlists/{small}",),
        (
            "/api/v2/search?q={q}&limit=20&cursor={nonce}",
            "/api/v2/me",
            "/api/v2/feed?cursor={nonce}",
        ),
    ),
    Platform(
        "shop-slug-id",
        (
            "/catalog/{group}/{slug}-p{n}.html",
            "/catalog/{group}/{slug}-p{n}.html?ref=list",
            "/ajax/quickview?id={n}",
        ),
        (),
        ("/catalog/{group}?page={page}&sort=price", "/cart", "/suche?q={q}"),
    ),
)
"""Further platforms, in shapes that are harder."""


VARIANT_PLATFORMS: Final = (
    Platform(
        "reports",
        ("/report/TR-{n}", "/report/TR-{n}-v2", "/report/TR-{n}-v1/files/{slug}.pdf"),
        ("/series/{small}",),
        ("/search?q={q}&page={page}", "/report/latest", "/help"),
    ),
    Platform(
        "gutenberg",
        (
            "/ebooks/{n}",
            "/ebooks/{n}.epub.images",
            "/ebooks/{n}.html.images",
            "/ebooks/{n}.kindle.noimages",
            "/files/{n}/{n}-h/{n}-h.htm",
        ),
        ("/ebooks/author/{small}",),
        ("/ebooks/search/?query={q}&start_index={page}", "/about/", "/policy/license.html"),
    ),
    Platform(
        "dokuwiki",
        (
            "/wiki/doku.php?id={slug}",
            "/wiki/doku.php?id={slug}&do=revisions",
            "/wiki/doku.php?id={slug}&rev={ms}",
            "/wiki/{slug}",
            "/wiki/compare.php?page_id={slug}&oldid={ms}",
        ),
        (),
        ("/wiki/doku.php?do=search&q={q}", "/wiki/lib/exe/css.php?t=dokuwiki", "/feed.php"),
    ),
    Platform(
        "museum",
        (
            "/objects/{n}",
            "/{lang}/objects/{n}",
            "/{lang}/objects/{n}/images",
            "/iiif-viewer/?manifest=%2Fobjects%2F{n}%2Fmanifest",
        ),
        ("/{lang}/artists/{small}",),
        ("/{lang}/search?q={q}&page={page}", "/{lang}/visit", "/"),
    ),
    Platform(
        "shop-id-slug",
        ("/p/{n}-{slug}", "/p/{n}", "/p/{n}-{slug}/reviews", "/api/products/{n}/stock"),
        ("/c/{small}",),
        ("/search?q={q}&page={page}", "/cart", "/account/orders"),
    ),
    Platform(
        "figshare",
        (
            "/articles/dataset/{slug}/{n}",
            "/articles/dataset/{slug}/{n}/1",
            "/ndownloader/articles/{n}/versions/1",
            "/v2/articles/{n}",
        ),
        ("/authors/{small}",),
        ("/search?q={q}&page={page}", "/browse", "/account/home"),
    ),
    Platform(
        "recto-verso",
        ("/leaf/ms{n}a", "/leaf/ms{n}a/text", "/leaf/ms{n}a.xml"),
        ("/leaf/ms{n}b",),
        ("/search?q={q}&page={page}", "/about"),
    ),
    Platform(
        "two-kinds",
        ("/photo/{n}", "/photo/{n}/large"),
        ("/story/{alt}", "/read/{alt}"),
        ("/search?q={q}&page={page}", "/about"),
    ),
    Platform(
        "two-sites",
        ("/{lang}/photo/{n}", "/photo/{n}", "/photo/{n}-{slug}"),
        ("/blog/{alt}", "/shop/story/{alt}-title", "/show?path=/blog/{alt}"),
        ("/search?q={q}&page={page}", "/about"),
    ),
)
"""Platforms whose records have variants in the id, in the language, in the query or in a title."""


def requests(platform: Platform, seed: int) -> Iterator[Request]:
    """Yield the requests of one platform in time order; two never have the same second.

    A third of the accounts has a login. Accounts take records with a long-tailed popularity, one
    account takes a hundred times more than the others. Two of five requests return to the record
    that the account saw last, often in another shape, as a reader does who opens its file.
    """
    rng = random.Random(f"{platform.name} {seed}")  # noqa: S311 - made-up data
    moment = datetime(2026, 3, 2)  # noqa: DTZ001 - the log says +0000
    last: dict[int, int] = {}
    for _ in range(REQUESTS):
        moment += timedelta(seconds=rng.randint(2, 60))
        who = 0 if rng.random() < 0.12 else rng.randrange(1, ACCOUNTS)
        number = _popular(rng, platform.count) if who else rng.randrange(platform.count)
        if who in last and rng.random() < 0.4:
            number = last[who]
        last[who] = number
        yield _request(platform, rng, who, number, moment)


def _request(
    platform: Platform, rng: random.Random, who: int, number: int, moment: datetime
) -> Request:
    dice = rng.random()
    kind: Kind = "record"
    shapes = platform.records
    if dice > 0.72 and platform.noise:
        kind, shapes = "noise", platform.noise
    elif dice > 0.62 and platform.others:
        kind, shapes = "other", platform.others
    shape = rng.choice(shapes)
    values = _values(rng, number, who)
    url = shape.format(**values).replace("#", "%23")
    login = f"reader{who}" if who % 3 == 0 else "-"
    address = f"192.0.2.{who % 250 + 1}" if who < 250 else f"198.51.100.{who % 250}"
    line = (
        f'{address} - {login} [{moment:%d/%b/%Y:%H:%M:%S} +0000] "GET {url} HTTP/1.1" '
        f'200 {rng.randint(500, 9_000_000)} "-" "Browser/{who % 7}.0 (Made Up)"'
    )
    own = ("uuid", "ohex", "ouuid", "small", "group", "big", "alt")
    truth = str(number) if kind == "record" else " ".join(values[name] for name in own)
    return Request(line, moment, str(who), kind, truth)


def _popular(rng: random.Random, count: int) -> int:
    """Draw a record with a long-tailed popularity."""
    return int(count * rng.random() ** 2.5)


def _values(rng: random.Random, number: int, who: int) -> dict[str, str]:
    """Return the values of all placeholders: fixed per record, per account or fresh."""
    of = random.Random(f"record {number}")  # noqa: S311 - made-up data
    account = random.Random(f"account {who}")  # noqa: S311 - made-up data
    words = "-".join(of.sample(_WORDS, 4))
    year = of.randint(2009, 2025)
    other = random.Random(f"other {rng.randrange(200)}")  # noqa: S311 - made-up data
    state = rng.getstate()[1]
    own = random.Random(f"alt {state[0]} {state[-1]}")  # noqa: S311 - made-up data
    alt = str(1_000 + _popular(own, RECORDS))
    return {
        "n": str(1_000 + number),
        "n2": str(4_000 + number),
        "leaf": str(number % 9 + 1),
        "uuid": str(uuid.UUID(int=of.getrandbits(128), version=4)),
        "hex": f"{of.getrandbits(128):032x}",
        "b32": "-".join("".join(of.choices("0123456789abcdefghjkmnpqrstvwxyz", k=5)) for _ in "ab"),
        "slug": f"{words}-{number}",
        "group": of.choice(("annals", "letters", "review", "notes", "archive")),
        "year": str(year),
        "month": f"{of.randint(1, 12):02}",
        "ouuid": str(uuid.UUID(int=other.getrandbits(128), version=4)),
        "ohex": f"{other.getrandbits(128):032x}",
        "big": str(70_000 + other.randrange(200)),
        "small": str(rng.randint(1, 30)),
        "sess": hashlib.md5(f"{who} {rng.randrange(4)}".encode()).hexdigest(),  # noqa: S324
        "salt": f"{rng.getrandbits(24):06x}",
        "nonce": f"{rng.getrandbits(64):016x}",
        "ms": str(1_772_000_000_000 + rng.randrange(10**9)),
        "user": f"{account.getrandbits(128):032x}",
        "device": f"{account.getrandbits(64):016x}",
        "key": f"{account.getrandbits(96):024x}",
        "login": f"reader{who}",
        "unum": str(who),
        "lang": rng.choice(("en", "fr", "de")),
        "q": "+".join(rng.sample(_WORDS, 2)),
        "letter": rng.choice("ABCDEFGH"),
        "cat": rng.choice(("news", "essays", "reviews")),
        "page": str(rng.randint(1, 30)),
        "tile": str(512 * rng.randint(0, 8)),
        "alt": alt,
    }
