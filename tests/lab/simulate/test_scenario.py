"""Scenario files: permanent names, users' own, and what is wrong with them."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from ringfence.errors import SettingsError
from ringfence.lab.simulate.plan import ScenarioPlan, mix_of
from ringfence.lab.simulate.scenario import Scenario, load_scenario, scenario_names

SMALLEST = "days = 2\n[catalogue]\nitems = 1000\n[users]\naccounts = 50\n"


@pytest.fixture
def own(tmp_path: Path) -> Path:
    """A user's own scenario."""
    path = tmp_path / "own.toml"
    path.write_text(SMALLEST)
    return path


def test_permanent_names_stay() -> None:
    """No name that results were published under is lost, and each has what it promises."""
    promised = {
        "small": (2_000, 28, 200_000),
        "town": (20_000, 60, 2_000_000),
        "city": (100_000, 30, 10_000_000),
        "year": (1_000, 365, 2_000_000),
        "incident": (20_000, 14, 256_000_000),
        "billion": (310_000, 40, 10_000_000),
    }
    assert promised.keys() <= set(scenario_names())
    for name, size in promised.items():
        scenario = load_scenario(name)
        assert (scenario.users.accounts, scenario.days, scenario.catalogue.items) == size
        assert bool(scenario.attack) == (name == "incident")
    assert [attack.name for attack in load_scenario("incident").attack] == ["incident-480"]


@pytest.mark.parametrize("name", scenario_names())
def test_every_scenario_says_what_it_is_and_fits(name: str) -> None:
    """Each can be planned, and has a name and a sentence."""
    scenario = load_scenario(name)
    assert scenario.name == name
    assert scenario.description.endswith(".")
    assert len(ScenarioPlan(scenario).campaigns) == len(scenario.attack)


def test_a_file_has_defaults(own: Path) -> None:
    """Keys that a file leaves out have their defaults; the scenario has the name of the file."""
    scenario = load_scenario(own)
    assert (scenario.name, scenario.seed, scenario.columns) == ("own", 1, ("seconds", "group"))


@pytest.mark.parametrize("name", scenario_names())
def test_written_scenarios_are_the_same(name: str) -> None:
    """The text of to_toml reads as the same scenario."""
    scenario = load_scenario(name)
    assert Scenario.model_validate(tomllib.loads(scenario.to_toml())) == scenario


def test_hostile_texts_survive_writing(own: Path) -> None:
    """Quotes, backslashes and line ends in a description are written as TOML."""
    hostile = 'a "b" \\ c\n[users]\ntab\t\x1b'
    scenario = load_scenario(own).model_copy(update={"description": hostile})
    assert tomllib.loads(scenario.to_toml())["description"] == hostile


def test_another_seed(own: Path) -> None:
    """A given seed replaces the scenario's own; None leaves it."""
    scenario = load_scenario(own)
    assert scenario.with_seed(9).seed == 9
    assert scenario.with_seed(None) is scenario


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("days = ", "own.toml: is not TOML:"),
        (SMALLEST.replace("items", "itens"), "catalogue.itens: there is no such key"),
        (SMALLEST + "colectors = 3\n", "users.colectors: there is no such key"),
        (SMALLEST.replace("days = 2", "days = 0"), "days: Input should be greater than or equal"),
        ('columns = ["agent"]\n' + SMALLEST, "columns.0: Input should be 'seconds', 'group'"),
        (SMALLEST + '[[attack]]\nname = "x"\n', "there is no attack 'x' (one of greedy"),
        (
            SMALLEST + '[[attack]]\nname = "greedy"\n[attack.parameters]\nspeed = 3\n',
            "attack greedy: speed: Unexpected keyword argument",
        ),
        (
            SMALLEST + '[[attack]]\nname = "greedy"\nstart_day = 2\n',
            "own.toml: attack greedy starts after the last day",
        ),
    ],
)
def test_what_is_wrong_is_said(own: Path, text: str, said: str) -> None:
    """Unknown keys and impossible values are one line that names the key."""
    own.write_text(text)
    with pytest.raises(SettingsError) as error:
        load_scenario(own)
    assert said in str(error.value)
    assert "\n" not in str(error.value)


def test_an_unknown_name_lists_the_known_ones() -> None:
    """An unknown name is answered with the similar one, or with all names if none is similar."""
    with pytest.raises(SettingsError, match=r"no scenario 'xy' .*besieged, billion, city"):
        load_scenario("xy")
    with pytest.raises(SettingsError, match=r"no scenario 'smal' \(did you mean small\?\)"):
        load_scenario("smal")


def test_kinds_are_counts_shares_or_natural(own: Path) -> None:
    """A whole number is a count, a fraction is a share; a missing kind has its natural share."""
    own.write_text(
        SMALLEST.replace("= 50", "= 1000") + "[users.kinds]\ncollector = 3\nshop = 0.1\ncrawler = 1"
    )
    mix = mix_of(load_scenario(own).users, "own")
    assert mix.special.items() >= {("collector", 3), ("shop", 100), ("crawler", 1)}
    assert "granted" not in mix.special
    assert 0 < mix.special["family"] < 100


@pytest.mark.parametrize(
    ("kinds", "said"),
    [
        ("colector = 3", "there is no kind 'colector' (did you mean collector?)"),
        ("x = 3", "there is no kind 'x' (one of collector,"),
        ("collector = 51", "special users of 50"),
        ("collector = -1", "collector: -1 is neither a whole number of accounts nor a share"),
        ("collector = 1.5", "collector: 1.5 is neither"),
    ],
)
def test_wrong_kinds(own: Path, kinds: str, said: str) -> None:
    """Kinds that do not exist or do not fit are refused with one line."""
    own.write_text(f"{SMALLEST}[users.kinds]\n{kinds}\n")
    with pytest.raises(SettingsError) as error:
        ScenarioPlan(load_scenario(own))
    assert said in str(error.value)


def test_accounts_to_steal_are_users(own: Path) -> None:
    """Stolen accounts are users' and nobody's twice; with too few users it is refused."""
    stolen = '[[attack]]\nname = "stolen"\n[attack.parameters]\naccounts = 20\n'
    own.write_text(SMALLEST + stolen * 2)
    world = ScenarioPlan(load_scenario(own))
    taken = [account for campaign in world.campaigns for account in campaign.account.tolist()]
    assert world.accounts == 50
    assert len(set(taken)) == 40
    assert max(taken) < 50
    own.write_text(SMALLEST + stolen * 3)
    with pytest.raises(SettingsError, match="too few ordinary users"):
        ScenarioPlan(load_scenario(own))
