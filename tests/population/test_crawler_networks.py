"""Published networks are read in every shape that operators use, and addresses are looked up."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ringfence.errors import SettingsError
from ringfence.population.crawler_networks import CrawlerNetworks, load_crawler_networks

GOOGLE = {
    "creationTime": "2026-03-01T15:00:00.000000",
    "prefixes": [{"ipv6Prefix": "2001:4860:4801:10::/64"}, {"ipv4Prefix": "66.249.64.0/27"}],
}
"""The shape of Google, Microsoft, OpenAI, Apple and Common Crawl."""

INSIDE, OUTSIDE = "66.249.64.5", "203.0.113.9"

SHAPES = {
    "googlebot.json": json.dumps(GOOGLE),
    "GoogleBot-ips.json": json.dumps(GOOGLE),
    "named.json": json.dumps({"Googlebot": ["66.249.64.0/27", "2001:4860:4801:10::/64"]}),
    "nested.json": json.dumps({"version": "3", "tags": ["ai"], "crawlers": {"Googlebot": GOOGLE}}),
    "listed.json": json.dumps(
        [{"name": "Googlebot", "tags": ["x"], "networks": ["66.249.64.0/27"]}]
    ),
    "ahrefs.json": json.dumps({"Googlebot": {"ips": [{"ip_address": "66.249.64.5"}]}}),
    "all.toml": 'Googlebot = ["66.249.64.0/27"]\nbingbot = ["157.55.39.0/24"]\n',
    "tables.toml": '[[robots]]\nname = "Googlebot"\nnetworks = ["66.249.64.0/27"]\n',
    "all.csv": "name,network\nGooglebot,66.249.64.0/27\nbingbot,157.55.39.0/24\n",
    "turned.csv": "network;name;note\n66.249.64.0/27;Googlebot;crawls pages\n",
    "quoted.csv": '"Googlebot/2.1","66.249.64.0/27"\n',
    "words.txt": "# of 2026\nGooglebot 66.249.64.0/27  # main\n\nbingbot\t157.55.39.0/24\n",
    "googlebot.txt": "66.249.64.0/27\n2001:4860:4801:10::/64\n",
    "googlebot.ips": "66.249.64.5\n",
    "googlebot": "\ufeff66.249.64.0/27\r\n",
}
"""A file name and its content, all of which say where Googlebot is."""


def loaded(folder: Path, name: str, text: str) -> CrawlerNetworks:
    """Write a file and read its networks."""
    (folder / name).write_text(text, encoding="utf-8")
    networks = load_crawler_networks(str(folder / name))
    assert networks is not None
    return networks


@pytest.mark.parametrize("name", SHAPES)
def test_every_published_shape_is_read(tmp_path: Path, name: str) -> None:
    """JSON, TOML, CSV and lines of text, with the name inside or in the file's own name."""
    networks = loaded(tmp_path, name, SHAPES[name])
    named = networks.names_in("Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/)")
    assert named[:1] in {("Googlebot",), ("GoogleBot",), ("googlebot",)}
    assert networks.contains(named, INSIDE) is True
    assert networks.contains(named, OUTSIDE) is False


def test_a_folder_holds_a_file_per_crawler(tmp_path: Path) -> None:
    """Each file of a folder is read; hidden files are not."""
    (tmp_path / "googlebot.json").write_text(json.dumps(GOOGLE))
    (tmp_path / "gptbot.json").write_text('{"prefixes": [{"ipv4Prefix": "192.0.2.0/24"}]}')
    (tmp_path / ".index").write_text("no network")
    networks = load_crawler_networks(str(tmp_path))
    assert networks is not None
    assert networks.contains(networks.names_in("GPTBot/1.2"), "192.0.2.7") is True
    assert networks.contains(networks.names_in("GPTBot/1.2"), INSIDE) is False


@pytest.mark.parametrize(
    ("file", "client"),
    [
        ("googlebot", "Googlebot-Image/1.0"),
        ("googlebot", "GoogleOther"),
        ("special-crawlers", "AdsBot-Google (+http://www.google.com/adsbot.html)"),
        ("user-triggered-fetchers-google", "FeedFetcher-Google; (+http://www.google.com/)"),
        ("searchbot", "Mozilla/5.0 (compatible; OAI-SearchBot/1.0; +https://openai.com/searchbot)"),
        ("chatgpt-user", "Mozilla/5.0 (compatible; ChatGPT-User/1.0; +https://openai.com/bot)"),
        ("perplexity_user", "Mozilla/5.0 (compatible; Perplexity-User/1.0)"),
        ("bing", "Mozilla/5.0 (compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm)"),
    ],
)
def test_the_name_of_a_published_file_stands_for_its_crawlers(
    tmp_path: Path, file: str, client: str
) -> None:
    """A published file is about the clients that its operator sends."""
    assert loaded(tmp_path, f"{file}.json", json.dumps(GOOGLE)).names_in(client)


@pytest.mark.parametrize(
    "client", ["NotGooglebot/1.0", "Googlebots-friend/1.0", "", "goo glebot\x00"]
)
def test_a_part_of_another_word_is_not_the_name(tmp_path: Path, client: str) -> None:
    """Only a whole word is a name, so that one robot is not judged by another's networks."""
    assert loaded(tmp_path, "googlebot.json", json.dumps(GOOGLE)).names_in(client) == ()


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("66.249.64.0", True),
        ("66.249.64.31", True),
        ("66.249.64.32", False),
        ("66.249.63.255", False),
        ("::ffff:66.249.64.5", True),
        ("2001:4860:4801:10::1", True),
        ("2001:4860:4801:10::/64", True),
        ("2001:4860:4801:11::/64", False),
        ("[2001:4860:4801:10::1]", True),
        ("anna", None),
        ("", None),
    ],
)
def test_addresses_are_looked_up(tmp_path: Path, address: str, expected: bool | None) -> None:
    """IPv4 and IPv6, their edges, networks that stand for a visitor, and names that are neither."""
    networks = loaded(tmp_path, "googlebot.json", json.dumps(GOOGLE))
    assert networks.contains(["Googlebot"], address) is expected


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("a.json", "{", "is not JSON"),
        ("a.json", "{}", "contains no network"),
        ("a.json", '{"prefixes": [{"ipv4Prefix": "66.249.64.0/99"}]}', "'66.249.64.0/99' is not"),
        ("a.json", '{"Googlebot": ["66.249.64.0/99"]}', "'66.249.64.0/99' is not a network"),
        ("a.json", "[" * 100_000, "is not JSON"),
        ("a.toml", "Googlebot = ", "is not TOML"),
        ("a.csv", "name,network\nGooglebot,66.249.64\n", "line 2 contains no network"),
        ("a.txt", "", "contains no network"),
        ("a.txt", "Googlebot 66.249.64.0/99\n", "line 1 contains no network"),
        ("a.txt", "Googlebot 192.0.2.0/24\nbingbot somewhere\n", "line 2 contains no network"),
    ],
)
def test_a_wrong_file_is_refused_in_one_line(
    tmp_path: Path, name: str, text: str, said: str
) -> None:
    """A mistake would make a true crawler an impostor, so the scan stops and says where it is."""
    with pytest.raises(SettingsError, match=r"robots\.networks") as refused:
        loaded(tmp_path, name, text)
    assert said in str(refused.value)
    assert name in str(refused.value)
    assert "\n" not in str(refused.value)


def test_a_missing_file_or_empty_folder_is_refused(tmp_path: Path) -> None:
    """The setting is not ignored when there is nothing to read; without it, nothing is read."""
    for path in (tmp_path, tmp_path / "none.json"):
        with pytest.raises(SettingsError, match=r"robots\.networks"):
            load_crawler_networks(str(path))
    assert load_crawler_networks("") is None


def test_binary_content_is_refused(tmp_path: Path) -> None:
    """A file that is not text is named in the message."""
    (tmp_path / "a.json").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(SettingsError, match=r"cannot be read"):
        load_crawler_networks(str(tmp_path / "a.json"))


def test_a_file_that_is_too_large_or_nests_too_deeply_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No file in the place of a list takes more memory, or more than linear time."""
    monkeypatch.setattr("ringfence.population.crawler_networks.LARGEST_LIST", 300_000)
    (tmp_path / "none.txt").symlink_to("/dev/zero")
    for name, text, said in (
        ("a.json", " " * 300_001, "has more than"),
        ("a.toml", "a." * 100_000 + "b = 1", "more than 50 parts"),
        ("a.json", "[" + "9" * 100_000 + "]", "is not JSON"),
    ):
        with pytest.raises(SettingsError, match=name) as refused:
            loaded(tmp_path, name, text)
        assert said in str(refused.value)
    assert loaded(tmp_path, "a.txt", "\n" * 200_000 + "Googlebot 192.0.2.0/24\n")
    with pytest.raises(SettingsError, match="there is no such file"):
        load_crawler_networks(str(tmp_path / "none.txt"))
