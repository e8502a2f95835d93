"""Attacks by their permanent names, and what can go wrong with them."""

from __future__ import annotations

import pytest

from ringfence.errors import SettingsError
from ringfence.lab.simulate.attacks import attack_names, load_attack
from ringfence.lab.simulate.extractors import STRATEGIES, Even, Mimic

PROMISED = {
    "greedy", "even-ring-1000", "waking-ring-1000", "incident-480", "ring-interleaved",
    "ring-blocks", "ring-random", "ring-by-artist", "ring-tail", "small-shares-200",
    "small-shares-2000", "week-and-replaced", "stolen", "metadata-only", "replay",
    "bought-collisions", "mimic", "slow-start",
}  # fmt: skip


def test_permanent_names_stay() -> None:
    """No name that results were published under is lost."""
    assert set(attack_names()) >= PROMISED


def test_the_incident_is_the_published_one() -> None:
    """480 accounts, 1,000 items per day around the clock for 180 days: 86 million files."""
    attack = load_attack("incident-480")
    assert isinstance(attack.strategy, Even)
    strategy = attack.strategy
    assert (strategy.accounts, strategy.per_day, strategy.days) == (480, 1_000, 180)
    assert strategy.accounts * strategy.per_day * strategy.days == pytest.approx(86e6, rel=0.01)


def test_every_strategy_has_an_attack() -> None:
    """Every strategy has at least one attack, and every attack has a sentence."""
    attacks = [load_attack(name) for name in attack_names()]
    assert {attack.strategy.name for attack in attacks} == set(STRATEGIES)
    assert all(attack.description.endswith(".") for attack in attacks)


@pytest.mark.parametrize("link", ["burst", "network", "device", "payment", "client"])
def test_every_link_has_an_attack_of_its_own(link: str) -> None:
    """Each attribute that accounts share has an attack with that link alone."""
    assert load_attack(f"small-shares-200-{link}").links == (link,)


@pytest.mark.parametrize(("name", "link"), [("scripted", "script"), ("rotating", "rotation")])
def test_a_linked_ring_differs_from_the_plain_one_by_its_link(name: str, link: str) -> None:
    """The attack with the link has the same strategy as the attack without it."""
    attack = load_attack(f"ring-{name}")
    assert attack.links == (link,)
    assert attack.strategy == load_attack("ring-interleaved").strategy


def test_parameters_can_be_changed() -> None:
    """Given parameters replace the attack's own; the others stay."""
    strategy = load_attack("mimic", {"accounts": 3, "new_per_day": 12}).strategy
    assert isinstance(strategy, Mimic)
    assert (strategy.accounts, strategy.new_per_day, strategy.days) == (3, 12.0, 60)


@pytest.mark.parametrize(
    ("name", "parameters", "said"),
    [
        ("gredy", {}, "there is no attack 'gredy' (did you mean greedy?)"),
        ("x", {}, "there is no attack 'x' (one of greedy, even-ring-1000,"),
        ("greedy", {"acounts": 3}, "attack greedy: acounts: Unexpected keyword argument (it takes"),
        ("greedy", {"accounts": 0}, "accounts: Input should be greater than or equal to 1"),
        ("mimic", {"returns": 1.0}, "returns: Input should be less than or equal to 0.97"),
        ("ring-blocks", {"split": "odd"}, "split: Input should be 'interleaved', 'blocks' or"),
    ],
)
def test_errors_name_the_mistake(name: str, parameters: dict[str, object], said: str) -> None:
    """A misspelt name or parameter and an impossible value are one clear line."""
    with pytest.raises(SettingsError) as error:
        load_attack(name, parameters)
    assert said in str(error.value)
    assert "\n" not in str(error.value)
