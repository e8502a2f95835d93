"""SQL that recognises a page of a list in a URL: search results, browsing, or a list of an API.

A list has pages. The first page is what a person sees who searches, and what a program sees that
completes words or looks for news. Someone who copies a catalogue through its lists *continues*
them: the next page, a later offset, or the cursor of the answer before. The names of the parameters
are those of common software (Solr, Elasticsearch, OAI-PMH, SRU, Subsonic, JSON:API, DSpace, Omeka,
WordPress, OPACs), not of platforms.

A request whose URL has an item is a request for the item. There are two exceptions, in which a
request counts as both: the rule that takes every path for an item, such as ``/search``, and rules
whose item is what somebody searched for.
"""

from __future__ import annotations

from typing import Final

from ringfence.engine import literal
from ringfence.events import items

LIST_PAGE: Final = "list-page"
"""Outcome of a request for a page of a list, unless it is a request for an item as well."""

LARGE_PAGE: Final = 100
"""Records from which a page is one that programs ask for. Interfaces for people usually offer 10 to
50 per page, and interfaces for programs allow 100 to 1,000."""

_BYTES_PER_RECORD: Final = 50
"""A record needs at least this number of bytes. A program may ask for more records than there are,
or than the server gives."""

_ASKED_AT_MOST: Final = 1_000
"""Records that an answer of unknown size has, at most, however many were asked for."""

_EQUALS: Final = "(?:%5D|\\])?="
_BEGIN: Final = "(?i)[?&;](?:page(?:%5B|\\[))?"

_SEARCHES: Final = (
    "q|qs|query|queries|search|search_query|searchquery|search_term|searchterm|searchterms|"
    "searchfor|searchstring|searchtext|search_text|lookfor|lookfor0|allfields|keyword|keywords|kw|"
    "term|terms|s|find|fulltext|simplequery|queryset|verb"
)
_SIZES: Final = (
    "rows|limit|per_page|perpage|page_size|pagesize|pagelimit|maxresults|max_results|"
    "maximumrecords|maxrecords|hitsperpage|resultsperpage|resultcount|rpp|itemcount|songcount|"
    "albumcount|artistcount"
)
_VAGUE_SIZES: Final = "size|count|num|max|top|take|n"
_OFFSETS: Final = (
    "offset|startindex|start_index|startrecord|start_record|firstrecord|startrow|songoffset|"
    "albumoffset|artistoffset"
)
_VAGUE_PLACES: Final = (
    "page|p|pg|paged|pagenum|pageno|page_number|pagenumber|currentpage|number|start|from|first|skip"
)
_CURSORS: Final = (
    "cursor|cursormark|resumptiontoken|pagetoken|page_token|nexttoken|next_token|continuation|"
    "scroll_id|searchafter|search_after"
)
_PATHS: Final = (
    "(?i)/(?:search[a-z0-9]*|results?|browse|list[a-z]*|find|query|catalog(?:ue)?|discover|oai|sru|"
    "select|get[a-z]*list[0-9]?)(?:[/?.]|$)"
)
_LATER: Final = "0*(?:[2-9]|[1-9][0-9]+)(?:[&;#]|$)"
"""A number beyond 1: pages and records are counted from 0 or from 1."""

_IS_LIST: Final = (
    f"{_BEGIN}(?:{_SEARCHES}|{_SIZES}|{_OFFSETS}|{_CURSORS}){_EQUALS}[^&;#]",
    _PATHS,
    "(?i)/page/[0-9]+(?:[/?#]|$)",
)
_CONTINUES: Final = (
    f"{_BEGIN}(?:{_OFFSETS}|{_VAGUE_PLACES}){_EQUALS}{_LATER}",
    f"{_BEGIN}(?:{_CURSORS}){_EQUALS}[^&;#*]",
    "(?i)/page/0*(?:[2-9]|[1-9][0-9]+)(?:[/?#]|$)",
)
_ASKED: Final = f"{_BEGIN}(?:{_SIZES}|{_VAGUE_SIZES}){_EQUALS}0*([1-9][0-9]{{0,8}})(?:[&;#]|$)"

_PASSING: Final = (
    "(?i)[?&;](?:_|ts|t|time|timestamp|cb|cachebuster|nocache|rand|random|r|nonce|salt|sid|"
    "session[a-z_]*|[a-z]*sessionid|phpsessid|sess|csrf[a-z_]*|callback|token|access_token|sig|"
    "signature|apikey|api_key|key|hash)=[^&;#]*"
)
"""Parameters that may change although the page is the same."""
_SALT: Final = "(?i)[?&]s=[0-9a-f]{6,}(?:&|$)"
"""The salt of a Subsonic request, whose name ``s`` is that of a search elsewhere."""


def is_listing_sql(rules: items.Preset | None, *, records: bool) -> str | None:
    """Return SQL of whether a request is for a page of a list; None if the source cannot tell.

    The SQL reads the columns ``url``, ``item``, ``raw_surface`` and ``known_records``.

    Args:
        rules: item rules; None if the source names its items. Its lists are then the searches with
            several records.
        records: whether the source has the number of records.
    """
    if rules is None:
        return "raw_surface = 'search' AND known_records > 1" if records else None
    named = " OR ".join(f"regexp_matches(url, {literal(one)})" for one in _IS_LIST)
    # A plain test spares most URLs the expressions.
    paged = f"(contains(url, '?') OR contains(url, '/page/')) AND ({named})"
    if rules.every_path:
        return paged
    surface = items.surface_sql(rules) if rules.has_searches else None
    searches = f" OR ({surface}) = 'search'" if surface else ""
    return f"{paged} AND (item IS NULL{searches})"


def listing_sql(rules: items.Preset | None) -> str:
    """Return SQL over ``item`` and ``url`` of the name of a page of a list."""
    if rules is None:
        return "item"
    plain = f"regexp_replace(url, {literal(_PASSING)}, '', 'g')"
    return (
        f"CASE WHEN contains(url, '/rest/') THEN regexp_replace({plain}, {literal(_SALT)}, '&') "
        f"ELSE {plain} END"
    )


def records_sql(rules: items.Preset | None) -> str:
    """Return SQL over ``known_records``, ``url`` and ``bytes`` of the records of an answer."""
    if rules is None:
        return "known_records"
    asked = f"TRY_CAST(NULLIF(regexp_extract(url, {literal(_ASKED)}, 1), '') AS BIGINT)"
    most = f"COALESCE(bytes // {_BYTES_PER_RECORD}, {_ASKED_AT_MOST})"
    # A least value leaves NULL out.
    bounded = f"CASE WHEN {asked} > {most} THEN {most} ELSE {asked} END"
    return f"COALESCE(known_records, CASE WHEN is_listing THEN {bounded} END)"


def walked_sql(rules: items.Preset | None) -> str:
    """Return SQL over ``url`` and ``records`` of whether a page continues a list, or is large."""
    large = f"records >= {LARGE_PAGE}"
    if rules is None:
        return f"COALESCE({large}, FALSE)"
    later = " OR ".join(f"regexp_matches(url, {literal(one)})" for one in _CONTINUES)
    return f"COALESCE({large}, FALSE) OR {later}"
