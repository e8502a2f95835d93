"""Classify a client by its own name: a crawler, a script, or neither.

A client name is a claim that anybody can forge. It is never proof.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import Final

from ringfence.engine import Engine, Statement
from ringfence.population.client_lists import (
    feed_reader_expression,
    machine_expression,
    robot_expressions,
    script_expressions,
)

PLATFORM: Final = (
    r"(?i)^(?:Mozilla ?/ ?[\d.]+|Opera/[\d.]+|Dalvik/[\d.]+) ?\("
    r"(?:Linux|Windows|Macintosh|X11|iPhone|iPad|iPod|Android|Mobile|Tablet|SMART-TV|Web0S|"
    r"compatible; MSIE)[^()]*(?:\([^()]*\)[^()]*)*\)"
)
"""The part of a browser's name that describes the device. A phone may be called Cubot or Spider."""

NAMES_ITSELF: Final = (
    r"(?i)https?:|www\.|@|compatible; (?:[^m]|m[^s])|bot/|crawler|spider/|preview/|-agent|"
    r"[a-z]-google"
)
"""The text of crawlers in that part. Browsers do not have it. The part is not skipped then."""

APP: Final = r"CFNetwork|Darwin/|AppleCoreMedia|ExoPlayer|Alamofire|HbbTV|NetCast|; wv\)| Device/"
"""Words of apps and devices of people, and of their web views."""

ROBOT_WORD: Final = (
    r"(?i)(?:^|[^a-z])bot(?:[^a-z]|$)|bot[/-]|crawl|spider|slurp|fetch|parser|scrap|archiv|subscriber|"
    r"feed-?id|compatible; (?:[^m]|m[^s])|[a-z]-google"
)
"""A word of robots. It decides where a name of a list is also that of an app."""

_DECLARED: Final = """
WITH named AS (
  {named}
),
shortened AS (
  SELECT client,
    CASE
      WHEN regexp_matches(regexp_extract(client, $platform), $names_itself) THEN client
      ELSE regexp_replace(client, $platform, 'Mozilla/5.0 (platform)')
    END AS words
  FROM named
),
listed AS (
  SELECT client, words,
    CASE
      WHEN regexp_matches(words, $machines) THEN 'robot'
      WHEN regexp_matches(words, $scripts) OR regexp_matches(words, $tools) THEN 'script'
      WHEN regexp_matches(words, $names) OR regexp_matches(words, $framed_names)
        OR regexp_matches(words, $other_names) THEN 'robot'
      WHEN regexp_matches(words, $feed_readers) THEN 'feed reader'
    END AS list
  FROM shortened
),
named_robots AS (
  SELECT client, list,
    regexp_matches(words, $robot_word) AS robot_word, regexp_matches(client, $app) AS app
  FROM listed
  WHERE list IS NOT NULL
)
SELECT client, CASE WHEN list = 'script' THEN 'script' ELSE 'robot' END AS declaration
FROM named_robots
WHERE list = 'script' OR robot_word OR (list = 'robot' AND NOT app)
"""

DECLARE_CLIENTS: Final = Statement(
    "population.declared_clients",
    "CREATE OR REPLACE TEMP TABLE declared_clients AS"  # noqa: S608 - own constants
    + _DECLARED.replace("{named}", "SELECT DISTINCT client FROM clients"),
)
"""Each client is matched once, in about five microseconds, whatever it contains."""

DECLARED_AMONG: Final = Statement(
    "population.declared_among",
    _DECLARED.replace("{named}", "SELECT DISTINCT unnest($clients) AS client"),
)
"""The same for clients that are given, also those of accounts without a take."""


@cache
def expressions() -> dict[str, str]:
    """Return the regular expressions of :data:`DECLARE_CLIENTS` by the name of their parameter."""
    scripts, tools = script_expressions()
    names, framed_names, other_names = robot_expressions()
    return {
        "platform": PLATFORM,
        "names_itself": NAMES_ITSELF,
        "app": APP,
        "robot_word": ROBOT_WORD,
        "machines": machine_expression(),
        "scripts": scripts,
        "tools": tools,
        "names": names,
        "framed_names": framed_names,
        "other_names": other_names,
        "feed_readers": feed_reader_expression(),
    }


def robots_among(engine: Engine, clients: Iterable[str]) -> frozenset[str]:
    """Return those of some clients that name a crawler."""
    rows = engine.rows(DECLARED_AMONG, {**expressions(), "clients": sorted(set(clients))})
    return frozenset(client for client, declaration in rows if declaration == "robot")


def find_declared_clients(engine: Engine) -> None:
    """Fill the temp table ``declared_clients`` with the clients that name a crawler or a script.

    A client is a ``script`` if it names a programming library or a download tool, or sends a text
    that no browser sends. It is a ``robot`` if it names a crawler. Browsers, players and apps are
    in neither group.
    """
    engine.run(DECLARE_CLIENTS, expressions())
