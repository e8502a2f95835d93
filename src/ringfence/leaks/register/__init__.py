"""A register of links to published copies, for up to a billion links on one machine."""

from ringfence.leaks.register.batches import BatchNumbers
from ringfence.leaks.register.incoming import RefusedLinks
from ringfence.leaks.register.register import OPEN_STATES, LinkRegister, open_register
from ringfence.leaks.register.results import (
    AddedLinks,
    LinkFact,
    RecheckedLinks,
    RegisterSummary,
)
from ringfence.leaks.register.states import HOSTING, LINK_STATES, LinkEvent, LinkState
from ringfence.leaks.register.streaming import LinkChoice, RegisteredLink
from ringfence.leaks.register.urls import host_of, normalise_url

__all__ = [
    "HOSTING",
    "LINK_STATES",
    "OPEN_STATES",
    "AddedLinks",
    "BatchNumbers",
    "LinkChoice",
    "LinkEvent",
    "LinkFact",
    "LinkRegister",
    "LinkState",
    "RecheckedLinks",
    "RefusedLinks",
    "RegisterSummary",
    "RegisteredLink",
    "host_of",
    "normalise_url",
    "open_register",
]
