"""What a strategy of extraction is: some accounts and what they take on each day."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Annotated, ClassVar

from pydantic import ConfigDict, Field

from ringfence.lab.simulate.event_columns import EventColumns
from ringfence.lab.simulate.item_pool import ItemPool

Count = Annotated[int, Field(ge=1)]
Share = Annotated[float, Field(ge=0, le=1)]
Positive = Annotated[float, Field(gt=0)]


@dataclass(frozen=True, kw_only=True)
class Strategy(ABC):
    """How some accounts extract, day by day. Subclasses add what they vary.

    Class attributes:
        name: as in an attack's table.
        stolen: whether the accounts are taken from users, whose past they keep.

    Attributes:
        accounts: how many there are in all, replacements included.
        days: length of the campaign; there are no takes on other days.
    """

    # Tables of attacks are read with pydantic; a misspelt parameter must not pass.
    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(extra="forbid")

    name: ClassVar[str]
    stolen: ClassVar[bool] = False

    accounts: Count = 1
    days: Count = 30

    @abstractmethod
    def day(self, shelf: ItemPool, seed: int, day: int) -> EventColumns:
        """Return the takes of a day of the campaign, 0 .. days - 1.

        The same arguments give the same takes, and no day needs another one to be made first.
        """
