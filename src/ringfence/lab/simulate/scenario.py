"""Scenarios: descriptions of a simulated service, as TOML files with permanent names."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator
from datetime import date
from importlib.resources import files
from pathlib import Path
from typing import Any, Final, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from ringfence.errors import SettingsError
from ringfence.lab.simulate.attacks import Attack, load_attack
from ringfence.suggestions import did_you_mean
from ringfence.toml_files import parse_toml, read_toml

ColumnName = Literal[
    "seconds", "group", "surface", "ip", "client", "device", "payment", "signed_up",
    "status", "bytes", "records", "referrer", "assets",
]  # fmt: skip
"""Columns that events may have besides ``ts``, ``account`` and ``item``."""

LARGEST_SEED: Final = 2**53
"""Largest seed of a scenario: every program that reads the number as JSON reads it exactly."""

_FOLDER: Final = files("ringfence.lab.simulate").joinpath("scenarios")


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class CatalogueSection(_Section):
    """``[catalogue]``: the items of the service."""

    items: int = Field(ge=100, le=256_000_000, description="Number of items; about 17 per group.")
    write: bool | None = Field(
        None,
        description="Whether the catalogue is written as a file. Default: up to 20 million items.",
    )


class UserSection(_Section):
    """``[users]``: the honest accounts."""

    accounts: int = Field(ge=1, le=100_000_000, description="Accounts, special users included.")
    kinds: dict[str, int | float] = Field(
        {},
        description="Special users by kind: a whole number of accounts, or a share of them. "
        "Kinds that are left out have their natural share.",
    )
    visitors: bool = Field(
        False,
        description="Whether accounts are addresses with a browser, as on a site without logins. "
        "Needs the columns ip and client.",
    )
    rest: str = Field(
        "ordinary",
        description="Kind of all other accounts. If they are not ordinary, kinds that are left out "
        "have no accounts.",
    )


class AttackSection(_Section):
    """``[[attack]]``: accounts that extract the catalogue."""

    name: str = Field(description="Permanent name of the attack.")
    start_day: int = Field(0, ge=0, description="Day of the scenario on which it begins, from 0.")
    parameters: dict[str, int | float | str] = Field(
        {}, description="Parameters to change, such as accounts or days."
    )

    def load(self) -> Attack:
        """Return the attack.

        Raises:
            SettingsError: the attack or a parameter does not exist.
        """
        return load_attack(self.name, self.parameters)


class Scenario(_Section):
    """A simulated service: its catalogue, its users, and the attacks on it.

    Attributes:
        name: permanent name, or that of the file.
        description: one sentence.
        seed: seed of all randomness.
        start: first day, UTC.
        days: number of days.
        columns: optional columns that are written.
        catalogue: the items.
        users: the honest accounts.
        attack: the attacks, in this order.
    """

    name: str = Field("", description="Name; by default that of the file.")
    description: str = Field("", description="One sentence.")
    seed: int = Field(
        1, ge=0, le=LARGEST_SEED, description="Another seed makes other events of the same kind."
    )
    start: date = Field(date(2026, 3, 2), description="First day, UTC.")
    days: int = Field(ge=1, le=3660, description="Number of days.")
    columns: tuple[ColumnName, ...] = Field(
        ("seconds", "group"),
        description="Columns besides ts, account and item. Default: seconds and group.",
    )
    catalogue: CatalogueSection
    users: UserSection
    attack: tuple[AttackSection, ...] = ()

    @model_validator(mode="after")
    def _fits(self) -> Scenario:
        if self.users.visitors and not {"ip", "client"} <= {*self.columns}:
            raise ValueError("users.visitors needs the columns ip and client")
        for attack in self.attack:
            attack.load()
            if attack.start_day >= self.days:
                raise ValueError(f"attack {attack.name} starts after the last day")
        return self

    def with_seed(self, seed: int | None) -> Scenario:
        """Return the scenario with another seed; the same scenario for None.

        Raises:
            SettingsError: the seed is negative or too large.
        """
        if seed is not None and not 0 <= seed <= LARGEST_SEED:
            raise SettingsError(f"must be from 0 to {LARGEST_SEED}, not {seed}", where="--seed")
        return self if seed is None else self.model_copy(update={"seed": seed})

    def with_columns(self, names: Iterable[ColumnName]) -> Scenario:
        """Return the scenario with more columns; the others stay."""
        wanted = {*self.columns, *names}
        columns = tuple(name for name in get_args(ColumnName) if name in wanted)
        return self.model_copy(update={"columns": columns})

    def to_toml(self) -> str:
        """Return the text of a TOML file that makes the same events."""
        return "\n".join(_lines(self.model_dump(mode="json", exclude_none=True)))


def scenario_names() -> tuple[str, ...]:
    """Return the permanent names of scenarios, sorted."""
    return tuple(
        sorted(
            entry.name.removesuffix(".toml")
            for entry in _FOLDER.iterdir()
            if entry.name.endswith(".toml")
        )
    )


def load_scenario(name: str | Path) -> Scenario:
    """Read a scenario.

    Args:
        name: a permanent name, or the path of a TOML file.

    Raises:
        SettingsError: the scenario does not exist, or a key or value in it cannot be used.
    """
    if str(name) in scenario_names():
        text = _FOLDER.joinpath(f"{name}.toml").read_text(encoding="utf-8")
        return _validated(parse_toml(text, str(name)), str(name))
    path = Path(name)
    if path.suffix == ".toml" and not os.path.exists(path):  # noqa: PTH110 - see below
        raise SettingsError(
            "there is no such file", where=str(path), hint="check the path of the scenario"
        )
    if not os.path.exists(path):  # noqa: PTH110 - Path.exists raises for long names
        raise SettingsError(
            f"there is no scenario {str(name)!r}",
            hint=did_you_mean(str(name), scenario_names())
            or f"name a TOML file, or one of {', '.join(scenario_names())}",
        )
    return _validated(read_toml(path), str(path), path.stem)


def _validated(table: dict[str, Any], where: str, stem: str = "") -> Scenario:
    try:
        return Scenario.model_validate({"name": stem or where, **table})
    except ValidationError as error:
        # An unknown key often explains a missing one, so it is reported first.
        first = min(error.errors(), key=lambda one: one["type"] != "extra_forbidden")
        key = ".".join(str(part) for part in first["loc"])
        if first["type"] == "extra_forbidden":
            first["msg"] = "there is no such key"
        raise SettingsError(
            f"{key}: {first['msg']}" if key else first["msg"].removeprefix("Value error, "),
            where=where,
            hint="docs/reference/scenarios.md lists every key",
        ) from error


def _lines(table: dict[str, Any], path: str = "") -> Iterator[str]:
    """Write a table as TOML: its values first, then the tables in it."""
    for key, value in table.items():
        if not _is_table(value):
            # Strings, numbers, booleans and lists of them look the same in JSON and in TOML.
            yield f"{key} = {json.dumps(value, ensure_ascii=False)}"
    for key, value in table.items():
        if _is_table(value):
            many = isinstance(value, list)
            for inner in value if many else [value]:
                yield f"\n[[{path}{key}]]" if many else f"\n[{path}{key}]"
                yield from _lines(inner, f"{path}{key}.")


def _is_table(value: object) -> bool:
    return isinstance(value, dict) or (
        isinstance(value, list) and bool(value) and isinstance(value[0], dict)
    )
