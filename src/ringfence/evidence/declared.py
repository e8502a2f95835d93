"""What a client says it is: a crawler, a script, or neither. A name is a claim, not a proof."""

from __future__ import annotations

from functools import lru_cache
from typing import Literal

import counter_robots
import crawleruseragents

Declared = Literal["robot", "script", ""]


@lru_cache(maxsize=100_000)
def declared(client: str) -> Declared:
    """Return what a user agent declares.

    ``script``: a programming library or download tool (COUNTER's list of machines). ``robot``: a
    crawler that gives its name (COUNTER's robots and crawler-user-agents). Empty: anything else.
    """
    # COUNTER counts a missing name as a robot's; here it is no declaration.
    if not client:
        return ""
    if counter_robots.is_machine(client):
        return "script"
    if counter_robots.is_robot(client) or crawleruseragents.is_crawler(client):
        return "robot"
    return ""
