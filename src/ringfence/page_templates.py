"""Addresses in the operator's own tools: check a template, and fill in an account or item."""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import quote, urlsplit

_PLACEHOLDER: Final = re.compile(r"\{([^{}]*)\}")
_ONLY_DOTS: Final = re.compile(r"\.*")


def check_page_template(template: str, name: str) -> None:
    """Check that a template gives a link that cannot lead anywhere else than it says.

    Args:
        template: such as ``https://admin.example.org/users/{account}``.
        name: the only placeholder that may be in it, at least once and not in the host.

    Raises:
        ValueError: the template has another scheme than http or https, no host, white space or
            hidden characters, no placeholder, another one, or one in the host.
    """
    if not template.isprintable() or " " in template:
        raise ValueError("must not have spaces or hidden characters; write them percent-encoded")
    if not re.match(r"https?://[^/?#{}\\@]+([/?#]|$)", template) or not _host(template):
        raise ValueError(
            f"must begin with http:// or https:// and a host without a placeholder, such as "
            f"https://admin.example.org/{{{name}}}"
        )
    names = _PLACEHOLDER.findall(template)
    if set(names) != {name} or re.search(r"[{}]", _PLACEHOLDER.sub("", template)):
        raise ValueError(f"must have the placeholder {{{name}}}, and no other braces")


def page_url(template: str, value: str) -> str:
    """Return the address of a page; empty without a template, and for a value that cannot be one.

    The value is percent-encoded, so that it cannot leave its place in the address. A value of dots
    alone would still do so, because a browser resolves ``..``, and it gets no link.

    Args:
        template: one that :func:`check_page_template` accepts, or the empty text.
        value: the account or item.
    """
    if not template or _ONLY_DOTS.fullmatch(value):
        return ""
    encoded = quote(value, safe="", errors="replace")
    return _PLACEHOLDER.sub(lambda _: encoded, template)


def _host(template: str) -> str:
    try:
        return urlsplit(template).hostname or ""
    except ValueError:
        return ""
