"""Attacks: strategies with parameters, under permanent names."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from functools import cache
from importlib.resources import files
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from ringfence.errors import SettingsError
from ringfence.lab.simulate.extractors import STRATEGIES, Strategy
from ringfence.lab.simulate.origins import Origin
from ringfence.suggestions import did_you_mean

PlantedLink = Literal["burst", "network", "device", "payment", "client", "script", "rotation"]


@dataclass(frozen=True)
class Attack:
    """A strategy with its parameters and a permanent name.

    Attributes:
        name: permanent name.
        strategy: strategy and its parameters.
        description: one sentence.
        links: attributes that the accounts share: burst (of sign-ups), network, device, payment,
            client, script (a client that names itself one). With rotation, each account comes from
            another network every hour, as through residential proxies.
        origin: addresses and clients of the accounts; None for places like those of users. A stolen
            account with an origin is used from there, too, besides its owner's places.
    """

    name: str
    strategy: Strategy
    description: str
    links: tuple[PlantedLink, ...] = ()
    origin: Origin | None = None


class _Entry(BaseModel):
    """One attack in the file ``attacks.toml``."""

    model_config = ConfigDict(extra="forbid")

    strategy: str
    description: str
    parameters: dict[str, Any] = {}
    links: tuple[PlantedLink, ...] = ()
    origin: Origin | None = None


@cache
def _table() -> dict[str, _Entry]:
    text = files("ringfence.lab.simulate").joinpath("attacks.toml").read_text(encoding="utf-8")
    return TypeAdapter(dict[str, _Entry]).validate_python(tomllib.loads(text))


def attack_names() -> tuple[str, ...]:
    """Return the names of all attacks, in the order of the file."""
    return tuple(_table())


def load_attack(name: str, parameters: Mapping[str, Any] | None = None) -> Attack:
    """Return an attack by its name.

    Args:
        name: one of :func:`attack_names`.
        parameters: values to use instead of the attack's own, such as ``accounts`` or ``days``.

    Raises:
        SettingsError: there is no attack of that name, or it has no such parameter.
    """
    entry = _table().get(name)
    if entry is None:
        raise SettingsError(
            f"there is no attack {name!r}",
            hint=did_you_mean(name, attack_names()) or f"one of {', '.join(attack_names())}",
        )
    values = {**entry.parameters, **(parameters or {})}
    strategy = _strategy(STRATEGIES[entry.strategy], values, f"attack {name}")
    return Attack(name, strategy, entry.description, entry.links, entry.origin)


def _strategy(kind: type[Strategy], values: dict[str, Any], where: str) -> Strategy:
    try:
        return TypeAdapter(kind).validate_python(values)
    except ValidationError as error:
        first = error.errors()[0]
        name = ".".join(map(str, first["loc"]))
        raise SettingsError(
            f"{name}: {first['msg']}",
            where=where,
            hint=f"it takes {', '.join(field.name for field in fields(kind))}",
        ) from error
