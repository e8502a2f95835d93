"""Signs in requests: from lines of a log to a warning, and from honest lines to none."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pytest
from tests.test_pseudonym_key import key_file

import ringfence
from ringfence.pipeline.check import CheckResult

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"
CRAWLER = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"


def line(  # noqa: PLR0913 - the fields of a line
    number: int,
    url: str,
    *,
    address: str = "203.0.113.9",
    login: str = "-",
    client: str = FIREFOX,
    more: str = "",
) -> str:
    """Return a line of a combined log, at a time of its own."""
    time = f"04/May/2026:{8 + number // 3600:02d}:{number // 60 % 60:02d}:{number % 60:02d} +0000"
    return f'{address} - {login} [{time}] "GET {url} HTTP/1.1" 200 5 "-" "{client}"{more}'


def checked(tmp_path: Path, lines: Iterable[str], **settings: dict[str, object]) -> CheckResult:
    """Check a log of these lines."""
    path = tmp_path / "access.log"
    path.write_text("".join(f"{one}\n" for one in lines))
    return ringfence.check(path, settings=ringfence.Settings.model_validate(settings))


def kinds(result: CheckResult) -> set[str]:
    """Return the kinds of its warnings."""
    return {one.kind for one in result.warnings}


def passed_on(peers: tuple[str, ...]) -> list[str]:
    """Return requests of a hundred people, which these addresses passed on."""
    return [
        line(
            n,
            f"/item/{n}",
            address=peers[n % len(peers)],
            client=f"Player/{n % 4}",
            more=f' "203.0.113.{n % 100 + 1}"',
        )
        for n in range(400)
    ]


def forwarded(result: CheckResult) -> str:
    """Return the assumption about the forwarded list."""
    return {name: value for name, value, _ in result.assumptions}["forwarded list"]


@pytest.mark.slow
def test_a_content_network_is_noticed_until_it_is_trusted(tmp_path: Path) -> None:
    """Public addresses that pass requests on are a warning, worthless; as trusted proxies, not."""
    lines = passed_on(("172.70.1.14", "172.70.2.10"))
    result = checked(tmp_path, lines)
    (warning,) = (one for one in result.warnings if one.kind == "forwarded-ignored")
    assert warning.setting == "events.trusted_proxies"
    assert "172.70." in warning.text
    assert not result.plausible
    assert forwarded(result).startswith("used for 0 of 400 ")
    events = {"trusted_proxies": ["172.70.0.0/16"]}
    mended = checked(tmp_path, lines, events=events)
    assert kinds(mended) == set()
    assert forwarded(mended).startswith("used for 400 of 400 ")
    assert mended.counts["accounts"] == 100


def test_private_proxies_give_no_warning(tmp_path: Path) -> None:
    """The addresses that are trusted by default pass requests on without a warning."""
    assert "forwarded-ignored" not in kinds(checked(tmp_path, passed_on(("10.0.0.5",))))


@pytest.mark.slow
@pytest.mark.parametrize("name", ["apikey", "x_api_key", "access_token", "customer", "user_id"])
def test_a_parameter_that_tells_visitors_apart_is_noticed(tmp_path: Path, name: str) -> None:
    """A login, key or token in most URLs is a warning; once it is read, there is none."""
    lines = [
        line(n, f"/api/item/{n}?page=1&{name}=abc{n % 9}", client=f"Player/{n % 3}")
        for n in range(300)
    ]
    result = checked(tmp_path, lines)
    (warning,) = (one for one in result.warnings if one.kind == "parameter-not-read")
    assert warning.setting == "account.parameters"
    assert f"parameter {name}, with 9 values" in warning.text
    mended = checked(tmp_path, lines, account={"parameters": [name]})
    assert "parameter-not-read" not in kinds(mended)
    assert mended.counts["accounts"] == 9


def test_one_account_names_the_parameter(tmp_path: Path) -> None:
    """If all uses are of one visitor, its warning names the key that is not read."""
    lines = [line(n, f"/api/item/{n}?apikey=abc{n % 9}") for n in range(300)]
    (warning,) = (one for one in checked(tmp_path, lines).warnings if one.kind == "one-account")
    assert "apikey" in warning.text


@pytest.mark.parametrize(
    "query",
    [
        "apikey=same",
        "token=once{n}",
        "jsessionid=abc{few}",
        "page={few}",
        "signature=abc{few}",
        "apikey=",
    ],
)
def test_other_parameters_give_no_warning(tmp_path: Path, query: str) -> None:
    """One key of an app, a token per request, a session or a page does not tell people apart."""
    lines = [
        line(n, f"/api/item/{n}?{query.format(n=n, few=n % 9)}", client=f"Player/{n % 30}")
        for n in range(300)
    ]
    assert "parameter-not-read" not in kinds(checked(tmp_path, lines))


def readers() -> list[str]:
    """Return the pages of forty people with items, one other page and an icon."""
    urls = ("/item/{n}", "/item/{half}", "/item/{third}", "/about", "/icon.png")
    return [
        line(n, urls[n % 5].format(n=n, half=n // 2, third=n // 3), login=f"u{n % 40}")
        for n in range(1000)
    ]


RULES = {"rules": [{"pattern": "^/item/(?P<item>[0-9]+)$"}]}


@pytest.mark.parametrize("url", ["/api/items?page={n}", "/originals/{n}.png", "/list/{n}"])
def test_an_account_that_lists_the_catalogue_is_noticed(tmp_path: Path, url: str) -> None:
    """Most of the requests without an item, all different, are a warning with an example."""
    bulk = [line(n, url.format(n=n), login="bulk") for n in range(1000)]
    result = checked(tmp_path, readers() + bulk, items=RULES)
    (warning,) = (one for one in result.warnings if one.kind == "requests-of-one-account")
    assert warning.setting == "items.rules"
    assert "One account, bulk, has " in warning.text
    assert url.partition("{")[0] in warning.text


@pytest.mark.parametrize(
    ("url", "client"),
    [("/health", "Monitor/1.0"), ("/list/{n}", CRAWLER), ("/item/{n}", FIREFOX)],
)
def test_monitors_crawlers_and_takers_are_not(tmp_path: Path, url: str, client: str) -> None:
    """The same page again, a declared robot, and an account that takes items give no warning."""
    more = [line(n, url.format(n=n), login="bulk", client=client) for n in range(1000)]
    result = checked(tmp_path, readers() + more, items=RULES)
    assert "requests-of-one-account" not in kinds(result)


def test_a_scan_says_the_same(tmp_path: Path) -> None:
    """A scan has the warnings and the assumption of a check."""
    path = tmp_path / "cdn.log"
    path.write_text("\n".join(passed_on(("172.70.1.14",))) + "\n")
    result = ringfence.scan(path, out=tmp_path / "out")
    assert "forwarded-ignored" in {one.kind for one in result.warnings}
    assert result.withheld
    assert any(name == "forwarded list" for name, _, _ in result.assumptions)


PAGES = [line(n, f"/ms/{n % 37}/f{n % 29}") for n in range(400)]


@pytest.mark.parametrize(
    ("pattern", "warned"),
    [
        ("/ms/(?P<group>[0-9]+)/(?P<item>f[0-9]+)", True),
        ("/ms/(?P<item>(?P<group>[0-9]+)/f[0-9]+)", False),
        ("/ms/(?P<item>[0-9]+)", False),
    ],
)
def test_one_name_in_many_groups_is_told(tmp_path: Path, pattern: str, *, warned: bool) -> None:
    """A rule that takes the page for the item merges the pages of all manuscripts."""
    result = checked(tmp_path, PAGES, items={"rules": [{"pattern": pattern}]})
    found = [one.text for one in result.warnings if one.kind == "item-in-many-groups"]
    assert bool(found) == warned
    assert all("such as f" in text for text in found)


@pytest.mark.parametrize("shown", [True, False])
def test_pages_that_learned_rules_leave_out_are_told(tmp_path: Path, *, shown: bool) -> None:
    """The warning shows a URL, unless it could name a person who has a pseudonym."""
    privacy = {} if shown else {"pseudonym_key": key_file(tmp_path / "key")}
    result = checked(tmp_path, PAGES, privacy=privacy, items={"preset": "learned"})
    (text,) = [one.text for one in result.warnings if one.kind == "components-not-counted"]
    assert ("/ms/" in text) == shown
    assert "11 such parts" in text


def test_a_table_with_a_group_is_tried_too(tmp_path: Path) -> None:
    """A table that names items and groups, and no URL, gives the same warning."""
    rows = [
        f"2026-05-04T08:{n // 60:02d}:{n % 60:02d}Z,u{n % 9},f{n % 29},ms{n % 37}"
        for n in range(400)
    ]
    path = tmp_path / "takes.csv"
    path.write_text("\n".join(["ts,account,item,group", *rows]))
    assert "item-in-many-groups" in kinds(ringfence.check(path))
