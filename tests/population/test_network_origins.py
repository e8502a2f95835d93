"""Networks get the provider and country of their longest prefix in the operator's table."""

from __future__ import annotations

from ipaddress import ip_network
from pathlib import Path

import numpy as np
import pytest
from benchmarks.changing_people import HONEST, people

from ringfence.errors import SettingsError
from ringfence.population.network_origins import longest_prefixes
from ringfence.population.prefix_file import LARGEST_TABLE
from ringfence.settings import Settings
from ringfence.testing import small_ledger

TABLE = """\
prefix,provider,country
198.51.0.0/16,Broad,FR
198.51.100.0/24,Narrow,PT
198.51.64.0/18,Middle,
0.0.0.0/0,Anybody,
203.0.113.7/32,One host,DE
2001:db8::/32,Six,NL
2001:db8:17::/48,Six narrow,BE
2001:db8:18:5::/64,Too long,BE
"""


def table(folder: Path, text: str | bytes) -> str:
    """Write a table and return its path."""
    path = folder / "prefixes.csv"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return str(path)


@pytest.mark.parametrize(
    ("network", "provider", "country"),
    [
        ("198.51.100", "Narrow", "PT"),
        ("198.51.99", "Middle", None),
        ("198.51.101", "Middle", None),
        ("198.51.0", "Broad", "FR"),
        ("198.51.255", "Broad", "FR"),
        ("198.52.0", "Anybody", None),
        ("203.0.113", "Anybody", None),
        ("2001:db8:17", "Six narrow", "BE"),
        ("2001:db8:18", "Six", "NL"),
        ("2001:db8:", "Six", "NL"),
        ("2001:db9:1", None, None),
        ("::1", None, None),
        ("example.org", None, None),
        ("1.2.3.4.5", None, None),
        ("999.1.1", None, None),
        ("", None, None),
    ],
)
def test_the_longest_prefix_counts(
    tmp_path: Path, network: str, provider: str | None, country: str | None
) -> None:
    """Nested prefixes, both versions, and texts that name none."""
    (found,) = longest_prefixes([network], table(tmp_path, TABLE))
    assert (found.provider if found else None) == provider
    assert (found.country if found else None) == country


def test_random_prefixes_agree_with_a_search_of_all(tmp_path: Path) -> None:
    """Against every prefix of a random table, one by one."""
    rng = np.random.default_rng(4)
    prefixes = [
        ip_network((int(rng.integers(0, 1 << 16)) << 16, int(rng.integers(4, 25))), strict=False)
        for _ in range(300)
    ]
    text = "prefix,provider\n" + "\n".join(f"{one},{one}" for one in prefixes)
    numbers = rng.integers(0, 1 << 24, 400)
    networks = [f"{n >> 16}.{n >> 8 & 255}.{n & 255}" for n in numbers.tolist()]
    for network, found in zip(
        networks, longest_prefixes(networks, table(tmp_path, text)), strict=True
    ):
        holding = [one for one in prefixes if ip_network(f"{network}.0/24").subnet_of(one)]
        best = max(holding, key=lambda one: one.prefixlen, default=None)
        assert (found.provider if found else None) == (str(best) if best else None)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "has no columns named prefix"),
        ("prefix\n10.0.0.0/8\n", "has no columns named prefix"),
        ("provider,country\nA,PT\n", "has no columns named prefix"),
        ("prefix,provider\n10.0.0.0/8,A\nlocalhost,B\n", "line 3: 'localhost' is not a network"),
        ("prefix,provider\n10.0.0.0/33,A\n", "line 2: '10.0.0.0/33' is not a network"),
        ("provider,prefix\nA\n", "line 2: '' is not a network"),
        ("prefix,provider\n\x1b[31m\x07,A\n", "is not a network"),
        (b"prefix,provider\n\xff\xfe,A\n", "cannot be read"),
        ('prefix,provider\n"' + "9" * 200_000 + '",A\n', "cannot be read"),
    ],
)
def test_a_table_that_cannot_be_used_is_refused_in_one_line(
    tmp_path: Path, text: str | bytes, said: str
) -> None:
    """The message names the setting, the file and the line, and has no control characters."""
    with pytest.raises(SettingsError) as refused:
        longest_prefixes(["10.0.0"], table(tmp_path, text))
    assert said in str(refused.value)
    assert str(refused.value).isprintable()


@pytest.mark.parametrize(
    "path", ["/dev/null", "/dev/zero", "/", "no such file", "x" * 5_000, "~no/x", "\0"]
)
def test_a_path_that_is_no_file_is_refused(path: str) -> None:
    """Devices, folders and names that cannot exist."""
    with pytest.raises(SettingsError):
        longest_prefixes(["10.0.0"], path)


def test_a_table_that_is_too_large_is_refused(tmp_path: Path) -> None:
    """The size is looked at before anything is read."""
    path = tmp_path / "large.csv"
    with path.open("wb") as stream:
        stream.truncate(LARGEST_TABLE + 1)
    with pytest.raises(SettingsError, match="has more than"):
        longest_prefixes(["10.0.0"], str(path))


def test_a_hostile_provider_is_only_a_text(tmp_path: Path) -> None:
    """Quotes, markup and statements in names reach the table as they are."""
    name = "'); DROP TABLE places; -- <b>"
    text = f'prefix,provider\n0.0.0.0/0,"{name}"\n'
    settings = Settings.model_validate(
        {
            "engine": {"threads": 1},
            "places": {"prefixes": table(tmp_path, text)},
        }
    )
    events = people({"no change": (5, HONEST["no change"])}, 3)
    with small_ledger(events, settings=settings) as context:
        rows = context.engine.rows("SELECT DISTINCT provider, country FROM network_origins")
    assert rows == [(name, None)]


def test_without_a_table_no_network_has_an_origin() -> None:
    """The setting is empty by default."""
    with small_ledger(people({"no change": (5, HONEST["no change"])}, 3)) as context:
        assert context.engine.rows("SELECT count(*) FROM network_origins") == [(0,)]
