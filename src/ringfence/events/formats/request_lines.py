"""Split a request line such as ``GET /tracks/11 HTTP/1.1`` into method and URL."""

from __future__ import annotations

import re

from ringfence.engine import literal

_LINE = r"([A-Z]{3,20}) (.+?)(?: HTTP/[0-9.]+)?"
"""A request line as a regular expression of Python and RE2. The URL may hold spaces."""


def request_method_sql(line: str) -> str:
    """Return SQL of the method of a request line, NULL if it has none."""
    return f"NULLIF(regexp_extract({line}, {literal(f'^{_LINE}$')}, 1), '')"


def request_url_sql(line: str) -> str:
    """Return SQL of the URL of a request line, or of the line itself if it is just a URL."""
    bare = f"CASE WHEN {line} LIKE '/%' OR {line} LIKE 'http%://%' THEN {line} END"
    return f"COALESCE(NULLIF(regexp_extract({line}, {literal(f'^{_LINE}$')}, 2), ''), {bare})"


def split_request(line: str) -> tuple[str | None, str | None]:
    """Return method and URL of a request line, as the SQL of this module does."""
    match = re.fullmatch(_LINE, line)
    if match:
        return match[1], match[2]
    return None, line if line.startswith("/") or re.match("http.*://", line, re.DOTALL) else None
