"""A client is a robot or a script by its name, and no browser, player or app is a robot."""

from __future__ import annotations

import re
from collections.abc import Iterable
from re import _parser as parser  # the parser of regular expressions has no public name

import crawleruseragents
from tests.population.declaring import declare
from tests.population.real_clients import BROWSERS, PEOPLE, PODCAST_APPS

from ringfence.engine import open_engine
from ringfence.population.client_lists import counter_entries, is_tool, narrowed
from ringfence.population.declared import expressions
from ringfence.testing.users import SCRIPT

GOOGLEBOT = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"
HOSTILE = (
    "",
    "-",
    "\x1b[31m<script>alert(1)</script>=1+1",
    "'; DROP TABLE clients; --",
    "x" * 100_000,
    "(((((" * 1_000,
    "Mozilla/5.0 (Linux; " + "(" * 5_000,
    "💣\u202e\ufffd\u0000",
)


def example(entry: str) -> str:
    """Return a text that an expression matches, made from its first branches."""
    return "".join(_texts(parser.parse(entry)))


def _texts(tokens: Iterable[tuple[object, object]]) -> Iterable[str]:
    for code, value in tokens:
        match str(code), value:
            case "LITERAL", int(point):
                yield chr(point)
            case "ANY", _:
                yield "-"
            case "IN", list(choices):
                yield _one_of(choices)
            case "BRANCH", (_, branches):
                yield from _texts(branches[0])
            case "SUBPATTERN", (*_, inner):
                yield from _texts(inner)
            case "MAX_REPEAT", (least, _, inner):
                yield from list(_texts(inner)) * max(least, 1)
            case "AT", _:
                yield ""
            case other:
                raise AssertionError(other)


def _one_of(choices: list[tuple[object, object]]) -> str:
    match str(choices[0][0]), choices[0][1]:
        case "LITERAL", int(point):
            return chr(point)
        case "RANGE", (int(low), _):
            return chr(low)
        case "CATEGORY", category:
            return " " if "SPACE" in str(category) else "1"
        case _:
            return "-"


NAMES = {
    GOOGLEBOT: "robot",
    "Mozilla/5.0 (compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm)": "robot",
    "Mozilla/5.0 (compatible; AhrefsBot/7.0; +http://ahrefs.com/robot/)": "robot",
    "Mozilla/5.0 (compatible; Ezooms/1.0; help@moz.com)": "robot",
    "lockss": "robot",
    "UNPAYWALL": "robot",
    "oaDOI": "robot",
    SCRIPT: "script",
    "curl/8.14.1": "script",
    "CURL/8.1": "script",
    "okhttp/4.12.0": "script",
    "axios/1.7.2": "script",
    "Wget/1.25.0": "script",
    "FDM 3.8": "script",
    "Mozilla/5.0": "script",
    "Mozilla": "script",
    "undefined": "script",
}
"""Clients and what they declare; case does not count."""

LIBRARY_ROBOTS = (
    "LOCKSS cache", "CLOCKSS", "pidcheck", "Unpaywall", "Citoid", "EasyBib AutoCite ",
    "ZoteroTranslationServer", "Turnitin", "heritrix", "Trove", "MarcEdit", "Embedly", "ltx71",
    "ia_archiver", "Blackboard Safeassign", "EThOS+(British+Library)", "core.ac.uk", "Fulltext",
)  # fmt: skip

FORMS = ("{}", "{}/1.0", "Mozilla/5.0 (compatible; {}/2.1; +http://example.org/about)")


def test_declaration() -> None:
    """Crawlers, and scripts and texts that no browser sends, are recognised by their name."""
    assert dict(zip(NAMES, declare(*NAMES), strict=True)) == NAMES


def test_library_robots_are_known_in_any_form() -> None:
    """Robots of libraries and archives are known, whether they use a browser's form or not."""
    clients = [form.format(name) for form in FORMS for name in LIBRARY_ROBOTS]
    assert dict(zip(clients, declare(*clients), strict=True)) == dict.fromkeys(clients, "robot")


def test_every_entry_of_counters_list_counts() -> None:
    """Each entry makes its own example a robot, or a script if it names a tool or nobody."""
    entries = [entry for entry in counter_entries("robot") if narrowed(entry)]
    found = declare(*(example(narrowed(entry)) for entry in entries))
    expected = {entry: "script" if is_tool(entry) else "robot" for entry in entries}
    assert dict(zip(entries, found, strict=True)) == expected


def test_entries_that_are_left_out_name_only_people() -> None:
    """Five entries are left out. Each would match a person, or a log without the client."""
    left_out = {entry for entry in counter_entries("robot") if not narrowed(entry)}
    assert left_out == {"^.?$", "alexa", "cfnetwork", "docomo", "ELinks\\/"}
    for entry in left_out:
        assert any(re.search(entry, client, re.IGNORECASE) for client in (*PEOPLE, "")), entry


def test_nearly_all_published_examples_are_found() -> None:
    """Of the examples of crawler-user-agents, only names of apps and devices are left out."""
    published = [one for e in crawleruseragents.CRAWLER_USER_AGENTS_DATA for one in e["instances"]]
    missed = sum(not found for found in declare(*published))
    assert missed <= len(published) // 50


def test_people_are_not_robots() -> None:
    """Browsers, players, podcast apps and readers are neither robots nor scripts."""
    found = dict(zip(PEOPLE, declare(*PEOPLE), strict=True))
    assert {client: what for client, what in found.items() if what} == {}


def test_a_robot_with_a_browsers_name_is_a_robot() -> None:
    """A name behind that of a browser counts, as crawlers for mobile pages write it."""
    names = ("(compatible; Googlebot/2.1; +http://www.google.com/bot.html)", "Unpaywall/1.0")
    clients = [f"{browser} {name}" for browser in BROWSERS[:3] for name in names]
    assert declare(*clients) == ["robot"] * len(clients)


def test_an_app_that_names_itself_a_robot_is_one() -> None:
    """The library of an app does not hide a robot's own word."""
    assert declare(f"{PODCAST_APPS[0]} ExampleBot/1.0") == ["robot"]


def test_hostile_names_declare_nothing() -> None:
    """Empty, long, nested and binary names are read like any other."""
    assert declare(*HOSTILE) == [""] * len(HOSTILE)


def test_python_and_the_engine_agree() -> None:
    """The expressions mean the same in Python, so that they can be checked with either."""
    everything = [*PEOPLE, GOOGLEBOT, SCRIPT, "LOCKSS", "curl/8"]
    for name, pattern in expressions().items():
        with open_engine() as engine:
            rows = engine.rows(
                "SELECT regexp_matches(client, $p) FROM (SELECT unnest($all) AS client)",
                {"p": pattern, "all": everything},
            )
        assert [bool(re.search(pattern, client)) for client in everything] == [
            r[0] for r in rows
        ], name


MACHINES = (
    "LOCKSS cache",
    "lockss-daemon/2.0.84",
    "CLOCKSS ingest/1.77",
    "PorticoHarvester/1.0",
    "OAIHarvester/2.0",
    "LinkChecker/10.2 (+https://linkchecker.github.io/linkchecker/)",
    "link-checker/1.2 (library@example.org)",
    "SFX link resolver checker",
    "URL checker 1.0",
    "Crossref-DOI-checker/1.0 (mailto:support@example.org)",
    "DOI checker/0.1",
    "W3C-checklink/5.0.0 libwww-perl/6.77",
    "checkbot/1.80 LWP/5.85",
    "DOI-Checker/2.1 python-requests/2.31",
    "linkcheck/1.0 Go-http-client/1.1",
    "DataCite-DOI-Checker",
    "doi_link_check",
    "DOI-Resolver/1.0",
    "Zotero Translation Server",
    "pidcheck-web-monitoring/0.2",
)
"""Preservation harvesters and checkers of links, in several spellings and versions."""


def test_machines_that_give_their_names_are_robots() -> None:
    """Harvesters, link checkers and DOI checkers are robots, in any case and version."""
    assert set(declare(*MACHINES, *(name.upper() for name in MACHINES))) == {"robot"}
