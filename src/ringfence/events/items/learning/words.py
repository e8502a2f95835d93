"""Words that tell what a part of a URL is for. They are kinds of words, not names of platforms."""

from __future__ import annotations

import re
from typing import Final

from ringfence.events.items.page import words_of

ACTIONS: Final = words_of(
    "bitstream bitstreams view show display detail details record-view full abs abstract "
    "fulltext full-text full_html html pdf epub text txt raw plain print preview embed download "
    "downloads stream play listen edit get fetch open read viewer reader summary references "
    "citation citations cite export metadata info json xml rdf marc dc bibtex ris endnote "
    "thumbnail thumbnails thumb cover image images file files content contents universal "
    "original master playback playbackinfo manifest iiif index default landing"
)
"""Words for actions on an item, and for its variants."""

CONTAINERS: Final = words_of(
    "account address agent agents album albums archive archives artist artists author authors "
    "browse by-date catalog categories category channel channels collection collections "
    "communities community contributor creator creators department discover facet facets feed "
    "feeds folder folders genre genres group groups heading headings home institution issue "
    "issues item-set item-sets journal journals keyword keywords label labels library libraries "
    "list lists member members organization organizations organisation organisations page pages "
    "people period person persons place places playlist playlists profile profiles project-list "
    "publisher publishers set sets section sections series site sites station stations subject "
    "subjects tag tags taxonomy term topic topics toc top user users view-all volume volumes "
    "year years artistid albumid userid username shelfnumber"
)
"""Lists and owners of items. Their pages are browsing, unless a site has nothing else."""

PICTURES: Final = words_of(
    "art artwork avatar avatars cover covers coverart getcoverart icon icons img picture "
    "pictures thumb thumbs thumbnail thumbnails image"
)
"""Small pictures beside an item. They are variants of items, or not worth a rule."""

FIXED: Final = words_of(
    "about account accounts admin ajax api app apps assets auth browse cart cgi-bin contact "
    "core css data dashboard discover discovery docs error faq favorites help home health "
    "includes index js language lib login logout media messages news oai ping policies privacy "
    "public register rest robots rss sandbox search searches server service services session "
    "sessions settings signin signup site sitemap skin static status submit system terms themes "
    "upload uploads version web wp-admin wp-content wp-includes wp-json"
)
"""Usual names of fixed parts of a path."""

SEARCHES: Final = words_of(
    "q qs allfield allfields searchfor searchword query queries search search_query searchquery "
    "searchterm searchterms search_term term terms keyword keywords kw lookfor fulltext "
    "fulltext_search fulltextsearch text words any s find simplequery lookfor0[] searchstring "
    "search_text searchtext"
)
"""Parameters that hold what somebody searched for."""

NOISE: Final = words_of(
    "page pages p pg pagenum pageno page_size pagesize page_number per_page perpage offset "
    "start startindex start_index startrecord from until to limit rows size count max "
    "maxresults first last skip cursor resumptiontoken token access_token accesstoken api_key "
    "apikey key auth authorization sig signature sign hmac hash md5 sha1 checksum etag expires "
    "expiry expire timestamp time ts t _ cb cachebuster nocache rand random r nonce salt sid "
    "session sessionid session_id sess phpsessid jsessionid aspsessionid csrf csrf_token "
    "playsessionid deviceid device_id device client clientid client_id app appid c v ver "
    "version f format fmt output outputformat metadataprefix type types mime mimetype container "
    "codec audiocodec videocodec maxstreamingbitrate bitrate audiobitrate maxbitrate quality "
    "width height w h maxwidth maxheight fillheight fillwidth scale zoom x y dpi tag lang "
    "language locale hl ln lr sort sortby sort_by sortorder order orderby order_by dir "
    "direction desc asc rpp etal view show mode style skin theme layout display tab tabs "
    "referer referrer ref source src origin via from_page back return returnurl return_to "
    "redirect next prev previous callback jsonp method u user username userid user_id uid login "
    "email name password pass year month day date from_date to_date sequence isallowed isallow "
    "save attachment disposition filename download fields field include includes expand embed "
    "projection select filter filters facet facets flav feed utm_source utm_medium utm_campaign "
    "utm_term utm_content fbclid gclid mc_cid mc_eid range estimatecontentlength timeoffset "
    "static mediasourceid transcoding"
)
"""Parameters that choose a page of results, a variant or an order, or identify a connection."""

ID_NAME: Final = re.compile(
    r"(?i)(?:^|[._-])(?:id|ids|nr|no|num|number|identifier|doi|pid|guid|uuid|isbn|issn|handle|"
    r"item|record|rec|article|art|track|song|episode|object|document|doc|book|bib|ppn|oid)$"
    r"|(?:[a-z](?:Id|ID|Nr|Number)|[a-z](?:id|number|nummer))$"
)
"""Names of parameters that are likely to identify something."""

BARE_ID: Final = words_of("id ids nr no num number identifier")
"""Names of parameters that do not say what they identify."""


def is_noise(name: str) -> bool:
    """Return whether a parameter is not an item, also one of a part of a page (``list.page``)."""
    lower = name.lower().lstrip("_$") or name
    return bool({lower, lower.rpartition(".")[2], lower.partition("[")[0]} & (NOISE | SEARCHES))


STREAM: Final = words_of(
    "stream streams play playback listen audio video videos universal hls mp3 flac ogg oga opus "
    "m4a m4b aac wav m3u8 mp4 webm mkv"
)
DOWNLOAD: Final = words_of(
    "download downloads bitstream bitstreams files pdf epub mobi zip csv docx xlsx doc xls "
    "full- pdf retrieve content/pdf"
)

PROGRAM: Final = re.compile(r"\.(?:php[0-9]?|pl|cgi|py|jsp|jspx|aspx?|ashx|do|action|cfm|exe|dll)$")
"""Endings of programs, whose names are fixed."""


def surface_of(words: frozenset[str]) -> str:
    """Return the surface that these words of a URL tell: stream, download or metadata."""
    if words & DOWNLOAD:
        return "download"
    return "stream" if words & STREAM else "metadata"


def singular(word: str) -> str:
    """Return a word without the ending of the plural."""
    for plural, single in (("ies", "y"), ("sses", "ss"), ("s", "")):
        if word.endswith(plural) and not word.endswith(("ss", "us", "is")):
            return word.removesuffix(plural) + single
    return word
