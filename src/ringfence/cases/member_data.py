"""Leave members of a ring out of a stored finding, with everything that belongs to them alone."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

ERASED_ACCOUNTS: Final = "erased_accounts"
"""Key of the number of accounts that were erased from a finding or from facts."""

_PARALLEL: Final = ("accounts", "member_items")
"""Lists of a finding with one value per account, in the same order."""


def is_group(document: Mapping[str, Any]) -> bool:
    """Return whether a finding or facts are about several accounts, also after erasures.

    These are rings, and visitors who come under the name of one crawler.
    """
    return document["kind"] != "account" or list(document["accounts"]) != [document["id"]]


def keep_members(document: dict[str, Any], keeps: Callable[[str], bool]) -> dict[str, Any]:
    """Return a finding or the facts of a decision with only some of its accounts.

    The number of items and the row of each account that is left out go with its name. If the
    numbers do not belong to the accounts one by one, all of them are left out.

    Args:
        document: a finding or facts, as JSON values. Other documents are returned as they are.
        keeps: whether an account stays.
    """
    kept = dict(document)
    accounts = document.get("accounts")
    if isinstance(accounts, list):
        places = [place for place, name in enumerate(accounts) if keeps(name)]
        for key in _PARALLEL:
            values = document.get(key, [])
            if len(values) == len(accounts):
                kept[key] = [values[place] for place in places]
            else:
                kept.pop(key, None)
    ring = document.get("ring")
    if isinstance(ring, dict):
        members = [one for one in ring.get("members", ()) if keeps(one["account"])]
        kept["ring"] = {**ring, "members": members}
    return kept


def without_member(document: dict[str, Any], account: str) -> dict[str, Any]:
    """Return a finding or facts without an account, and the number of those that were erased."""
    kept = keep_members(document, lambda one: one != account)
    accounts = document.get("accounts")
    if isinstance(accounts, list) and account in accounts:
        kept[ERASED_ACCOUNTS] = document.get(ERASED_ACCOUNTS, 0) + 1
    return kept


def only_member(document: dict[str, Any], account: str) -> dict[str, Any]:
    """Return a finding or facts with the data of one account, and the number of the others.

    If the account is not in it, only this number is left.

    Of the values that members share, such as devices, those of this account stay.
    """
    accounts = document.get("accounts", ())
    if not accounts:
        return document
    if account not in accounts:
        return {"other_accounts": len(accounts)}
    kept = keep_members(document, lambda one: one == account)
    kept["other_accounts"] = sum(1 for one in accounts if one != account)
    if "ring" in kept:
        ring = kept["ring"]
        own = {(one["attribute"], one["value"]) for row in ring["members"] for one in row["shares"]}
        kept["ring"] = {**ring, "links": [_own_values(one, own) for one in ring.get("links", ())]}
    return kept


def _own_values(link: dict[str, Any], own: set[tuple[str, str]]) -> dict[str, Any]:
    values = [one for one in link["values"] if (link["attribute"], one["value"]) in own]
    return {**link, "values": values}
