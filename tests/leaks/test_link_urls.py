"""Links in one spelling: the rules in Python, and the same rules in SQL."""

from __future__ import annotations

import random
from collections.abc import Iterator

import numpy as np
import pytest

from ringfence.engine import open_engine
from ringfence.errors import LeakError
from ringfence.leaks.register.url_sql import host_sql, normal_relation
from ringfence.leaks.register.urls import (
    LONGEST_LINK,
    TRACKING_PARAMETERS,
    host_of,
    normalise_url,
)

SAME = [
    ("HTTP://Example.COM/a", "http://example.com/a"),
    ("http://example.com", "http://example.com/"),
    ("http://example.com?a=1", "http://example.com/?a=1"),
    ("http://example.com:80/", "http://example.com/"),
    ("https://example.com:0443/", "https://example.com/"),
    ("https://example.com:80/", "https://example.com:80/"),
    ("ftp://example.com:/f", "ftp://example.com/f"),
    ("http://example.com./", "http://example.com/"),
    ("http://a.com/%7Euser/%e3%81%82", "http://a.com/~user/%E3%81%82"),
    ("http://a.com/あ b".replace(" ", "%20"), "http://a.com/%E3%81%82%20b"),
    ("http://a.com/a/./b/../c/.", "http://a.com/a/c/"),
    ("http://a.com/../..", "http://a.com/"),
    ("http://a.com/%2e%2E/x", "http://a.com/x"),
    ("http://a.com/.../..x", "http://a.com/.../..x"),
    ("http://a.com//a//b", "http://a.com//a//b"),
    ("http://a.com/100%", "http://a.com/100%25"),
    ("http://a.com/%zz", "http://a.com/%25zz"),
    ("http://a.com/x#part?gclid=1", "http://a.com/x"),
    ("http://a.com/x#with space\x07", "http://a.com/x"),
    ("  http://a.com/x\r\n", "http://a.com/x"),
    ("http://a.com/x?", "http://a.com/x"),
    ("http://a.com/x?utm_source=a&id=7&FBCLID=b", "http://a.com/x?id=7"),
    ("http://a.com/x?gclid=1", "http://a.com/x"),
    ("http://a.com/x?%75tm_source=1&gclidx=2", "http://a.com/x?gclidx=2"),
    ("http://a.com/x?a&&b&", "http://a.com/x?a&&b&"),
    ("http://a.com/gclid=1&utm_a=2", "http://a.com/gclid=1&utm_a=2"),
    ("http://a.com/<b>'\"", "http://a.com/%3Cb%3E'%22"),
    ("http://a.com/\u202egpj.exe", "http://a.com/%E2%80%AEgpj.exe"),
    ("http://bücher.example/", "http://xn--bcher-kva.example/"),
    ("http://B%C3%BCcher.example/", "http://xn--bcher-kva.example/"),
    ("http://ｅxample.com/", "http://example.com/"),
    ("http://[2001:DB8:0:0::1]:8080/", "http://[2001:db8::1]:8080/"),
    ("http://my_host/x", "http://my_host/x"),
]

REFUSED = [
    "", " ", "example.com/x", "//example.com/x", "javascript:alert(1)", "data:text/html,x",
    "mailto:a@b.c", "http:example.com", "http:/example.com", "http://", "http:///x", "http://?a",
    "http://user:secret@example.com/", "http://a b.com/", "http://a.com/a b", "http://a.com/\x00",
    "http://a.com/\tx", "http://a.com:65536/", "http://a.com:0/", "http://a.com:8x/",
    "http://a.com:80:80/", "http://-a.com/", "http://a-.com/", "http://a..com/", "http://.com/",
    "http://a.com\\@b.com/", "http://[::1/", "http://[fe80::1%25eth0]/", "http://[1.2.3.4]/",
    f"http://{'a' * 64}.com/", f"http://{'a.' * 130}com/", "http://\u202ea.com/", "http://a%00.com/",
    "http://a.com/\ud800", "http://xn--a.é.com\u3002/", f"http://a.com/{'x' * LONGEST_LINK}",
    f"http://a.com/{'é' * 3000}", "http://" + "é" * 100_000 + ".com/",
]  # fmt: skip


def refused(text: str) -> bool:
    """Return whether a link is refused."""
    try:
        normalise_url(text)
    except LeakError:
        return True
    return False


@pytest.mark.parametrize(("text", "normal"), SAME)
def test_a_link_has_one_spelling(text: str, normal: str) -> None:
    """Each spelling becomes the normal form, which is a fixed point."""
    assert normalise_url(text) == normal
    assert normalise_url(normal) == normal


@pytest.mark.parametrize("text", REFUSED, ids=lambda text: repr(text[:30]))
def test_another_text_is_refused_in_one_line(text: str) -> None:
    """A refusal is a short line without the text, whatever the text is."""
    with pytest.raises(LeakError) as caught:
        normalise_url(text)
    assert str(caught.value).isprintable()
    assert len(str(caught.value)) < 120


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("http://a.com/x:1", "a.com"),
        ("http://a.com:8080/", "a.com"),
        ("http://[::1]/", "[::1]"),
        ("http://[::1]:8080/", "[::1]"),
    ],
)
def test_the_host_has_no_port(url: str, host: str) -> None:
    """The host of a normal form is the part before the port; in SQL, too."""
    assert host_of(url) == host
    with open_engine() as engine:
        assert engine.rows(f"SELECT {host_sql('$url')}", {"url": url}) == [(host,)]


FRONTS = ["http://", "https://", "HTTP://", "ftp://", "Https://", "http:/", "javascript:", ""]
HOSTS = [
    "a.com", "A.Com", "a.com.", "a.com:80", "a.com:443", "a.com:21", "a.com:", "a.com:8080",
    "a.com:0080", "[::1]", "exämple.org", "xn--exmple-cua.org", "a_b.c", "-a.com", "a..com", "",
    "a" * 64 + ".com", "\u212a.com", "a%2ecom", "ａ.com", "1.2.3.4", "a.com\\b", "u@a.com",
    "a.com:80:80", ("a" * 60 + ".") * 4 + "com", ("a" * 30 + ".") * 2 + "com", "\u202ea.com",
]  # fmt: skip
PATHS = [
    "/", "", "/a", "/./", "/../a", "/...", "/..a", "/a.", "/.a", "/.", "/..", "/a%20b", "/a%2fb",
    "/%7Eu", "/%", "/%zz", "/ä", "/a b", "/\x07", "//", "/a|b", "/[x]", "/<script>", "/\u202e",
    "/%2E%2e/x", "/a&gclid=1", "/a\nb", "/\u00a0", "/%25", "/%2541", "/a:b@c", "/'x'", "/\x00",
]  # fmt: skip
QUERIES = [
    "", "?", "?a=1", "?utm_source=x", "?a=1&utm_source=x&b=2", "?utm_a&utm_b", "?gclid", "?gclidx",
    "?GCLID=1&a", "?&", "?&&", "?a&&b", "?&utm_x=1", "?utm_x=1&", "?a?b", "?a?gclid=1", "?a=/../",
    "?%75tm_source=1", "?a[]=1", "?a=%5B%5d", "?q=é", "?fbclid=1&fbclid=2&a=1", "?utm_=", "?_gl=1",
    "?utm_x=1;a=2", "?a=utm_x", "?gclid=1?b", "?a=gclid&=1",
]  # fmt: skip
FRAGMENTS = ["", "#", "#x", "#?gclid=1", "#/a#b", "# "]
SIGNS = "abAB0159%./?#&=:@[]-_~ é\\"


def texts(rng: random.Random, count: int) -> Iterator[str]:
    """Yield links of odd parts, links of random signs, and random signs alone."""
    for _ in range(count):
        front = rng.choice(FRONTS[:5] if rng.random() < 0.9 else FRONTS)
        host = rng.choice(HOSTS[:8] if rng.random() < 0.7 else HOSTS)
        path = "".join(rng.choices(PATHS, k=rng.choice([1, 1, 2, 3])))
        yield front + host + path + rng.choice(QUERIES) + rng.choice(FRAGMENTS)
        signs = "".join(rng.choices(SIGNS, k=rng.randint(0, 14)))
        yield f"http://a.b/{signs}"
        yield signs


@pytest.mark.parametrize("seed", range(3))
def test_sql_and_python_agree(seed: int) -> None:
    """If SQL gives a normal form, it is that of Python; SQL gives none where Python refuses."""
    asked = list(dict.fromkeys(texts(random.Random(seed), 8_000)))  # noqa: S311 - repeatable
    asked += [text for text in [*REFUSED, *(text for text, _ in SAME)] if "\ud800" not in text]
    with open_engine() as engine:
        engine.table("asked", {"url": np.array(asked, dtype=object)})
        normal = normal_relation("asked", "url")
        rows = engine.rows(f"SELECT text, normal, {host_sql('normal')} FROM ({normal})")
    assert len(rows) == len(asked)
    handled = [row for row in rows if row[1] is not None]
    expected = [(text, normalise_url(text)) for text, _, _ in handled if not refused(text)]
    assert [(text, url) for text, url, _ in handled] == expected
    assert [host for _, _, host in handled] == [host_of(url) for _, url in expected]
    assert len(handled) > 2_000


def test_sql_handles_the_usual_spellings() -> None:
    """A normal form, capitals, fragments, default ports and tracking do not need Python."""
    normal = "https://files-7.example/file/0a1b/track-9.flac"
    usual = [
        normal, f"{normal}?id=1", normal.replace("https://files", "HTTPS://FILES"), f"{normal}#x",
        f"{normal}?utm_source=a&id=1", normal.replace(".example", ".example:443"), "http://a.com",
        *(f"{normal}?{name}=1" for name in TRACKING_PARAMETERS),
    ]  # fmt: skip
    with open_engine() as engine:
        engine.table("asked", {"url": np.array(usual, dtype=object)})
        rows = engine.rows(f"SELECT text, normal FROM ({normal_relation('asked', 'url')})")
    assert dict(rows) == {text: normalise_url(text) for text in usual}


@pytest.mark.parametrize("seed", range(3))
def test_a_normal_form_is_a_fixed_point(seed: int) -> None:
    """Normalising a second time changes nothing, and never makes a refused text of it."""
    for text in texts(random.Random(100 + seed), 3_000):  # noqa: S311 - repeatable
        if not refused(text):
            url = normalise_url(text)
            assert normalise_url(url) == url
            assert url.isascii()
            assert url.isprintable()
            assert " " not in url
