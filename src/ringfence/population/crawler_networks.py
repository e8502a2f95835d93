"""Read the networks that crawlers publish, and look addresses up in them.

A file is JSON as Google, Microsoft, OpenAI and others publish it, a JSON or TOML document with the
networks of each crawler by name, or lines of text or CSV with a network and, optionally, a name.
Where a file names no crawler, its own name does: ``googlebot.json``.
"""

from __future__ import annotations

import json
import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping
from ipaddress import IPv4Network, IPv6Network, collapse_addresses, ip_network
from pathlib import Path
from typing import Any, Final

from ringfence.errors import SettingsError
from ringfence.toml_files import parse_toml
from ringfence.visible import clip

Network = IPv4Network | IPv6Network

SETTING: Final = "robots.networks"

LARGEST_LIST: Final = 16 << 20
"""Bytes of the largest file that is read. The longest that is published has two million."""

_HINT: Final = "give a file or folder with the crawlers' published networks, such as googlebot.json"

_FETCHERS: Final = ("FeedFetcher-Google", "Google-Read-Aloud", "Google-Site-Verification")

PUBLISHED_NAMES: Final = {
    "googlebot": ("Googlebot", "GoogleOther", "Google-InspectionTool", "Storebot-Google"),
    "common-crawlers": ("Googlebot", "GoogleOther", "Google-InspectionTool", "Storebot-Google"),
    "special-crawlers": ("AdsBot-Google", "Mediapartners-Google", "APIs-Google", "Google-Safety"),
    "user-triggered-fetchers": _FETCHERS,
    "user-triggered-fetchers-google": _FETCHERS,
    "searchbot": ("OAI-SearchBot",),
}
"""The names of the crawlers that a published file is about, if its own name is not that of one.
Source: the operators' pages on verifying their crawlers."""

_GENERIC: Final = frozenset({
    "prefixes", "networks", "ranges", "ips", "cidrs", "addresses", "ip_ranges", "ipranges", "ipv4",
    "ipv6", "ipv4prefix", "ipv6prefix", "ip_prefix", "ipv6_prefix", "ip_address", "ip", "cidr",
    "network", "prefix", "robots", "crawlers", "sources", "data",
})  # fmt: skip
"""Keys of a document that stand for networks or lists, and so name no crawler."""

_NAME_KEYS: Final = ("name", "robot", "crawler", "bot", "user_agent", "useragent")
"""Keys of an object whose value names the crawler."""

_ADDRESS: Final = re.compile(r"[0-9a-fA-F]*[.:][0-9a-fA-F.:]*(?:/\d*)?")
"""Text that is meant as an address or network. Other texts of a list, such as tags, are skipped."""

_VERSION: Final = re.compile(r"/[\d.]+$")

_DELIMITER: Final = re.compile(r"[,;\t|]")


class CrawlerNetworks:
    """The published networks of crawlers by name.

    Args:
        source: the file or folder, for messages.
        networks: the networks of each crawler, by its name as a client writes it.
    """

    def __init__(self, source: str, networks: Mapping[str, Iterable[Network]]) -> None:
        self.source = source
        self._ranges = {name: _ranges(of_name) for name, of_name in networks.items()}
        self._patterns = {name: _pattern(name) for name in sorted(networks, key=len, reverse=True)}

    @property
    def totals(self) -> str:
        """The number of crawlers, and of networks once adjacent ones are merged."""
        ranges = sum(
            len(of_version) for one in self._ranges.values() for of_version in one.values()
        )
        return f"{len(self._ranges):,} crawlers with {ranges:,} networks"

    def names_in(self, client: str) -> tuple[str, ...]:
        """Return the crawlers of the file that a client names, the longest name first."""
        return tuple(name for name, pattern in self._patterns.items() if pattern.search(client))

    def contains(self, names: Iterable[str], address: str) -> bool | None:
        """Return whether an address is in the networks of any of these crawlers.

        Args:
            names: crawlers of the file.
            address: an address, or a network that stands for several addresses. A network counts if
                it overlaps a published one.

        Returns:
            None if the text is not an address.
        """
        wanted = parse_network(address)
        if wanted is None:
            return None
        first, last = int(wanted.network_address), int(wanted.broadcast_address)
        return any(_overlaps(self._ranges[name][wanted.version], first, last) for name in names)


def parse_network(text: str) -> Network | None:
    """Return the network that a text names; None if it names none. IPv4 in IPv6 becomes IPv4."""
    try:
        network = ip_network(text.strip().strip("[]"), strict=False)
    except ValueError:
        return None
    mapped = getattr(network.network_address, "ipv4_mapped", None)
    return ip_network(f"{mapped}/{network.prefixlen - 96}", strict=False) if mapped else network


def load_crawler_networks(setting: str) -> CrawlerNetworks | None:
    """Read the file or all files of the folder that the setting names; None if it is empty.

    Raises:
        SettingsError: a file cannot be read, has no network, or has a text in place of a network.
    """
    if not setting:
        return None
    try:
        path = Path(setting).expanduser()
        files = _files(path)
    except (OSError, RuntimeError) as error:
        # A name that is too long, a folder that may not be listed, or no home folder.
        raise _wrong(f"cannot be read: {error}", clip(setting, 200)) from error
    found: dict[str, set[Network]] = {}
    for file in files:
        pairs = list(_pairs(file))
        if not pairs:
            raise _wrong("contains no network", str(file))
        for name, network in pairs:
            for one in PUBLISHED_NAMES.get(name.lower(), (name,)):
                found.setdefault(one, set()).add(network)
    return CrawlerNetworks(str(path), {name: tuple(of_name) for name, of_name in found.items()})


def _files(path: Path) -> list[Path]:
    if path.is_file():
        return [path]
    if not path.is_dir():
        raise _wrong("there is no such file or folder", str(path))
    files = sorted(one for one in path.iterdir() if one.is_file() and one.name[0] != ".")
    if not files:
        raise _wrong("the folder contains no file", str(path))
    return files


def _pairs(file: Path) -> Iterator[tuple[str, Network]]:
    """Yield the name of a crawler and one of its networks, for each network of a file."""
    text = _text(file)
    own = re.sub(r"[-_](?:ips|ip-ranges|ipv4|ipv6|prefixes)$", "", file.stem)
    try:
        if file.suffix == ".toml":
            yield from _walk(_toml(text, str(file)), own, str(file))
        elif file.suffix == ".json" or text.lstrip().startswith("{"):
            yield from _walk(json.loads(text), own, str(file))
        else:
            yield from _lines(text, own, str(file))
    except (ValueError, RecursionError) as error:
        raise _wrong(f"is not {file.suffix[1:].upper() or 'JSON'}: {error}", str(file)) from error


def _text(file: Path) -> str:
    try:
        with file.open("rb") as stream:
            content = stream.read(LARGEST_LIST + 1)
        if len(content) > LARGEST_LIST:
            raise _wrong(f"has more than {LARGEST_LIST >> 20} MiB", str(file))
        return content.decode("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise _wrong(f"cannot be read: {error}", str(file)) from error


def _toml(text: str, where: str) -> dict[str, Any]:
    try:
        return parse_toml(text, where)
    except SettingsError as error:
        raise _wrong(error.what, where) from error


def _walk(value: Any, name: str, where: str) -> Iterator[tuple[str, Network]]:  # noqa: ANN401 - a document
    """Yield the networks of a document. A key, or a value beside them, names the crawler."""
    if isinstance(value, list):
        for one in value:
            if not isinstance(one, str) or parse_network(one) or _ADDRESS.fullmatch(one.strip()):
                yield from _walk(one, name, where)
    elif isinstance(value, dict):
        named = next((value[k] for k in _NAME_KEYS if isinstance(value.get(k), str)), name)
        for key, inner in value.items():
            generic = key.lower() in _GENERIC
            if isinstance(inner, str) and not generic:
                continue
            yield from _walk(inner, named if generic else key, where)
    elif isinstance(value, str):
        network = parse_network(value)
        if network is None:
            raise _wrong(f"{value[:60]!r} is not a network", where)
        yield name, network


def _lines(text: str, name: str, where: str) -> Iterator[tuple[str, Network]]:
    """Yield the networks of lines: a network and, before or after it, the crawler's name."""
    begun = False
    for number, whole in enumerate(text.splitlines(), start=1):
        line = whole.partition("#")[0].strip()
        fields = _fields(line)
        networks = [one for one in map(parse_network, fields) if one is not None]
        header = not begun and not any(map(_ADDRESS.fullmatch, fields))
        begun = begun or bool(line)
        if fields and not networks and not header:
            raise _wrong(f"line {number} contains no network", where)
        for network in networks:
            yield _named(line, fields) or name, network


def _fields(line: str) -> list[str]:
    """Return the fields of a line: of CSV if it has a delimiter, else its words."""
    fields = _DELIMITER.split(line) if _DELIMITER.search(line) else line.split()
    return [field for one in fields if (field := one.strip().strip("\"'"))]


def _named(line: str, fields: list[str]) -> str:
    """Return the crawler that a line names: its first field, or all words, beside the network."""
    others = [field for field in fields if parse_network(field) is None]
    named = " ".join(others[:1] if _DELIMITER.search(line) else others)
    return _VERSION.sub("", named)


def _ranges(networks: Iterable[Network]) -> dict[int, list[tuple[int, int]]]:
    """Return the first and last addresses of networks, merged and ascending, by version."""
    listed = list(networks)
    four = collapse_addresses(one for one in listed if isinstance(one, IPv4Network))
    six = collapse_addresses(one for one in listed if isinstance(one, IPv6Network))
    return {
        4: [(int(one.network_address), int(one.broadcast_address)) for one in four],
        6: [(int(one.network_address), int(one.broadcast_address)) for one in six],
    }


def _overlaps(ranges: list[tuple[int, int]], first: int, last: int) -> bool:
    """Return whether any of the ascending ranges has an address from ``first`` to ``last``."""
    before = bisect_right(ranges, last, key=lambda one: one[0])
    return before > 0 and ranges[before - 1][1] >= first


def _pattern(name: str) -> re.Pattern[str]:
    """Return the pattern that finds the name as a word in a client; ``Bing`` also finds bingbot."""
    words = r"[-_ ]?".join(map(re.escape, re.split(r"[-_ ]+", name.strip())))
    return re.compile(
        rf"(?:^|[^a-z0-9]){words}(?:bot|spider|crawler|preview)?(?:[^a-z]|$)", re.IGNORECASE
    )


def _wrong(what: str, where: str) -> SettingsError:
    return SettingsError(f"{SETTING}: {what}", where=where, hint=_HINT)
