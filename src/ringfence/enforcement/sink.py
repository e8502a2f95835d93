"""The door to connected systems: an effect, the two kinds of sinks, and the errors of sinks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal, Protocol, runtime_checkable

from ringfence.errors import RingfenceError

EffectName = Literal["throttle", "challenge", "suspend", "lift"]
"""The new state of an account; ``lift`` means that nothing is imposed on it any more."""


@dataclass(frozen=True)
class Effect:
    """The new state of an account, as a sink is told it.

    A sink is told each effect at least once, and the effects on one account in order. After a crash
    it may be told the same effect again, with the same key.

    Attributes:
        number: place in the order of all effects. A sink that has applied a greater number to an
            account can ignore this one.
        key: idempotency key, the same at every attempt.
        account: the account.
        name: the new state.
        decision: number of the decision behind it.
        made: when it was decided, microseconds since 1970.
        until: when it ends by itself, microseconds since 1970; None for no end.
        ground: the clause of the terms of use, in words that may be published.
        suspended: whether the sink has suspended the account, by an earlier effect.
    """

    number: int
    key: str
    account: str
    name: EffectName
    decision: int
    made: int
    until: int | None
    ground: str
    suspended: bool


class SinkError(RingfenceError):
    """A sink has not applied an effect.

    Args:
        what: the problem, without secrets and without the name of the account.
        retry: whether a later attempt may succeed.
        where: the sink, as far as it may be shown.
    """

    def __init__(self, what: str, *, retry: bool, where: str = "") -> None:
        self.retry = retry
        super().__init__(what, where=where)


@runtime_checkable
class Sink(Protocol):
    """A connected system that is told every effect, one at a time."""

    @property
    def name(self) -> str:
        """The name of the sink in the settings. Its deliveries are kept under this name."""
        ...

    def apply(self, effect: Effect) -> None:
        """Apply an effect, within half a minute.

        Raises:
            SinkError: it was not applied, or it is unknown whether it was.
        """
        ...


@dataclass(frozen=True)
class Standing:
    """An account on which a decision has an effect now.

    Attributes:
        account: the account.
        name: its state, which is never ``lift``.
        until: when it ends by itself, microseconds since 1970; None for no end.
        ground: the clause of the terms of use.
        decision: number of the decision behind it.
    """

    account: str
    name: EffectName
    until: int | None
    ground: str
    decision: int


@runtime_checkable
class StateSink(Protocol):
    """A connected system, usually a file, that is given the state of all accounts at once."""

    @property
    def name(self) -> str:
        """The name of the sink in the settings."""
        ...

    def replace(self, accounts: Iterator[Standing]) -> Mapping[str, str]:
        """Replace everything that the sink knows by the state of all accounts.

        Args:
            accounts: every account with an effect, ordered by name, read as it is needed.

        Returns:
            The accounts that this sink cannot express, and why.

        Raises:
            SinkError: nothing was replaced, or it is unknown whether it was.
        """
        ...


AnySink = Sink | StateSink
