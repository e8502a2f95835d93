"""Links from outside: only exact, visible, public addresses reach a notice."""

from __future__ import annotations

import json
import os
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.leaks.notices_sample import make

from ringfence.errors import LeakError
from ringfence.leaks.notices import create_notice_key
from ringfence.leaks.notices.addresses import is_public_host, stated_link
from ringfence.leaks.notices.batches import BatchLimit, NoticeBatch, batches
from ringfence.leaks.notices.links import LinksToReport, ReportedLink, links_of_file
from ringfence.leaks.register import host_of
from ringfence.leaks.register.urls import LONGEST_LINK
from ringfence.settings import Settings
from ringfence.visible import visible

HOSTILE = {
    "control characters": "https://a.example.com/\x1b[31m",
    "a null": "https://a.example.com/\0",
    "a right-to-left mark": "https://a.example.com/\u202egpj.exe",
    "a right-to-left host": "https://a.example.com\u200f/",
    "a script": "javascript:alert(1)",
    "data": "data:text/html,x",
    "a space": "https://a.example.com/a b",
    "a no-break space": "https://a.example.com/a\u00a0b",
    "100 kB": "https://a.example.com/" + "x" * 100_000,
    "1 MB": "https://a.example.com/" + "x" * 1_000_000,
    "a name that IDNA refuses": "https://a\u2024b\u3002\ufe52.com/",
    "a long label": f"https://{'a' * 64}.com/",
    "a login": "https://www.music.example@a.example.com/",
    "a backslash": "https://a.example.com\\@b.example.com/",
    "this machine": "http://127.0.0.1/",
    "this machine by name": "http://localhost/",
    "a private network": "http://10.0.0.7/x",
    "a number as host": "http://2130706433/",
    "a short number as host": "http://127.1/",
    "a hexadecimal number as host": "http://127.0x1/",
    "no host": "https:///x",
    "one slash": "https:/a.example.com/",
    "a wrong port": "https://a.example.com:99999/",
    "bytes that are not UTF-8": "https://a.example.com/\udcff",
    "a template": "{{ claim.phone }}",
    "markup": "<script>",
}
"""Lines that no notice can state."""


@pytest.mark.parametrize("line", HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_line_is_refused_in_one_line(tmp_path: Path, line: str) -> None:
    """It is counted with a reason and a visible example, and no other file of the pack has it."""
    key = create_notice_key(tmp_path / "k")
    good = "https://a.example.com/1"
    made = make(tmp_path, key, f"{good}\n{line}\n{good}/2\n")
    assert (made.links, made.refused) == (2, 1)
    (said,) = (tmp_path / "pack/refused.jsonl").read_text().splitlines()
    record = json.loads(said)
    assert record["count"] == 1
    assert record["reason"]
    assert visible(record["example"]) == record["example"]
    assert len(record["example"]) <= 200
    text = (tmp_path / "pack/notices/hosts/a.example.com/0001.dmca.en.txt").read_text()
    assert f"\n\n{good}\n{good}/2\n\n" in text


STATED = {
    "HTTPS://A.Example.COM./Path": "https://a.example.com/Path",
    "http://a.example.com:8080//x//?": "http://a.example.com:8080//x//",
    "https://Müller.example.de/é?q=ü#ß": "https://xn--mller-kva.example.de/%C3%A9?q=%C3%BC",
    "https://a.example.com/\u05d0\u05d1": "https://a.example.com/%D7%90%D7%91",
    'https://a.example.com/<b>|"`^': "https://a.example.com/%3Cb%3E%7C%22%60%5E",
    "ftp://9.9.9.9/x": "ftp://9.9.9.9/x",
    "https://[2620:fe::fe]:443/": "https://[2620:fe::fe]/",
    "https://a_b.example.com?x": "https://a_b.example.com/?x",
}
"""Usable links, and how a notice states them."""


@pytest.mark.parametrize("text", STATED)
def test_a_link_is_stated_as_in_the_register(text: str) -> None:
    """Other alphabets become ASCII, and all spellings become one."""
    assert stated_link(text) == STATED[text]
    assert stated_link(STATED[text]) == STATED[text]
    assert is_public_host(host_of(STATED[text]))


@settings(max_examples=400, deadline=None)
@given(
    st.text(max_size=60), st.sampled_from(["", "http://", "https://a.example.com/", "http://x."])
)
def test_any_text_gives_a_plain_address_or_a_reason(rest: str, start: str) -> None:
    """An accepted link has only visible ASCII, no space, and the host that programs find."""
    try:
        url = stated_link(start + rest)
    except LeakError:
        return
    assert url.isascii()
    assert url.isprintable()
    assert " " not in url
    assert len(url) <= LONGEST_LINK
    assert urlsplit(url).hostname == host_of(url).strip("[]")
    assert stated_link(url) == url


def read(folder: Path, name: str, content: str) -> tuple[list[ReportedLink], LinksToReport]:
    """Return the links of a file with this content, and what was counted."""
    (folder / name).write_bytes(content.encode())
    with links_of_file(folder / name, Settings()) as found:
        return list(found), found


def test_all_formats_give_the_same_links(tmp_path: Path) -> None:
    """Lists, csv in any order of columns, and JSON lines; the link that names its work counts."""
    url = "https://a.example.com/1"
    plain = ReportedLink(url, "a.example.com")
    with_work = ReportedLink(url, "a.example.com", 'Night, "Bus"')
    assert read(tmp_path, "a.txt", f"\ufeff{url}\r\n\n {url} \n")[0] == [plain]
    table = f'\ufeffwork,URL,n\r\n"Night, ""Bus""",{url},1\r\n,{url},2'
    assert read(tmp_path, "a.csv", table)[0] == [with_work]
    lines = [{"url": url, "work": 'Night, "Bus"'}, {"url": url, "work": None}]
    text = "\n".join(map(json.dumps, lines))
    assert read(tmp_path, "a.jsonl", text)[0] == [with_work]


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("a.csv", "https://a.example.com/1"),
        ("a.jsonl", "[" * 10_000),
        ("a.jsonl", "{}"),
        ("a.jsonl", "[1]"),
        ("a.jsonl", '{"url": 1}'),
        ("a.jsonl", "nan"),
    ],
)
def test_a_broken_record_costs_only_its_line(tmp_path: Path, name: str, line: str) -> None:
    """The records around it are read, and it is counted."""
    first, last = "https://a.example.com/1", "https://a.example.com/2"
    records = [f'{{"url": "{one}"}}' if name == "a.jsonl" else f"{one},x" for one in (first, last)]
    head = "" if name == "a.jsonl" else "url,work\n"
    links, found = read(tmp_path, name, f"{head}{records[0]}\n{line}\n{records[1]}\n")
    assert [one.url for one in links] == [first, last]
    assert [one.count for one in found.refused] == [1]


def test_a_work_from_outside_is_one_visible_line(tmp_path: Path) -> None:
    """Hidden characters of a work are shown, and it has at most 200 characters."""
    record = json.dumps({"url": "https://a.example.com/1", "work": "a\nb\u202e" + "x" * 5_000})
    ((link,), _) = read(tmp_path, "a.jsonl", record)
    assert link.work.startswith("a\\u{a}b\\u{202e}")
    assert len(link.work) == 200


def test_files_that_have_no_links_are_refused(tmp_path: Path) -> None:
    """Places without a file, a csv without the column, and a line without an end say what is wrong.

    None of them leaves a folder that would be in the way of the next run.
    """
    key = create_notice_key(tmp_path / "k")
    os.mkfifo(tmp_path / "pipe")
    for name, content, said in (
        ("a.csv", "address\nhttps://a.example.com\n", "has no column 'url'"),
        ("b.csv", "", "is empty"),
        ("c.txt", "https://a.example.com/" + "x" * 3_000_000, "has a line of more than 2 MiB"),
        ("d.txt", "http://localhost/1\nhttp://localhost/2\n", "2 refused: has a host that is not"),
        ("e.txt", "javascript:1\n", "1 refused: is not an http, https or ftp link"),
    ):
        with pytest.raises(LeakError, match=said):
            make(tmp_path, key, content, file=name)
        assert not (tmp_path / "pack").exists()
        assert not list(tmp_path.glob(".*"))
    for place in (tmp_path / "none", tmp_path, tmp_path / "pipe", Path("/dev/zero")):
        with (
            pytest.raises(LeakError, match="there is no such file"),
            links_of_file(place, Settings()),
        ):
            pass
    make(tmp_path, key)


def test_only_those_who_were_not_told_get_a_notice() -> None:
    """A link goes to the recipients that did not get it before."""
    told = {"a.example.com": "host", "b.example.com": "bing"}
    links = [
        ReportedLink(f"https://{host}/1", host, told=frozenset({one})) for host, one in told.items()
    ]
    limits = {"host": BatchLimit(9), "google": BatchLimit(9), "bing": BatchLimit(9)}
    made = list(batches(links, limits))  # type: ignore[arg-type]
    found = {one.recipient: [link.host[0] for link in one.links] for one in made}
    assert found == {"host": ["b"], "google": ["a", "b"], "bing": ["a"]}


def some_links(hosts: int, per_host: int) -> list[ReportedLink]:
    """Return links, sorted by host."""
    return [
        ReportedLink(f"https://h{host:03}.example.com/{n}", f"h{host:03}.example.com")
        for host in range(hosts)
        for n in range(per_host)
    ]


@settings(max_examples=100, deadline=None)
@given(
    hosts=st.integers(1, 6), per_host=st.integers(1, 9),
    by_host=st.integers(1, 10), by_engine=st.integers(1, 30), size=st.integers(40, 400),
)  # fmt: skip
def test_each_link_is_in_one_notice_of_each_recipient(
    hosts: int, per_host: int, by_host: int, by_engine: int, size: int
) -> None:
    """No notice is over a limit, none is empty, numbers have no gap, and no link is lost."""
    links = some_links(hosts, per_host)
    limits = {"host": BatchLimit(by_host), "google": BatchLimit(by_engine, size)}
    made = list(batches(iter(links), limits))  # type: ignore[arg-type]
    for recipient in limits:
        parts = [one for one in made if one.recipient == recipient]
        assert [link for one in parts for link in one.links] == links
    numbers: dict[tuple[str, str], int] = {}
    for one in made:
        place = (one.recipient, one.host)
        numbers[place] = numbers.get(place, 0) + 1
        assert one.number == numbers[place]
        assert 0 < len(one.links) <= limits[one.recipient].links
        if one.recipient == "host":
            assert {link.host for link in one.links} == {one.host}
        else:
            assert sum(len(link.url) + 1 for link in one.links) <= size


def test_notices_are_made_while_links_arrive() -> None:
    """At most one notice per recipient is in memory: the first comes long before the last link."""
    seen = 0

    def stream() -> object:
        nonlocal seen
        for link in some_links(100, 10):
            seen += 1
            yield link

    first = next(batches(stream(), {"host": BatchLimit(10), "bing": BatchLimit(50)}))  # type: ignore[arg-type]
    assert isinstance(first, NoticeBatch)
    assert seen == 11


def test_links_that_are_not_sorted_are_refused() -> None:
    """Otherwise two notices of a host would have the same number."""
    with pytest.raises(ValueError, match="not sorted"):
        list(batches(some_links(2, 1)[::-1], {"host": BatchLimit(10)}))
