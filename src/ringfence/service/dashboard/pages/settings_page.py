"""The settings as they are. Only an admin sees them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

from starlette.responses import Response

from ringfence.service.dashboard.page_request import DashboardRequest


def show(page: DashboardRequest) -> Response:
    """Answer with all settings that are not empty. Passwords in addresses are hidden."""
    told = page.office.settings.model_dump(mode="json")
    sections = {section: list(_flat(values)) for section, values in told.items() if _flat(values)}
    return page.page("settings", sections=sections)


def _flat(values: Mapping[str, Any], prefix: str = "") -> list[tuple[str, str]]:
    return list(_walk(values, prefix))


def _walk(values: Mapping[str, Any], prefix: str) -> Iterator[tuple[str, str]]:
    for name, value in values.items():
        if isinstance(value, Mapping):
            yield from _walk(value, f"{prefix}{name}.")
        elif isinstance(value, list) and value and isinstance(value[0], Mapping):
            for place, one in enumerate(value, 1):
                yield from _walk(one, f"{prefix}{name}[{place}].")
        elif value not in (None, "", []):
            yield prefix + name, _shown(value)


def _shown(value: object) -> str:
    """Return a value as text, without the user and the query of an address."""
    text = str(value)
    if "://" not in text:
        return text
    parts = urlsplit(text)
    host = parts.netloc.rpartition("@")[2]
    return parts._replace(netloc=host, query="", fragment="").geturl()
