"""List the Python functions that read text from outside, each with valid texts."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from typing import Final, NamedTuple

from tests.events.formats.test_products import SAMPLES as PRODUCTS
from tests.events.formats.test_products import record
from tests.events.layouts.samples import SAMPLES

from ringfence.errors import RingfenceError
from ringfence.events.formats import FORMATS, Format
from ringfence.events.formats.request_lines import split_request
from ringfence.events.items.learning.learn import learn
from ringfence.events.items.page import Visit
from ringfence.events.items.presets import PRESETS
from ringfence.events.items.rules import is_page
from ringfence.events.json_values import json_values
from ringfence.events.layouts.known import KNOWN
from ringfence.events.layouts.matching import Matcher
from ringfence.events.layouts.plausible import is_address
from ringfence.events.layouts.prefixes import find_prefix
from ringfence.events.layouts.separated import separated_layout
from ringfence.events.layouts.tail import with_tail
from ringfence.events.line_ends import one_end
from ringfence.events.open_quotes import closes_quotes
from ringfence.events.recognition import looks_like_records
from ringfence.events.record_lines import document_kind
from ringfence.events.secrets import mask_secrets
from ringfence.pipeline.signs_in_accounts import is_nobody
from ringfence.visible import visible

CSV: Final = '2026-03-09T08:00:00Z,ann,tr-1,"Player/2.1 (Demo)"'
W3C: Final = '2026-03-09 08:00:00 192.0.2.11 ann GET /tracks/1 a=b 200 "Player/2.1 Demo"'
LOGFMT: Final = 'ts=2026-03-09T08:00:00Z account=ann item=tr-1 agent="Player/2.1 (Demo)"'
URL: Final = "https://c.example:443/record/1.pdf?user=ann&key=x#a"


class Reader(NamedTuple):
    """A function that reads text, and texts that are valid for it."""

    name: str
    read: Callable[[str], object]
    samples: tuple[str, ...]


def readers() -> Iterator[Reader]:
    """Yield every Python function that a hostile text may reach."""
    yield from _layouts()
    yield from _formats()
    yield from _recognition()
    yield from _values()


def text_samples() -> tuple[str, ...]:
    """Return one line of each layout."""
    return tuple(sample.lines[0][0] for sample in SAMPLES)


def json_samples() -> tuple[str, ...]:
    """Return one record of each product."""
    return tuple(json.dumps(record(PRODUCTS[name])) for name in PRODUCTS)


def _layouts() -> Iterator[Reader]:
    for known in KNOWN:
        matcher = Matcher(known.layout())
        own = (next(filter(matcher.record, text_samples()), text_samples()[0]),)
        yield Reader(f"layout {known.name}", matcher.record, own)
        yield Reader(f"rest of {known.name}", matcher.rest, own)
        if known.has_tail:
            layout = known.layout()
            yield Reader(
                f"tail of {known.name}",
                lambda text, layout=layout: with_tail(layout, [text] * 2),
                (' "-" "Player/2.1 (Demo)" rt=0.1 uct="0.0" "192.0.2.11, 203.0.113.4"',),
            )
    for sample in SAMPLES:
        lines = [line for line, _ in sample.lines]
        form = next(form for kind in FORMATS if (form := kind()).recognises(lines))
        yield Reader(f"log {sample.layout} {sample.title}".strip(), form.parse, (lines[0],))


def _formats() -> Iterator[Reader]:
    for name, header, line in (
        ("csv", ["ts,account,item,agent"], CSV),
        ("csv, tabs", ["ts\taccount\titem\tagent"], CSV.replace(",", "\t")),
        ("logfmt", [], LOGFMT),
        ("w3c", [_FIELDS], W3C),
        ("w3c, tabs", [_FIELDS.replace(" ", "\t")], W3C.replace(" ", "\t")),
    ):
        form = _form([*header, line, line])
        yield Reader(name, form.parse, (line,))
    for line in json_samples():
        yield Reader(f"json {line[:20]}", _form([line]).parse, (line,))


_FIELDS: Final = (
    "#Fields: date time c-ip cs-username cs-method "
    "cs-uri-stem cs-uri-query sc-status cs(User-Agent)"
)


def _form(lines: Sequence[str]) -> Format:
    form = next(form for kind in FORMATS if (form := kind()).recognises(lines))
    for line in lines:
        form.parse(line)
    return form


def _recognition() -> Iterator[Reader]:
    every = (*text_samples()[::6], *json_samples()[:2], CSV, W3C, LOGFMT)
    for kind in FORMATS:
        yield Reader(
            f"recognise {kind.name}", lambda text, kind=kind: _recognised(kind, text), every
        )
    yield Reader("separated", lambda text: separated_layout([text]), every)
    yield Reader("prefix", lambda text: find_prefix([text]), text_samples()[::4])
    yield Reader("document", lambda text: document_kind(text, whole=True), json_samples()[:2])
    records = f"[{json_samples()[0]}, {json_samples()[1]}]"
    for name, start in (
        ("", ""),
        (" after a long one", '[{"a": "%s"},'),
        (" in an open one", '{"%s'),
    ):
        yield Reader(f"records{name}", lambda text, start=start: _records(start, text), (records,))
    yield Reader("a text as records", lambda text: looks_like_records([text]), every)


def _recognised(kind: type[Format], text: str) -> bool:
    with suppress(RingfenceError):
        return kind().recognises([text, text])
    return False


def _values() -> Iterator[Reader]:
    texts = (*text_samples()[:2], json_samples()[0], URL, "Authorization: Bearer x", 'a"key": "b"')
    yield Reader("secrets", mask_secrets, texts)
    yield Reader("visible", visible, ("a",))
    yield Reader("address", is_address, ("192.0.2.11:80", "[2001:db8::7%eth0]:80"))
    yield Reader("request", split_request, ("GET /record/1 HTTP/1.1", URL))
    yield Reader("line ends", lambda text: one_end(text.encode("utf-8", "replace")), texts[:1])
    yield Reader("balanced", lambda text: closes_quotes(text.encode("utf-8", "replace")),
                 texts[:2])  # fmt: skip
    yield Reader("nobody", is_nobody, ("anonymous", "ann"))
    yield Reader("page", is_page, (URL,))
    for preset in PRESETS:
        yield Reader(f"items {preset.name}", preset.finds, (URL, "/iiif/x/full/max/0/default.jpg"))
    yield Reader("learning", lambda text: learn([Visit(text, "ann")] * 3), (URL,))


def _records(start: str, text: str) -> int:
    """Split a document that begins with a record as long as the text."""
    document = start.replace("%s", "x" * len(text)) + text
    return sum(1 for _ in json_values([document.encode("utf-8", "replace")]))
