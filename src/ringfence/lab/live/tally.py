"""Count what extractors get, when they are stopped, and which users are refused."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field


@dataclass
class IncidentTally:
    """The state of a simulated incident.

    An extractor is stopped when a decision holds it: each of its requests is refused from then on.
    An extractor that only the budget refuses is slowed.

    Attributes:
        extractors: their number.
        items: size of the catalogue.
        requests: number of requests of all accounts.
        taken: items that extractors have taken, by their numbers in the scenario.
        stopped: moment at which each extractor was stopped, by account.
        slowed: extractors that the budget has refused an item.
        denied: number of refused requests of each user, by account.
    """

    extractors: int
    items: int
    requests: int = 0
    taken: set[int] = field(default_factory=set)
    stopped: dict[int, float] = field(default_factory=dict)
    slowed: set[int] = field(default_factory=set)
    denied: Counter[int] = field(default_factory=Counter)

    @property
    def share(self) -> float:
        """The share of the catalogue that extractors have taken."""
        return len(self.taken) / self.items

    @property
    def is_over(self) -> bool:
        """Whether all extractors are stopped."""
        return len(self.stopped) == self.extractors

    def refused(self, account: int, why: str, moment: float) -> None:
        """Note that a request of an extractor was refused."""
        if why == "held":
            self.stopped.setdefault(account, moment)
        else:
            self.slowed.add(account)
