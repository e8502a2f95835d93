"""Test the attributes of planted accounts: their own or shared, in the users' columns."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

import duckdb
import numpy as np
import pytest

from ringfence.lab.evaluate import Population, open_population
from ringfence.lab.evaluate.growing_ledger import GrowingLedger, joint_context
from ringfence.lab.evaluate.planted_attributes import SIGN_UP_BEFORE
from ringfence.lab.evaluate.planting import PlantedAttack, plant
from ringfence.lab.evaluate.replay import attack_events
from ringfence.lab.simulate.attacks import PlantedLink
from ringfence.lab.simulate.attributes import BURST, CLIENT_NAMES, RARE, SCRIPT_CLIENT, TOGETHER
from ringfence.lab.simulate.extractors import Even, Replacement, Stolen, Strategy
from ringfence.rings.links.attributes import load_attributes
from ringfence.rings.links.linked_sets import find_linked_sets
from ringfence.settings import Settings

pytestmark = pytest.mark.xdist_group("planted-attributes")

SCENARIO = """
days = 6
columns = ["group", "surface", "ip", "client", "device", "payment", "signed_up"]
[catalogue]
items = 5_000
[users]
accounts = 600
"""
RING = 50


def planted(  # noqa: PLR0913, PLR0917 - every test sets some of them
    population: Population,
    folder: Path,
    links: Sequence[PlantedLink] = (),
    strategy: Strategy | None = None,
    seed: int = 1,
    days: int = 1,
) -> PlantedAttack:
    """Plant a ring of 50 accounts, or another strategy, on the third day."""
    strategy = strategy or Even(accounts=RING, per_day=3, days=1)
    return plant(
        population, "r", strategy, seed=seed, first_day=2, days=days, scratch=folder, links=links
    )


def columns(ring: PlantedAttack) -> dict[str, np.ndarray]:
    """Return the events as columns."""
    with duckdb.connect() as connection:
        return connection.execute(f"FROM '{ring.events}'").fetchnumpy()


def by_account(ring: PlantedAttack, column: str) -> list[object]:
    """Return the single value of each account, in the order of accounts."""
    with duckdb.connect() as connection:
        rows = connection.execute(f"SELECT DISTINCT account, {column} FROM '{ring.events}'")
        pairs = rows.fetchall()
    values = dict(pairs)
    assert len(values) == len(pairs) == ring.names.size
    return [values[name] for name in ring.names]


def test_columns_are_the_users(hundred: Population, linked: Population, tmp_path: Path) -> None:
    """Planted events have the users' columns with the same types."""
    for population in (hundred, linked):
        ring = planted(population, tmp_path, ("device", "payment", "burst"))
        with duckdb.connect() as connection:
            described = [
                connection.execute(f"DESCRIBE FROM {relation}").fetchall()
                for relation in (population.relation, f"'{ring.events}'")
            ]
        assert described[0] == described[1]
    assert "device" not in hundred.columns


@pytest.mark.parametrize("column", ["device", "payment"])
def test_devices_and_payment_are_shared_if_linked(
    linked: Population, tmp_path: Path, column: PlantedLink
) -> None:
    """Linked accounts share one in groups; unlinked accounts have one each."""
    shared = by_account(planted(linked, tmp_path, (column,)), column)
    together = TOGETHER[column]
    runs = [set(shared[n : n + together]) for n in range(0, RING, together)]
    assert all(len(run) == 1 for run in runs)
    assert len(set.union(*runs)) == len(runs) == -(-RING // together)
    own = [value for value in by_account(planted(linked, tmp_path), column) if value]
    assert len(set(own)) == len(own) > 20


def test_unpaid_accounts_are_as_frequent_as_among_users(linked: Population, tmp_path: Path) -> None:
    """A third of the users and a third of the unlinked accounts have no means of payment."""
    strategy = Even(accounts=600, per_day=1, days=1)
    paid = by_account(planted(linked, tmp_path, strategy=strategy), "payment")
    assert paid.count(None) == pytest.approx(600 * 34 / 100, abs=50)


def test_names_that_users_have_are_avoided(tmp_path: Path, linked: Population) -> None:
    """Planted devices have names that no user's device has."""
    with duckdb.connect() as connection:
        connection.execute(
            f"COPY (SELECT * REPLACE ('planted r device 1' AS device) FROM {linked.relation}) "
            f"TO '{tmp_path / 'same.parquet'}'"
        )
    same = open_population(str(tmp_path / "same.parquet"), linked.settings, tmp_path)
    assert by_account(planted(same, tmp_path), "device")[0] == "planted r device' 1"


def test_sign_ups_precede_the_first_take(linked: Population, tmp_path: Path) -> None:
    """An account signs up in the week before its own first take."""
    strategy = Replacement(accounts=6, per_day=30, life=2, days=6)
    ring = planted(linked, tmp_path, strategy=strategy, days=6)
    first = np.full(6, ring.end)
    np.minimum.at(first, ring.account, ring.moment)
    made = np.array(by_account(ring, "signed_up"), "datetime64[s]").astype(np.int64)
    assert first.max() - first.min() > 3 * 86_400
    assert np.all((first - made > 0) & (first - made <= SIGN_UP_BEFORE))
    assert np.ptp(first - made) > 86_400


def test_bursts_come_before_the_attack(linked: Population, tmp_path: Path) -> None:
    """Groups of a hundred accounts sign up within hours, in the week before the attack."""
    strategy = Even(accounts=300, per_day=1, days=1)
    ring = planted(linked, tmp_path, ("burst",), strategy)
    made = np.array(by_account(ring, "signed_up"), "datetime64[s]").astype(np.int64)
    bursts = made.reshape(-1, TOGETHER["burst"])
    assert np.all(np.ptp(bursts, axis=1) <= BURST)
    assert np.all(np.ptp(bursts, axis=1) > BURST / 2)
    assert np.ptp(bursts.mean(axis=1)) > BURST
    assert ring.moment.min() - SIGN_UP_BEFORE - BURST <= made.min() < made.max() < ring.moment.min()


def test_stolen_accounts_keep_sign_up_and_payment(linked: Population, tmp_path: Path) -> None:
    """The device is the attacker's; sign-up and means of payment stay the user's."""
    ring = planted(linked, tmp_path, ("payment", "burst"), Stolen(accounts=9, per_day=10, days=1))
    assert len(set(by_account(ring, "device"))) == 9
    names = set(ring.names)
    with GrowingLedger(attack_events(linked, ring), linked.settings) as folding:
        folding.advance(ring.end)
        tables = ("payments", "signups", "devices")
        counts = {name: folding.engine.rows(f"SELECT count(*) FROM {name}") for name in tables}
    paying = sum(1 for name in names if int(name[-4:]) % 3)
    assert counts == {"payments": [(paying,)], "signups": [(9,)], "devices": [(18,)]}


def test_the_same_seed_carries_the_same(linked: Population, tmp_path: Path) -> None:
    """The file depends on the seed only, and other seeds change payment and sign-ups."""
    made = []
    for seed in (1, 1, 2):
        ring = planted(linked, tmp_path, ("device",), seed=seed)
        made.append((ring.events.read_bytes(), by_account(ring, "payment"),
                     by_account(ring, "signed_up")))  # fmt: skip
        ring.events.unlink()
    assert made[0] == made[1]
    assert all(one != other for one, other in zip(made[0], made[2], strict=True))


def test_networks_and_clients_are_shared_if_linked(hundred: Population, tmp_path: Path) -> None:
    """Accounts have a network each or share one; a shared client is a rare one."""
    networks = []
    for links in ((), ("network", "client")):
        events = columns(planted(hundred, tmp_path, links))
        networks.append({address.rpartition(".")[0] for address in events["ip"]})
        assert len(set(events["ip"])) == RING
    assert [len(one) for one in networks] == [RING, 2]
    assert set(events["client"]) == {CLIENT_NAMES[RARE]}


def test_scripts_and_rotation_are_visible(hundred: Population, tmp_path: Path) -> None:
    """A script names itself; a rotating account changes its network every hour."""
    strategy = Even(accounts=5, per_day=96, days=1)
    events = columns(planted(hundred, tmp_path, ("script", "rotation"), strategy))
    assert set(events["client"]) == {CLIENT_NAMES[SCRIPT_CLIENT]}
    hours = events["ts"].astype("datetime64[h]").astype(np.int64)
    networks = [address.rpartition(".")[0] for address in events["ip"]]
    slots = set(zip(events["account"], hours, networks, strict=True))
    assert len(slots) == 5 * 24
    assert len(set(networks)) > 110
    assert all(64 <= int(network.split(".")[1]) < 128 for network in networks)


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory, settings: Settings) -> Population:
    """Return 600 simulated users, as in the scenario ``links``."""
    folder = tmp_path_factory.mktemp("service")
    (folder / "service.toml").write_text(SCENARIO)
    return open_population(str(folder / "service.toml"), settings, folder)


@pytest.fixture(scope="module")
def ledger(service: Population) -> Iterator[GrowingLedger]:
    """Yield the ledger of these users after three days."""
    with GrowingLedger(f"SELECT * FROM {service.relation}", service.settings) as folding:
        folding.advance(service.start + 3 * 86_400)
        yield folding


def sets_with(ledger: GrowingLedger, population: Population, ring: PlantedAttack) -> Counter[str]:
    """Return, per attribute, the members in linked sets that consist almost only of members."""
    found: Counter[str] = Counter()
    with GrowingLedger(attack_events(population, ring), population.settings) as attack:
        attack.advance(ring.end)
        with joint_context(ledger, attack) as context:
            rows = context.engine.rows(
                "SELECT account_key, account FROM accounts ORDER BY account_key"
            )
            keys = np.array([key for key, _ in rows], np.uint64)
            mine = np.isin([name for _, name in rows], ring.names.tolist())
            for one in find_linked_sets(load_attributes(context.engine, keys, context.columns)):
                if mine[one.members].mean() > 0.9:
                    found["+".join(one.attributes)] += int(mine[one.members].sum())
    return found


@pytest.mark.slow
@pytest.mark.parametrize(
    ("links", "attributes"),
    [
        (("device",), "device"),
        (("payment",), "payment"),
        (("burst",), "sign-up"),
        (("device", "payment", "network"), "device+payment+network"),
    ],
)
def test_a_linked_ring_is_a_linked_set(
    service: Population,
    ledger: GrowingLedger,
    tmp_path: Path,
    links: Sequence[PlantedLink],
    attributes: str,
) -> None:
    """Members are in linked sets of the attribute that they share; of a burst, nearly all."""
    found = sets_with(ledger, service, planted(service, tmp_path, links))
    least = 0.9 * RING if links == ("burst",) else RING
    assert least <= found[attributes] <= RING


def test_an_unlinked_ring_has_no_linked_set(
    service: Population, ledger: GrowingLedger, tmp_path: Path
) -> None:
    """Accounts without links share no attribute through the way they are planted."""
    assert not sets_with(ledger, service, planted(service, tmp_path))
