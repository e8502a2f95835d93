"""Sinks that remember what they were told, and sinks that fail."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from ringfence.enforcement import Effect, SinkError, Standing


@dataclass
class MemorySink:
    """A sink that applies every effect once per key, and fails when it is told to.

    Attributes:
        failures: what happens at the next attempts: ``refuse`` and ``retry`` raise and apply
            nothing; ``lost`` applies the effect and raises, as if the answer was lost.
    """

    name: str = "memory"
    failures: list[str] = field(default_factory=list)
    told: list[Effect] = field(default_factory=list)
    broken: frozenset[str] = frozenset()

    def apply(self, effect: Effect) -> None:
        """Remember the effect, or fail."""
        failure = self.failures.pop(0) if self.failures else ""
        if effect.account in self.broken:
            failure = "retry"
        if failure in {"", "lost"}:
            self.told.append(effect)
        if failure:
            raise SinkError(f"it was a {failure}", retry=failure != "refuse")

    @property
    def state(self) -> dict[str, str]:
        """The state of every account that is not free."""
        newest = {effect.account: effect.name for effect in self.told}
        return {account: name for account, name in newest.items() if name != "lift"}

    def names(self, account: str) -> list[str]:
        """Return what the sink was told about an account, in order."""
        return [effect.name for effect in self.told if effect.account == account]


@dataclass
class MemoryState:
    """A sink that is given the whole state.

    Attributes:
        meanwhile: what happens, once, after the state was read.
    """

    name: str = "state"
    fails: bool = False
    refuses: Mapping[str, str] = field(default_factory=dict)
    state: dict[str, str] = field(default_factory=dict)
    calls: int = 0
    meanwhile: Callable[[], None] | None = None

    def replace(self, accounts: Iterator[Standing]) -> Mapping[str, str]:
        """Remember the state, or fail."""
        self.calls += 1
        if self.fails:
            raise SinkError("it is away", retry=True)
        read = {one.account: one.name for one in accounts if one.account not in self.refuses}
        if self.meanwhile is not None:
            meanwhile, self.meanwhile = self.meanwhile, None
            meanwhile()
        self.state = read
        return self.refuses
