"""Refuse a ledger whose accounts have other names: real ones, or pseudonyms of another key."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from ringfence.errors import LedgerError
from ringfence.pseudonym_key import PseudonymKey

NAMES_FACT: Final = "names"
"""The name of the fact that says which names the accounts of a ledger have."""

_REAL: Final = "real"


def names_fact(key: PseudonymKey | None) -> str:
    """Return which names accounts have: real ones, or a check value of the key, not the key."""
    return _REAL if key is None else f"pseudonyms {key.check_value}"


def check_names(facts: Mapping[str, str], key: PseudonymKey | None, where: str) -> None:
    """Refuse a ledger that has other names than a session would use.

    Args:
        facts: of the ledger. One that does not say it has real names.
        key: of the session; None for real names.
        where: the ledger's file.

    Raises:
        LedgerError: the names differ.
    """
    theirs = facts.get(NAMES_FACT, _REAL)
    if theirs == names_fact(key):
        return
    if theirs == _REAL:
        what = "has real names, and privacy.pseudonym_key is set"
        hint = "start a new ledger file and scan the logs again"
    elif key is None:
        what = "has pseudonyms, and privacy.pseudonym_key is not set"
        hint = "set it to the file of the key, or start a new ledger file"
    else:
        what = "has pseudonyms of another key than the file of privacy.pseudonym_key"
        hint = "name the file of that key, or start a new ledger file"
    raise LedgerError(what, where=where, hint=hint)
