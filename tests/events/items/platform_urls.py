"""URL shapes of platforms, as data.

``{n}`` is a record's number; ``{uuid}``, ``{hex}``, ``{slug}``, ``{code}`` and ``{ocn}`` are other
ids of it; ``{g}`` is the number of its group and ``{gs}`` the group's name. ``{session}`` stays
with an account, ``{token}`` is new for each request, ``{k}`` is a small random number.
"""

from __future__ import annotations

from dataclasses import dataclass


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
    Platform(
        "invenio",
        (
            "/records/{n}",
            "/api/records/{n}",
            "/records/{n}/files/{slug}.pdf?download=1",
            "/records/{n}/export/bibtex",
            "/api/records/{n}/files/{slug}.pdf/content",
            "/record/{n}",
        ),
        (
            "/",
            "/communities/{gs}",
            "/communities/{gs}/records?page={k}",
            "/login/",
            "/api/records?page={k}&size=25",
        ),
        ("/search?q={query}&l=list&p={k}&s=10&sort=bestmatch", "/api/records?q={query}&size=10"),
    ),
    Platform(
        "vufind",
        (
            "/Record/{ocn}",
            "/Record/{ocn}/Holdings",
            "/Record/{ocn}/Export?style=BibTeX",
            "/Record/{ocn}/Details#tabnav",
            "/Cover/Show?size=small&recordid={ocn}",
            "/AJAX/JSON?method=getItemStatuses&id={ocn}",
        ),
        ("/", "/Search/Home", "/Author/Home?author={slug}", "/MyResearch/Home", "/Browse/Home"),
        ("/Search/Results?lookfor={query}&type=AllFields&page={k}",),
    ),
    Platform(
        "oai-pmh",
        (
            "/oai/request?verb=GetRecord&metadataPrefix=oai_dc&identifier=oai:repo.example.org:{n}",
            "/oai/request?verb=GetRecord&identifier=oai%3Arepo.example.org%3A{n}&metadataPrefix=marc21",
        ),
        (
            "/oai/request?verb=Identify",
            "/oai/request?verb=ListRecords&metadataPrefix=oai_dc&from=2020-01-0{k}",
            "/oai/request?verb=ListIdentifiers&resumptionToken={token}",
            "/oai/request?verb=ListRecords&resumptionToken=0001_{k}_{n}",
        ),
    ),
    Platform(
        "navidrome",
        (
            "/rest/stream?u={session}&t={token}&s=ab12cd&f=json&v=1.8.0&c=NavidromeUI&id={hex}&_={ms}",
            "/rest/download?u={session}&t={token}&s=ab12cd&id={hex}",
        ),
        (
            "/app/",
            "/rest/ping.view?u={session}&t={token}",
            "/api/album?_end=36&_order=ASC&_sort=name&_start={k}",
        ),
    ),
    Platform(
        "funkwhale",
        (
            "/api/v1/listen/{uuid}/?upload={uuid}&to=mp3&jwt={token}",
            "/api/v1/listen/{uuid}/",
        ),
        (
            "/api/v1/artists/{g}/",
            "/api/v1/albums/?page={k}&ordering=-creation_date",
            "/library",
            "/api/v1/instance/settings/",
        ),
        ("/api/v1/search?query={query}",),
    ),
    Platform(
        "ampache",
        (
            "/play/index.php?ssid={token}&type=song&oid={n}&uid={k}&player=web&name={slug}.mp3",
            "/play/index.php?type=song&oid={n}&ssid={token}&uid={k}",
        ),
        (
            "/",
            "/index.php",
            "/browse.php?action=album&page={k}",
            "/server/xml.server.php?action=handshake&auth={token}",
        ),
    ),
    Platform(
        "ampache-path",
        ("/play/ssid/{token}/type/song/oid/{n}/uid/{k}/client/App/name/{slug}.mp3",),
        ("/", "/index.php", "/image.php?object_id={n}&object_type=album&auth={token}"),
    ),
    Platform(
        "podcast",
        (
            "/episodes/{slug}.mp3",
            "/episodes/{slug}.mp3?source=feed",
            "/episodes/{slug}.mp3?_from=app&sid={session}",
        ),
        ("/", "/feed.xml", "/rss", "/shows/{gs}/feed"),
    ),
    Platform(
        "podcast-numbered",
        ("/{gs}/ep{n}.mp3", "/{gs}/ep{n}.m4a"),
        ("/{gs}/feed.xml", "/", "/{gs}/"),
    ),
    Platform(
        "omeka",
        ("/items/show/{n}", "/items/show/{n}?output=omeka-xml", "/exhibits/show/spring/item/{n}"),
        ("/", "/items/browse?page={k}", "/collections/show/{g}", "/exhibits", "/items/tags"),
        ("/search?query={query}&query_type=keyword", "/items/browse?search={query}"),
    ),
    Platform(
        "wordpress-flat",
        ("/{slug}/", "/{slug}/?utm_source=feed", "/{slug}/amp/", "/{slug}/feed/"),
        (
            "/",
            "/about/",
            "/contact/",
            "/page/{k}/",
            "/category/{gs}/",
            "/tag/{slug}/",
            "/author/{gs}/",
            "/feed/",
            "/wp-login.php",
        ),
        ("/?s={query}",),
    ),
    Platform(
        "publisher",
        (
            "/doi/full/10.1234/jx.{n}",
            "/doi/abs/10.1234/JX.{n}",
            "/doi/pdf/10.1234/jx.{n}",
            "/doi/10.1234/jx.{n}",
        ),
        ("/", "/toc/{gs}/{k}/{g}", "/journal/{gs}", "/action/showLogin"),
        ("/action/doSearch?AllField={query}",),
    ),
    Platform(
        "two-kinds",
        ("/photos/{n}", "/photos/{n}/download", "/api/v2/photos/{n}.json"),
        ("/", "/tags/{slug}", "/users/{k}"),
        ("/search?text={query}",),
    ),
    Platform(
        "dspace-6-old",
        (
            "/jspui/handle/10023/{n}",
            "/jspui/handle/10023/{n}?mode=full",
            "/jspui/bitstream/10023/{n}/1/{slug}.pdf",
            "/jspui/bitstream/10023/{n}/2/license.txt",
        ),
        ("/jspui/", "/jspui/browse?type=subject&value={slug}", "/jspui/community-list"),
        ("/jspui/simple-search?query={query}",),
    ),
)
