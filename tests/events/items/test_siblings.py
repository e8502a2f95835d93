"""Groups with fixed names above files, such as the shows of a podcast."""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest
from tests.events.items.platforms import WORDS
from tests.events.items.test_learning import read

from ringfence.engine import Engine
from ringfence.events.items import Visit, choose

NAMES = {
    "numbered": lambda n: f"{WORDS[n % 20]}-{n}",
    "words": lambda n: f"{WORDS[n % 20]}-{WORDS[n // 20 % 20]}",
    "repeated": lambda n: f"episode-{n // 5}",
}


@pytest.mark.parametrize("naming", NAMES.values(), ids=NAMES)
@pytest.mark.parametrize("odd", ["night", "art", "people", "archive", "news", "covers"])
def test_no_group_is_lost_for_its_name(
    engine: Engine, naming: Callable[[int], str], odd: str
) -> None:
    """Every file of every group is one item, whatever words name the groups, known or new."""
    groups = ["morning", "history", "science", "cooking", odd]
    draw = random.Random(1)  # noqa: S311 - no secret
    urls = [f"/episodes/{groups[n % 5]}/{naming(n)}.mp3" for n in range(300)]
    visits = [
        Visit(url, f"user-{person}")
        for person in range(60)
        for _ in range(draw.randint(2, 25))
        for url in ["/", draw.choice(urls)]
    ]
    preset = choose(visits + [v for v in visits if v.url != "/"]).preset
    items = [item for item, _ in read(engine, preset, urls)]
    assert preset.name == "learned"
    assert None not in items
    assert len(set(items)) == len(set(urls))
    ((new, _),) = read(engine, preset, ["/episodes/unseen/river-7.mp3"])
    assert new
