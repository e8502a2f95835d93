"""What a client says it is: a crawler, a script, or neither. A name is a claim, not a proof."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any, Final, Literal

import counter_robots
import crawleruseragents

Declared = Literal["robot", "script", ""]

_CRAWLERS: Final[list[dict[str, Any]]] = crawleruseragents.CRAWLER_USER_AGENTS_DATA


_LIBRARIES = frozenset({"http-library", "browser-automation"})
"""Kinds of crawler-user-agents that are tools, used by apps of honest people as well."""

_ROBOT = re.compile(r"bot|crawl|spider|slurp", re.IGNORECASE)
"""How a robot on COUNTER's list calls itself one; the list also holds bare browser names."""


@lru_cache(maxsize=100_000)
def declared(client: str) -> Declared:
    """Return what a user agent declares.

    ``script``: a programming library or download tool (COUNTER's list of machines, and the
    libraries among crawler-user-agents). ``robot``: a crawler that gives its name. Empty: anything
    else, among it names that say nothing, such as a bare ``Mozilla/5.0``.
    """
    kinds = [set(_CRAWLERS[n].get("tags", ())) for n in crawleruseragents.matching_crawlers(client)]
    if (client and counter_robots.is_machine(client)) or any(kind & _LIBRARIES for kind in kinds):
        return "script"
    if kinds or (_ROBOT.search(client) and counter_robots.is_robot(client)):
        return "robot"
    return ""
