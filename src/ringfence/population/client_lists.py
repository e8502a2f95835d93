"""Prepare COUNTER's list and crawler-user-agents as expressions that name crawlers and scripts.

Both lists say which accesses to leave out of a count, and so some entries also match people:
``core`` is part of AppleCoreMedia, ``motor`` of Motorola. The tables below narrow each such entry.
All others are used as they are. Expressions are in the dialect that RE2 and Python share.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from importlib.resources import files
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

from ringfence.population.name_expressions import BEGINS, ENDS, any_of, each_kind_of

_TOOL_TAGS: Final = frozenset({"http-library", "browser-automation"})
"""Tags of crawler-user-agents for tools, which apps of honest people use as well."""

_SHORT: Final = 8
"""Characters of an entry that is likely to be part of another word."""

_FEED_READER: Final = {"feed-reader"}
"""The tags of an entry that is only a feed reader."""

_COMMON_WORDS: Final = frozenset({
    "appie", "arks", "celestial", "combine", "cursor", "custo", "ferret", "grub", "gulliver",
    "holmes", "ilse", "jobo", "Koha", "lwp", "mimas", "moget", "motor", "nettle", "nomad", "perman",
    "rambler", "Riddler", "scooter", "speedy", "Strider", "titan", "ucsd", "voila", "worm", "zeus",
})  # fmt: skip
"""Entries that are part of other words, such as Motorola. They count as whole words only."""

_NARROWED: Final = {
    "[^a]fish": r"(?:^|[^a-z])fish(?:[^a-z]|$)",  # Sailfish is a system of phones.
    "^.?$": "",  # No client.
    "alexa": "",  # Smart speakers. The crawler of Alexa calls itself ia_archiver.
    "baidu": r"baidu.?(?:transcoder|yunguance)",  # Browsers and apps; Baiduspider is a spider.
    "cfnetwork": "",  # The library of all apps for iPhones.
    "core": r"^core(?:[/ ]|$)|core\.ac\.uk",
    "daum(oa)?": r"daumoa?(?:[^a-z]|$)",
    "docomo": "",  # Phones of an operator.
    "ELinks\\/": "",  # A browser.
    "feedreader": r"(?:^|[^.])feedreader",
    "google": r"[a-z]-google|google[-+ ](?:ad|app engine|app-|certif|cloud|doc|ext|fav|image|insp|"
    r"lens|other|page|podcast|prod|proxy|pub|read|safe|shop|site|speakr|struct|test|trans|web|wireless|xr)",
    "harvest": r"(?:^|[^a-z])(?:web)?harvest(?:er|ing|man)?(?:[^a-z]|$)",
    "PHP\\/": r"(?:^|[^a-z])php/",
    "pioneer": r"(?:^|[^a-z])pioneer/",
    "rss": r"magpierss|tiny tiny rss|rss[-_ ]?(?:2html|bot|crawl|fetch|harvest|import|parser)",
    "sogou": r"sogou[ +-]?(?:web|pic|news|inst|head|orion|video|blog|test|development)",
    "sunrise": r"^sunrise|sunrisexp",
    "voyager\\/": r"^voyager/",
    "yahoo": r"yahoo!|yahoo[ +-]?(?:link|ad|seeker|cache|mail ?proxy|pipes|feed)",
    "yandex": r"yandexbot|yandex\.com/bots|^yandex(?:[/ ]|$)",
    "Code\\/1\\.": "",  # An editor with a browser inside.
    "Fluid": r"fluid/\d+$",
    "008\\/": r"(?:^|[ (;])008/",
    "Chirp|gotosocial": r"^chirp|gotosocial",
    "Sogou": "",
    "Viber": r"^viber",
    "Sonic": r"^sonic|ranksonic",
    "Butterfly": r"(?:^|; )butterfly",
    "WhatsApp": r"^whatsapp(?:/|$)",
    "AP3A\\.240617\\.008": "",  # A version of Android.
}
"""Narrower expressions, by entry; an empty one leaves the entry out."""

_MACHINES: Final = (
    r"(?:link|url|doi|pid|handle)s?[-_ ]?(?:link|resolver)?[-_ ]?check(?:er|ing)?(?:[^a-z]|$)",
    r"[a-z]harvester(?:[^a-z]|$)",
    r"doi[-_ ]?resolver",
    r"translation[-_ ]server",
    r"checklink|checkbot",
)
"""Names of link checkers, DOI checkers, harvesters and translation servers. Most are on no list."""

_PLACEHOLDERS: Final = frozenset({
    "^Array$", "^Filter$", "^IDA$", "^MSIE", "^Mozilla$", "^Mozilla.4\\.0$", "^Mozilla.5\\.0$",
    "^Mozilla\\/4\\.0\\+\\(compatible;\\)$", "^Mozilla\\/4\\.0\\+\\(compatible;\\+ICS\\)$",
    "^Mozilla\\/4\\.5\\+\\[en]\\+\\(Win98;\\+I\\)$", "^Mozilla\\/5\\.0\\+like\\+Gecko$",
    "^Mozilla\\/5.0\\+\\(compatible;\\+MSIE\\+6\\.0;\\+Windows\\+NT\\+5\\.0\\)$",
    "^Mozilla\\/5.0(\\s|\\+)Gecko\\/20100115(\\s|\\+)Firefox\\/3.6$", "^Opera\\/4$", "^User-Agent",
    "^firefox$", "^user.?agent$", "^voltron$", "^@ozilla\\/\\d", "^脝脝陆芒潞贸碌脛$", "^破解后的$",
})  # fmt: skip
"""Entries of COUNTER's list of robots that name nobody: no browser sends this text."""

_TOOLS: Final = frozenset({
    "BDFetch", "Code\\sSample\\sWeb\\sClient", "Download\\+Master", "Drupal", "FDM(\\s|\\+)\\d",
    "GetRight", "HTTPFetcher", "HeadlessChrome", "Jersey\\/\\d",
    "Microsoft Office Protocol Discovery", "Microsoft-WebDAV-MiniRedir",
    "Offline(\\s|\\+)Navigator",
    "Pcore-HTTP", "ReactorNetty\\/\\d",
    "RestSharp", "Scrapy\\/\\d", "Teleport(\\s|\\+)Pro", "Typhoeus", "WWW-Mechanize",
    "Web(\\s|\\+)Downloader", "WebCloner", "WebCopier", "WebStripper", "WebZIP", "^FileDown$",
    "^NetAnts\\/\\d", "axios\\/\\d", "easydl", "htmlparser", "httpget", "httpx", "httrack",
    "iSiloX", "insomnia", "larbin", "newspaper\\/\\d", "okhttp", "pear\\.php\\.net", "sqlmap",
    "w3af\\.org", "webreaper",
})  # fmt: skip
"""Entries of COUNTER's list of robots for libraries and download tools, which name no crawler."""


def counter_entries(name: str) -> list[str]:
    """Return the entries of COUNTER's list ``robot`` or ``machine``, as published."""
    text = (files("counter_robots") / "data" / f"{name}.txt").read_text(encoding="utf-8")
    return text.splitlines()


def narrowed(entry: str) -> str:
    """Return the expression that is used for an entry of a list; empty if it is left out."""
    if entry in _NARROWED:
        return _NARROWED[entry]
    return f"{BEGINS}{entry}{ENDS}" if entry in _COMMON_WORDS else entry


def is_tool(entry: str) -> bool:
    """Return whether an entry of COUNTER's lists names a tool or nobody, and so no crawler."""
    return entry in _PLACEHOLDERS | _TOOLS or entry in counter_entries("machine")


def _names(entries: Iterable[str]) -> list[str]:
    """Return the expressions of entries that are used."""
    return [pattern for entry in entries if (pattern := narrowed(entry))]


def script_expressions() -> tuple[str, str]:
    """Return two expressions for scripts: of COUNTER's lists, and of crawler-user-agents."""
    counter = {*counter_entries("machine"), *_PLACEHOLDERS, *_TOOLS}
    return any_of(_names(counter)), any_of(_names(_crawlers(lambda tags: bool(tags & _TOOL_TAGS))))


def robot_expressions() -> tuple[str, str, str]:
    """Return the expressions for crawlers of both lists: plain names, framed names, and others."""
    names = _crawlers(lambda tags: not tags & _TOOL_TAGS and tags != _FEED_READER)
    counter = [entry for entry in counter_entries("robot") if not is_tool(entry)]
    return each_kind_of(_names([*counter, *names]))


def machine_expression() -> str:
    """Return the expression for checkers and harvesters, also if they name their library."""
    return any_of(_MACHINES)


def feed_reader_expression() -> str:
    """Return the expression for feed readers, which are apps of people as well as crawlers."""
    return any_of(_names(_crawlers(lambda tags: tags == _FEED_READER)))


def _entries() -> list[dict[str, Any]]:
    # The package would read its own file in the encoding of the locale, and fail under ASCII.
    package = find_spec("crawleruseragents")
    folder = Path(package.origin or "").parent if package else Path()
    return list(json.loads((folder / "crawler-user-agents.json").read_text("utf-8")))


def _crawlers(wanted: Callable[[set[str]], bool]) -> list[str]:
    """Return the entries of crawler-user-agents whose tags are wanted.

    A short entry, such as ``RED/``, must begin a word.
    """
    names = [str(entry["pattern"]) for entry in _entries() if wanted(set(entry.get("tags", ())))]
    return [
        f"{BEGINS}{name}" if len(name) <= _SHORT and narrowed(name) == name else name
        for name in names
    ]
