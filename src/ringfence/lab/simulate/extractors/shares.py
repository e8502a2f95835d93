"""A little each: many accounts with a small share in all."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from ringfence.lab.simulate.extractors.rates import Rate, Share
from ringfence.lab.simulate.extractors.ring import Ring
from ringfence.lab.simulate.extractors.strategy import Count
from ringfence.lab.simulate.permutation import key_of

_SHARE = 2


@dataclass(frozen=True, kw_only=True)
class Shares(Ring):
    """A ring of which each account takes a few hundred items in all, evenly over the campaign.

    ``a_day`` has no effect.

    Attributes:
        least: items of the smallest share.
        most: items of the largest; shares are drawn evenly between the two.
    """

    name: ClassVar[str] = "shares"

    least: Count = 100
    most: Count = 300

    def rate(self, seed: int) -> Rate:
        """Return the share that each account has drawn."""
        return Share(self.least, max(self.least, self.most), self.days, key_of(seed, _SHARE))
