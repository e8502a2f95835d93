"""Read the truth about the accounts of a simulated scenario."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from ringfence.engine import open_engine
from ringfence.events.formats.source_columns import path_sql


@dataclass(frozen=True)
class Truth:
    """The kinds and attacks of a scenario's accounts.

    Attributes:
        kinds: the kind of user of each account; ``extractor`` for an account that never was one.
        attacks: the attack of each account that takes part in one.
    """

    kinds: Mapping[str, str]
    attacks: Mapping[str, str]

    @property
    def extractors(self) -> frozenset[str]:
        """Return the accounts that take part in an attack, stolen ones included."""
        return frozenset(self.attacks)

    @property
    def users(self) -> frozenset[str]:
        """Return the honest accounts."""
        return frozenset(self.kinds) - self.extractors

    def of_kind(self, *kinds: str) -> frozenset[str]:
        """Return the honest accounts of some kinds of user."""
        return frozenset(a for a in self.users if self.kinds[a] in kinds)

    def of_attack(self, *names: str) -> frozenset[str]:
        """Return the accounts of the attacks that have one of these names."""
        return frozenset(account for account, name in self.attacks.items() if name in names)


def read_truth(path: Path) -> Truth:
    """Read the file ``truth.parquet`` of a scenario.

    Raises:
        duckdb.Error: there is no such file.
    """
    select = f"SELECT account, kind, attack FROM read_parquet({path_sql(path)})"  # noqa: S608
    with open_engine() as engine:
        rows = engine.rows(select)
    return Truth(
        kinds={account: kind for account, kind, _ in rows},
        attacks={account: attack for account, _, attack in rows if attack is not None},
    )
