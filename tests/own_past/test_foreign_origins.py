"""Origins that foreign parts share link accounts only if few others use them."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

from ringfence.engine import Engine, open_engine
from ringfence.own_past.foreign_origins import find_shared_origins
from ringfence.settings import EngineSettings

CUT = 20
HOME, ABROAD, PROVIDER = 100, 200, 300
KNOWN, NEW = 7, 8
NEWCOMERS = range(1, 6)


@pytest.fixture(name="engine")
def _engine() -> Iterator[Engine]:
    """Yield an engine with five accounts that were cut on one day, and no carried attributes."""
    with open_engine(EngineSettings(threads=1)) as engine:
        cut = {"account_key": keys(*NEWCOMERS), "cut": np.full(len(NEWCOMERS), CUT, np.int32)}
        engine.table("foreign_cuts", cut)
        engine.run("CREATE TEMP TABLE account_devices (account_key UBIGINT, device VARCHAR)")
        engine.run("CREATE TEMP TABLE account_payments (account_key UBIGINT, payment VARCHAR)")
        yield engine


def keys(*numbers: int) -> np.ndarray:
    """Return keys of accounts, networks or clients."""
    return np.array(numbers, np.uint64)


def use(engine: Engine, *rows: tuple[int, int, int, int]) -> None:
    """Make the table of places: account, day of appearance, network and client of each row."""
    account, appeared, network, client = (np.array(column) for column in zip(*rows, strict=True))
    engine.table(
        "place_use",
        {
            "account_key": account.astype(np.uint64),
            "appeared": appeared.astype(np.int32),
            "network_key": network.astype(np.uint64),
            "place_key": np.where(network < PROVIDER, network, PROVIDER).astype(np.uint64),
            "client_key": client.astype(np.uint64),
        },
    )


def shared(engine: Engine) -> dict[tuple[str, int], set[int]]:
    """Return the accounts of each origin that links accounts."""
    find_shared_origins(engine)
    found: dict[tuple[str, int], set[int]] = {}
    for key, attribute, value in engine.rows("FROM foreign_origins"):
        found.setdefault((attribute, value), set()).add(key)
    return found


def test_a_network_that_only_foreign_parts_use_links_them(engine: Engine) -> None:
    """Each has a client and a home of its own."""
    home = [(one, 0, HOME + one, 50 + one) for one in NEWCOMERS]
    abroad = [(one, CUT, ABROAD, 60 + one) for one in NEWCOMERS]
    use(engine, *home, *abroad)
    assert shared(engine) == {("network", ABROAD): set(NEWCOMERS)}


def test_use_before_the_cut_is_no_origin(engine: Engine) -> None:
    """A company whose network all know links nobody, however few others use it."""
    use(engine, *((one, 0, HOME, 50 + one) for one in NEWCOMERS))
    assert shared(engine) == {}


def test_a_network_with_residents_links_nobody(engine: Engine) -> None:
    """A campus, its VPN, and a mobile operator are places where others live."""
    campus = [(resident, 0, ABROAD, KNOWN) for resident in range(10, 16)]
    use(engine, *((one, CUT, ABROAD, 60 + one) for one in NEWCOMERS), *campus)
    assert shared(engine) == {}
    use(engine, *((one, CUT, ABROAD, 60 + one) for one in NEWCOMERS), *campus[:5])
    assert shared(engine) == {("network", ABROAD): set(NEWCOMERS)}


def test_a_popular_new_browser_links_nobody(engine: Engine) -> None:
    """Everybody gets it, most of them at home."""
    at_home = [(one, 0, HOME + one, NEW) for one in range(10, 30)]
    use(engine, *((one, CUT, ABROAD + one, NEW) for one in NEWCOMERS), *at_home)
    assert shared(engine) == {}


def test_a_client_of_a_program_links_its_accounts(engine: Engine) -> None:
    """The networks may all be different."""
    use(engine, *((one, CUT, ABROAD + one, NEW) for one in NEWCOMERS))
    assert shared(engine) == {("client", NEW): set(NEWCOMERS)}


def test_networks_of_one_provider_are_one_place(engine: Engine) -> None:
    """The table of prefixes gives them one place."""
    use(engine, *((one, CUT, PROVIDER + one, 60 + one) for one in NEWCOMERS))
    assert shared(engine) == {("network", PROVIDER): set(NEWCOMERS)}


def test_two_friends_link_nobody(engine: Engine) -> None:
    """Three accounts are the least."""
    use(engine, (1, CUT, ABROAD, 61), (2, CUT, ABROAD, 62))
    assert shared(engine) == {}
    use(engine, (1, CUT, ABROAD, 61), (2, CUT, ABROAD, 62), (3, CUT, ABROAD, 63))
    assert shared(engine) == {("network", ABROAD): {1, 2, 3}}


@pytest.mark.parametrize("attribute", ["device", "payment"])
def test_devices_and_payments_link_without_days(engine: Engine, attribute: str) -> None:
    """A device that many others have, such as that of a reading room, does not."""
    use(engine, *((one, CUT, ABROAD + one, 60 + one) for one in NEWCOMERS))
    rows = [(one, "thief's") for one in NEWCOMERS] + [(one, "room's") for one in range(1, 20)]
    for key, value in rows:
        engine.run(
            f"INSERT INTO account_{attribute}s VALUES ($key, $value)",
            {"key": key, "value": value},
        )
    (accounts,) = shared(engine).values()
    assert accounts == set(NEWCOMERS)
