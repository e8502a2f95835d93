"""The kinds of user, one a file: what each changes in an ordinary one."""

from typing import Final

from ringfence.lab.simulate.users.kinds.binger import Binger
from ringfence.lab.simulate.users.kinds.casual import Casual
from ringfence.lab.simulate.users.kinds.collector import Collector
from ringfence.lab.simulate.users.kinds.crawler import Crawler
from ringfence.lab.simulate.users.kinds.family import Family
from ringfence.lab.simulate.users.kinds.follower import Follower
from ringfence.lab.simulate.users.kinds.granted import Granted
from ringfence.lab.simulate.users.kinds.kind import Kind, Plays, World
from ringfence.lab.simulate.users.kinds.newcomer import Newcomer
from ringfence.lab.simulate.users.kinds.shop import Shop
from ringfence.lab.simulate.users.kinds.shuffler import Shuffler

MODELS: Final[tuple[Kind, ...]] = (
    Kind(), Collector(), Shop(), Family(), Newcomer(), Binger(), Shuffler(), Follower(), Granted(),
    Crawler(), Casual(),
)  # fmt: skip
"""One model a kind, in the order of their codes."""

KINDS: Final = tuple(model.name for model in MODELS)
"""Names of the kinds; :attr:`ringfence.lab.simulate.users.Users.kind` counts from 0 here."""

__all__ = ["KINDS", "MODELS", "Kind", "Plays", "World"]
