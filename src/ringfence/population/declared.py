"""Classify a client by its own name: a crawler, a script, or neither.

A client name is a claim that anybody can forge. It is never proof.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any, Final, Literal

import counter_robots
import crawleruseragents

Declaration = Literal["robot", "script", ""]

_CRAWLERS: Final[list[dict[str, Any]]] = crawleruseragents.CRAWLER_USER_AGENTS_DATA

_TOOL_TAGS: Final = frozenset({"http-library", "browser-automation"})
"""Tags of crawler-user-agents for tools, which apps of honest people use as well."""

_ROBOT: Final = re.compile(r"bot|crawl|spider|slurp", re.IGNORECASE)
"""Words by which a robot on COUNTER's list names itself. The list also holds bare browser names,
which must not count."""


@lru_cache(maxsize=100_000)
def declaration(client: str) -> Declaration:
    """Return what a client name declares its client to be.

    Args:
        client: the user agent, as in the log.

    Returns:
        ``script`` for a programming library or download tool: an entry of COUNTER's list of
        machines, or a library among crawler-user-agents. ``robot`` for a crawler that gives its
        name. The empty string for anything else, such as a browser or a bare ``Mozilla/5.0``.
    """
    tags = [set(_CRAWLERS[n].get("tags", ())) for n in crawleruseragents.matching_crawlers(client)]
    if (client and counter_robots.is_machine(client)) or any(each & _TOOL_TAGS for each in tags):
        return "script"
    if tags or (_ROBOT.search(client) and counter_robots.is_robot(client)):
        return "robot"
    return ""
