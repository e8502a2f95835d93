"""A client that sends long URIs neither makes answers late nor gets more items."""

from __future__ import annotations

import time
from itertools import count

import pytest

from ringfence.engine import open_engine
from ringfence.events.items import PRESETS
from ringfence.service.authorize.gateways import GATEWAY_PROFILES
from ringfence.service.authorize.long_uris import LongUriTurns
from ringfence.service.authorize.requests import (
    NO_ITEM,
    UNREADABLE,
    ItemReading,
    QuestionReader,
)
from ringfence.settings import EngineSettings


def test_one_client_takes_no_turn_of_another() -> None:
    """Beyond its burst, a client has one turn per second, and the others have theirs."""
    moment = [0.0]
    turns = LongUriTurns(lambda: moment[0])
    assert [turns.take("eve") for _ in range(30)] == [True] * 20 + [False] * 10
    moment[0] = 1.0
    assert [turns.take("eve"), turns.take("eve"), turns.take("ann")] == [True, False, True]


def test_many_clients_share_ten_turns_per_second() -> None:
    """A client under many names gets no more of the time than a quarter."""
    moment = [0.0]
    turns = LongUriTurns(lambda: moment[0])
    names = map(str, count())
    assert sum(turns.take(next(names)) for _ in range(20_000)) == 20
    moment[0] = 1.0
    assert sum(turns.take(next(names)) for _ in range(1_000)) == 10
    moment[0] = 3_600.0
    assert sum(turns.take(next(names)) for _ in range(1_000)) == 20


@pytest.mark.slow
def test_a_flood_of_long_uris_is_charged_and_not_read() -> None:
    """A URI that is not read may name any item, so it counts as one that is new to the account."""
    preset = next(one for one in PRESETS if one.name == "scholarly")
    with open_engine(EngineSettings(threads=1)) as engine:
        reader = QuestionReader(bytes(32), ItemReading(preset), engine)
        headers = {"x-ringfence-account": "eve", "x-original-uri": "/" + "abc/" * 300}
        asked = [reader.read(GATEWAY_PROFILES["nginx"], headers, "GET") for _ in range(20)]
        assert {one.item for one in asked} == {NO_ITEM}
        began = time.thread_time()
        asked = [reader.read(GATEWAY_PROFILES["nginx"], headers, "GET") for _ in range(1_000)]
        assert time.thread_time() - began < 1
        assert sum(one.item == UNREADABLE for one in asked) > 980
        headers["x-original-uri"] = "/short"
        assert reader.read(GATEWAY_PROFILES["nginx"], headers, "GET").item == NO_ITEM
