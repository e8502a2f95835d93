"""The kinds of reader, one a file: what each changes in an ordinary one."""

from typing import Final

from ringfence.simulate.readers.kinds.binger import Binger
from ringfence.simulate.readers.kinds.collector import Collector
from ringfence.simulate.readers.kinds.crawler import Crawler
from ringfence.simulate.readers.kinds.family import Family
from ringfence.simulate.readers.kinds.follower import Follower
from ringfence.simulate.readers.kinds.granted import Granted
from ringfence.simulate.readers.kinds.kind import Kind, Plays, World
from ringfence.simulate.readers.kinds.newcomer import Newcomer
from ringfence.simulate.readers.kinds.shop import Shop
from ringfence.simulate.readers.kinds.shuffler import Shuffler

MODELS: Final[tuple[Kind, ...]] = (
    Kind(), Collector(), Shop(), Family(), Newcomer(), Binger(), Shuffler(), Follower(), Granted(),
    Crawler(),
)  # fmt: skip
"""One model a kind, in the order of their codes."""

KINDS: Final = tuple(model.name for model in MODELS)
"""Names of the kinds; :attr:`ringfence.simulate.readers.Readers.kind` counts from 0 here."""

__all__ = ["KINDS", "MODELS", "Kind", "Plays", "World"]
