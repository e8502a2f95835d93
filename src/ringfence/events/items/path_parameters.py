"""Find and remove the parameters of path segments, such as ``;x=1`` of ``/rest/stream;x=1``.

Servers differ. Tomcat, Jetty and other servlet containers remove all that follows a semicolon in a
segment, and then resolve dot segments. Most other servers keep it as part of the name. A proxy in
front, such as Apache, may decode ``%3B`` before a container sees it.

A client must not get around its allowance in either case, and a catalogue may have names with
semicolons: the DOI ``10.1002/(SICI)1097-0258(19960415)15:7/9<661::AID-SIM260>3.0.CO;2-K`` is one.
So a URL is read in several spellings, and :func:`is_read` says which of them count. A segment that
begins with a semicolon is never an item, because it is empty to such a server.

Sources: RFC 3986, section 3.3; Jakarta Servlet 6.0, section 3.5.2, which removes them.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from ringfence.engine import literal
from ringfence.events.sql_steps import SQLStep

URL_PATH: Final = "^[^?#]*"
"""The scheme, the host and the path of a URL."""

MARK: Final = "(?:;|%3[Bb])"
"""A plain or encoded semicolon."""

_NAMED: Final = r";[A-Za-z_][A-Za-z0-9_.-]*=[^/;]*"
"""A parameter with a name, such as the session that servlet containers write into URLs."""

_ANY: Final = f"{MARK}[^/]*"
_PLAIN: Final = ";[^/]*"
_IN_PATH: Final = f"{URL_PATH}{MARK}"

_SLASH: Final = "(?:/|%2[Ff])"
_EMPTY: Final = f"{_SLASH}{MARK}|/(?:%2[Ff])+(?:[/?#]|$)"
"""The beginning of a segment that is only a parameter, or one of encoded slashes alone."""

_DOUBLE: Final = f"{MARK}|%2[Ff]|(?:^|[^:])//"
"""What servers read differently in a path: parameters, and slashes that some merge or decode."""

_DOT: Final = r"(?:\.|%2[Ee])"
_BACK: Final = f"{_SLASH}(?:[^?#]*{_SLASH})?{_DOT}{_DOT}(?:{MARK}|{_SLASH}|[?#]|$)"
_DISPUTED: Final = f"{URL_PATH}{_SLASH}{_DOT}*{MARK}[^/?#]*{_BACK}"
"""URLs in which ``..`` comes after a segment of dots and a parameter, or of a parameter alone."""

_HIDDEN: Final = f"{URL_PATH}{MARK}[^/?#]*%2[Ff]"
"""URLs with an encoded slash in a parameter of the path."""

_DOTTED: Final = f"{URL_PATH}{_SLASH}{_DOT}{{1,2}}(?:{MARK}|{_SLASH}|[?#]|$)"
"""URLs with a dot segment in the path."""

_UNMERGED: Final = f"{URL_PATH}(?:^|[^:?#]){_SLASH}{_BACK}"
"""URLs in which ``..`` comes after an empty segment."""

# Python's regular expressions go back, so the long ones above would take quadratic or cubic time.
# The following ones find the parts of a path, and each takes linear time.
_ODD_SEGMENT: Final = f"{_SLASH}{_DOT}*{MARK}"
_EMPTY_SEGMENT: Final = f"(?:^|[^:]){_SLASH}(?={_SLASH})"
_END: Final = rf"(?:{MARK}|{_SLASH}|\Z)"

_FIND_PATH: Final = re.compile(URL_PATH)
_FIND_MARK: Final = re.compile(MARK)
_FIND_NAMED: Final = re.compile(_NAMED, re.ASCII)
_FIND_ANY: Final = re.compile(_ANY)
_FIND_PLAIN: Final = re.compile(_PLAIN)
_FIND_EMPTY: Final = re.compile(_EMPTY)
_FIND_DOUBLE: Final = re.compile(_DOUBLE)
_FIND_ODD_SEGMENT: Final = re.compile(_ODD_SEGMENT)
_FIND_EMPTY_SEGMENT: Final = re.compile(_EMPTY_SEGMENT)
_FIND_DOTTED: Final = re.compile(f"{_SLASH}{_DOT}{{1,2}}{_END}")
_FIND_BACK: Final = re.compile(f"{_SLASH}{_DOT}{_DOT}{_END}")


def path_of(url: str) -> str:
    """Return all of a URL that comes before its query and its fragment."""
    found = _FIND_PATH.match(url)
    return found[0] if found else ""


def without_named(url: str) -> str:
    """Return a URL without the parameters of its path that have a name and a value."""
    path = path_of(url)
    return _FIND_NAMED.sub("", path) + url[len(path) :]


def bare_url(url: str) -> str:
    """Return a URL without any parameters of its path, as servlet containers read it."""
    path = path_of(url)
    return _FIND_ANY.sub("", path) + url[len(path) :]


def half_bare_url(url: str) -> str:
    """Return a URL without the parameters of its path whose semicolon is plain.

    A container decodes ``%3B`` after it has removed parameters, so this one is part of a name.
    """
    path = path_of(url)
    return _FIND_PLAIN.sub("", path) + url[len(path) :]


def is_read(url: str, item: str, item_of: Callable[[str], str]) -> bool:
    """Return whether an item in a URL counts although servers differ in how they read the path.

    It does if it comes from the path, and all parameters of the path belong to its name. Otherwise
    another item may be hidden. To a container, ``/song;x/12?from=/song/1`` and ``/song/;x/12`` are
    ``/song/12``.

    Args:
        url: one spelling of the URL.
        item: what is found in it.
        item_of: returns the item that is written in a text; empty without one.
    """
    path = path_of(url)
    if not _FIND_DOUBLE.search(path):
        return True
    if _FIND_EMPTY.search(path) or _count(path) > _count(item):
        return False
    return is_of_path(url, item, item_of)


def is_of_path(url: str, item: str, item_of: Callable[[str], str]) -> bool:
    """Return whether an item in a URL comes from its path; see :func:`is_read`."""
    path = path_of(url)
    if item_of(path) == item:
        return True
    # Some rules need the query to find an item of the path.
    rest = url[len(path) :]
    return not _count(rest) and item_of(f"/{rest}") != item


def is_disputed(url: str) -> bool:
    """Return whether servers resolve the dot segments of a URL to different paths.

    ``/tracks/1/;x/../12`` is ``/tracks/12`` to Tomcat, which removes the parameter, then merges the
    slashes, and then resolves ``..``. To most other servers, it is ``/tracks/1/12``.
    """
    path = path_of(url)
    if _goes_back(path, _FIND_ODD_SEGMENT):
        return True
    return _hides_slash(path) and _FIND_DOTTED.search(path) is not None


def is_doubtful(url: str) -> bool:
    """Return whether servers may read the path differently, if its plain spelling has no item.

    ``/rest//../stream`` is ``/stream`` to servers that merge slashes first, and ``/rest/stream`` to
    the others. ``/rest;x%2Fstream`` is ``/rest/stream`` to a container behind a proxy that decodes
    the slash, and ``/rest`` to a container alone.
    """
    path = path_of(url)
    return _hides_slash(path) or _goes_back(path, _FIND_EMPTY_SEGMENT)


def _goes_back(path: str, before: re.Pattern[str]) -> bool:
    """Return whether ``..`` comes after the first part of a path that an expression finds."""
    found = before.search(path)
    return found is not None and _FIND_BACK.search(path, found.end()) is not None


def _hides_slash(path: str) -> bool:
    """Return whether an encoded slash comes after a semicolon in a segment of a path."""
    if "%2f" not in path.lower():
        return False
    parameters = (_FIND_MARK.split(segment, maxsplit=1)[1:] for segment in path.split("/"))
    return any("%2f" in one.lower() for rest in parameters for one in rest)


def path_sql(url: str) -> str:
    """Return SQL of :func:`path_of`."""
    return f"regexp_extract({url}, {literal(URL_PATH)}, 0)"


def rest_sql(url: str) -> str:
    """Return SQL of the query and the fragment of a URL."""
    return f"substring({url}, LENGTH({path_sql(url)}) + 1)"


def without_named_sql(url: str) -> str:
    """Return SQL of :func:`without_named`."""
    path = f"regexp_replace({path_sql(url)}, {literal(_NAMED)}, '', 'g')"
    return f"CASE WHEN contains({url}, ';') THEN CONCAT({path}, {rest_sql(url)}) ELSE {url} END"


def bare_sql(url: str) -> str:
    """Return SQL of :func:`bare_url`."""
    path = f"regexp_replace({path_sql(url)}, {literal(_ANY)}, '', 'g')"
    return f"CONCAT({path}, {rest_sql(url)})"


def half_bare_sql(url: str) -> str:
    """Return SQL of :func:`half_bare_url`."""
    path = f"regexp_replace({path_sql(url)}, {literal(_PLAIN)}, '', 'g')"
    return f"CONCAT({path}, {rest_sql(url)})"


def is_read_sql(url: str, item: str, item_of: SQLStep) -> str:
    """Return SQL of :func:`is_read`; NULL or false if the item is NULL.

    Args:
        url: the parameter of a lambda, or an element of one.
        item: SQL of the item.
        item_of: returns SQL of the item that is written in a text; NULL without one.
    """
    path = path_sql(url)
    return (
        f"CASE WHEN {item} IS NULL THEN FALSE "
        f"WHEN NOT regexp_matches({path}, {literal(_DOUBLE)}) THEN TRUE "
        f"WHEN regexp_matches({path}, {literal(_EMPTY)}) THEN FALSE "
        f"WHEN {_count_sql(path)} > {_count_sql(item)} THEN FALSE "
        f"ELSE {is_of_path_sql(url, item, item_of)} END"
    )


def is_of_path_sql(url: str, item: str, item_of: SQLStep) -> str:
    """Return SQL of :func:`is_of_path`; its arguments are those of :func:`is_read_sql`."""
    path, rest = path_sql(url), rest_sql(url)
    in_path = f"COALESCE({item_of(path)}, '') = {item}"
    alone = f"CONCAT('/', {rest})"
    in_rest = f"COALESCE({item_of(alone)}, '') = {item}"
    return (
        f"CASE WHEN {in_path} THEN TRUE "
        f"WHEN {_count_sql(rest)} > 0 THEN FALSE ELSE NOT {in_rest} END"
    )


def is_disputed_sql(url: str) -> str:
    """Return SQL of :func:`is_disputed`."""
    hidden, dotted = _finds(url, _HIDDEN), _finds(url, _DOTTED)
    return f"({_finds(url, _DISPUTED)} OR ({hidden} AND {dotted}))"


def is_doubtful_sql(url: str) -> str:
    """Return SQL of :func:`is_doubtful`."""
    return f"({_finds(url, _HIDDEN)} OR {_finds(url, _UNMERGED)})"


def has_empty_sql(url: str) -> str:
    """Return SQL of whether a segment of the path is empty to some servers."""
    return _finds(path_sql(url), _EMPTY)


def _finds(url: str, expression: str) -> str:
    return f"regexp_matches({url}, {literal(expression)})"


def has_parameters_sql(url: str) -> str:
    """Return SQL of whether the path of a URL has parameters."""
    shown = " OR ".join(f"contains({url}, '{mark}')" for mark in (";", "%3B", "%3b"))
    return f"(({shown}) AND regexp_matches({url}, {literal(_IN_PATH)}))"


def _count(text: str) -> int:
    return len(_FIND_MARK.findall(text))


def _count_sql(text: str) -> str:
    plain = f"REPLACE(REPLACE({text}, '%3B', ';'), '%3b', ';')"
    return f"(LENGTH({plain}) - LENGTH(REPLACE({plain}, ';', '')))"
