"""Rules that look for signs of misread accounts, items and addresses."""

from __future__ import annotations

import re
import string
from typing import Final

from ringfence.pipeline.input_facts import InputFacts
from ringfence.pipeline.signs_in_requests import is_unread
from ringfence.pipeline.suspicion import (
    CROWD,
    ENOUGH,
    FEW_ADDRESSES,
    MAJORITY,
    MANY_ADDRESSES,
    NEARLY_ALL,
    Suspicion,
    percent_of,
    share_of,
)
from ringfence.visible import visible

_NOBODY: Final = frozenset(
    (
        "",
        "anon",
        "anonymous",
        "guest",
        "nobody",
        "none",
        "null",
        "nil",
        "undefined",
        "unknown",
        "public",
    )
)
"""Names that stand for everybody without a name."""

_PERSON: Final = frozenset(
    ("customer", "listener", "login", "member", "patron", "reader", "student", "subscriber", "uid",
     "user", "userid", "username", "usr", "viewer")
)  # fmt: skip
"""Words for a person in the names of columns."""

_NUMBER: Final = frozenset(("", "hash", "id", "key", "name", "no", "number", "ref", "uuid"))
"""Words that may stand beside them, if the column holds who the person is."""

_AROUND: Final = string.whitespace + "\"'-"


def is_nobody(name: str) -> bool:
    """Return whether a name stands for everybody without one, whatever signs are around it."""
    return name.strip(_AROUND).lower() in _NOBODY


def one_account(facts: InputFacts) -> Suspicion | None:
    """Find one account that has most of the use, and may stand for many people."""
    one = facts.account
    share = share_of(one.most, one.uses)
    crowd = max(one.clients, one.networks) >= CROWD
    nobody = not one.visitor and is_nobody(one.name)
    if one.uses < ENOUGH or share <= (MAJORITY if crowd or nobody else NEARLY_ALL):
        return None
    of = f"{percent_of(one.most, one.uses)} of all use" if one.accounts > 1 else "all use"
    seen = f"One account, {visible(one.name, 60)}, has {of}"
    if crowd:
        return Suspicion(
            f"{seen}, from {one.clients:,} clients and {one.networks:,} networks. It is more than "
            "one person: the account was read from the wrong place, or is shared by many."
            f"{_unread(facts)}",
            share >= NEARLY_ALL,
        )
    if nobody:
        return Suspicion(f"{seen}. This is not the name of one person.", share >= NEARLY_ALL)
    return Suspicion(
        f"{seen}. If it stands for many people, their use is mixed and nobody can be judged."
        f"{_unread(facts)}"
    )


def _unread(facts: InputFacts) -> str:
    """Return a sentence about a parameter that may tell these people apart."""
    if not is_unread(facts.requests.parameter):
        return ""
    name = visible(facts.requests.parameter.name, 40)
    return f" The parameter {name} of the URLs may tell people apart: see account.parameters."


def one_item(facts: InputFacts) -> Suspicion | None:
    """Find one item that has most of the use, and may stand for many items."""
    one = facts.item
    if one.uses < ENOUGH or one.most <= MAJORITY * one.uses or facts.account.accounts < 2:
        return None
    return Suspicion(
        f"One item, {visible(one.name, 60)}, has {percent_of(one.most, one.uses)} of all use. If "
        "it stands for many items, an account that takes all of them seems to take only one."
    )


def behind_proxy(facts: InputFacts) -> Suspicion | None:
    """Find visitors who share the few addresses of a proxy."""
    few = 0 < facts.addresses <= FEW_ADDRESSES
    if not few or facts.clients < CROWD or facts.visitors < MAJORITY * facts.account.accounts:
        return None
    noun = "address" if facts.addresses == 1 else "addresses"
    return Suspicion(
        f"{facts.clients:,} different clients come from only {facts.addresses} {noun}, as "
        "behind a proxy or load balancer. People with the same browser are one account.",
        facts.inside >= NEARLY_ALL * facts.located,
    )


def private_addresses(facts: InputFacts) -> Suspicion | None:
    """Find a log without any address of the internet."""
    everywhere = facts.located and facts.inside == facts.located
    if not everywhere or facts.networks > CROWD or facts.account.uses < CROWD:
        return None
    return Suspicion(
        "All addresses are private. They belong to a proxy or an internal network, not to people "
        "on the internet. So networks are not evidence, and one visitor may be several people."
    )


def robot_addresses(facts: InputFacts) -> Suspicion | None:
    """Find a name of a robot that many addresses use."""
    if facts.robot_addresses < MANY_ADDRESSES:
        return None
    return Suspicion(
        f"Clients named {visible(facts.robot, 80)} come from {facts.robot_addresses:,} addresses. "
        "They declare a robot, so they are not judged. Anybody can use that name."
    )


def login_column_unused(facts: InputFacts) -> Suspicion | None:
    """Find a column with the name of a login that is not read, where accounts are addresses."""
    few = facts.visitors < max(CROWD, NEARLY_ALL * facts.account.accounts)
    named = [name for name in facts.unused if _is_of_person(name)]
    if few or not named:
        return None
    return Suspicion(
        f"The column {visible(named[0], 40)} may hold the login, and it is not read. So an account "
        "is an address with a client, which many people may share."
    )


def _is_of_person(name: str) -> bool:
    """Return whether a column's name consists of words for a person and for an id."""
    words = re.split(r"[^a-z]+", name.lower())
    return any(word in _PERSON for word in words) and all(
        word in _PERSON or word in _NUMBER for word in words
    )


def unknown_to_the_table(facts: InputFacts) -> Suspicion | None:
    """Find a table of other accounts, or one that names accounts in another form."""
    table = facts.accounts_table
    if not table.name or not table.logins or table.known >= MAJORITY * table.logins:
        return None
    return Suspicion(
        f"The accounts table knows {table.known:,} of the {table.logins:,} accounts with a login. "
        "Its account column may have another form than the logins in the logs. Links and names "
        "would be missing."
    )
