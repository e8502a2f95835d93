"""Variants of an item in its id, its query, its language or its title, and what only looks so."""

from __future__ import annotations

import random
from collections.abc import Sequence

import pytest
from tests.events.items.test_learning import read

from ringfence.engine import Engine
from ringfence.events.items import Visit, learn

VARIANTS = {
    "version": ("/abs/23{n}", "/abs/23{n}v1", "/abs/23{n}v2"),
    "separate version": ("/report/tr-{n}", "/report/tr-{n}-v2"),
    "format": ("/ark/b6k{n}", "/ark/b6k{n}.textebrut", "/ark/b6k{n}.item.zoom"),
    "language": ("/node/{n}", "/de/node/{n}", "/fr/node/{n}", "/data/node/article/{n}"),
    "title behind": ("/p/{n}-{t}", "/p/{n}"),
    "title before": ("/shop/{t}-p{n}.html", "/ajax/view?id={n}"),
    "title above": ("/articles/{t}/{n}", "/api/articles/{n}"),
    "path in a parameter": ("/object/{n}", "/viewer?manifest=%2Fobject%2F{n}%2Fmanifest"),
    "words in a parameter": ("/wiki/{t}", "/w/index.php?title={t}&oldid={x}"),
    "actions": ("/read/{n}", "/show/{n}", "/book/{n}"),
}
"""Shapes of one record: its number, its title, and a number that is always new."""

OTHERS = {
    "letters of pages": ("/leaf/ms{n}a", "/leaf/ms{n}b"),
    "dotted parts": ("/leaf/ms{n}.recto", "/leaf/ms{n}.verso"),
    "issues": ("/issue/{n}-1", "/issue/{n}-2"),
}
"""Shapes of two records each, which accounts often open one after the other."""


def urls_of(shape: str, number: int, fresh: int) -> str:
    """Return the URL of a record in a shape."""
    title = f"{'abcdefghij'[number % 10] * 3}-{'klmnopq'[number % 7] * 4}-story-{number}"
    return shape.format(n=1_000 + number, t=title, x=900_000_000 + fresh)


def visits(shapes: Sequence[str], others: Sequence[str] = ()) -> list[tuple[Visit, str]]:
    """Return visits with their record; an account often returns to the record it saw last."""
    draw = random.Random(3)  # noqa: S311 - no secret
    found = []
    last: dict[int, int] = {}
    for fresh in range(5_000):
        who = draw.randrange(80)
        number = int(500 * draw.random() ** 2)
        if who in last and draw.random() < 0.5:
            number = last[who]
        last[who] = number
        shape = draw.choice((*shapes, *others))
        kind = "record" if shape in shapes else "other"
        if shape in others:
            number = int(500 * draw.random() ** 2)
        found.append((Visit(urls_of(shape, number, fresh), f"a{who}"), f"{kind} {number}"))
    return found


@pytest.mark.parametrize("shapes", VARIANTS.values(), ids=VARIANTS)
def test_variants_are_one_item(engine: Engine, shapes: Sequence[str]) -> None:
    """Every page of a record has the record's one item, and no other record has it."""
    seen = visits(shapes)
    found = read(engine, learn([visit for visit, _ in seen]), [visit.url for visit, _ in seen])
    pairs = {(record, item) for (_, record), (item, _) in zip(seen, found, strict=True)}
    assert all(item for _, item in pairs)
    assert len(pairs) == len({record for record, _ in pairs}) == len({item for _, item in pairs})


@pytest.mark.slow
@pytest.mark.parametrize("shapes", OTHERS.values(), ids=OTHERS)
def test_parts_that_only_look_like_variants_stay_apart(
    engine: Engine, shapes: Sequence[str]
) -> None:
    """Records whose ids differ only in their end are never one item."""
    urls = sorted({visit.url for visit, _ in visits(shapes)})
    found = read(engine, learn([visit for visit, _ in visits(shapes)]), urls)
    assert len({item for item, _ in found}) == len(urls)


@pytest.mark.parametrize("other", ["/blog/{n}", "/gallery/read/{n}", "/de/blog/{n}"])
def test_equal_numbers_of_two_kinds_are_two_items(engine: Engine, other: str) -> None:
    """Numbers that two kinds share by chance do not make them one kind."""
    seen = visits(("/photo/{n}", "/photo/{n}-{t}", "/de/photo/{n}"), (other,))
    found = read(engine, learn([visit for visit, _ in seen]), [visit.url for visit, _ in seen])
    of: dict[str | None, set[str]] = {}
    for (_, record), (item, _) in zip(seen, found, strict=True):
        of.setdefault(item, set()).add(record)
    of.pop(None, None)
    assert all(len(records) == 1 for records in of.values())
