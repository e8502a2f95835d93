"""The facts under which a ledger was made, and that a scan must share to continue it."""

from __future__ import annotations

from typing import Final

from ringfence.engine import Engine, Statement
from ringfence.errors import LedgerError
from ringfence.ledger.pseudonyms import NAMES_FACT, check_names, names_fact
from ringfence.ledger.tables import OLDER_VERSIONS, SCHEMA_VERSION
from ringfence.pseudonym_key import PseudonymKey
from ringfence.settings import Settings

HASH_CHECK: Final = Statement("ledger.hash_check", "SELECT CAST(hash('ringfence') AS VARCHAR)")
KNOWN_FACTS: Final = Statement("ledger.facts", "SELECT name, value FROM facts")
CHANGE_FACT: Final = Statement(
    "ledger.change_fact", "UPDATE facts SET value = $value WHERE name = $name"
)
ADD_FACT: Final = Statement("ledger.add_fact", "INSERT INTO facts VALUES ($name, $value)")

_MAKING: Final = frozenset({"schema version", "hash"})
"""Facts that no setting changes."""

_OTHER_MAKING: Final = (
    "this version cannot read it: start a new ledger file and scan the logs again"
)
_OTHER_SETTING: Final = "keep the setting, or start a new ledger file"


def write_facts(engine: Engine, settings: Settings, key: PseudonymKey | None) -> None:
    """Write the facts into a new ledger.

    Args:
        engine: with the empty table ``facts``.
        settings: of the scan.
        key: for pseudonyms; None for real names.
    """
    for name, value in _facts_now(engine, settings, key).items():
        engine.run(ADD_FACT, {"name": name, "value": value})


def agree_on_facts(
    engine: Engine, settings: Settings, key: PseudonymKey | None, where: str
) -> None:
    """Refuse a ledger whose facts differ, and add those that an older version did not write.

    Args:
        engine: with the ledger's tables.
        settings: of the scan.
        key: for pseudonyms; None for real names.
        where: the ledger's file.

    Raises:
        LedgerError: a fact differs.
    """
    theirs = check_facts(engine, settings, key, where)
    for name, value in _facts_now(engine, settings, key).items():
        if name not in theirs:
            engine.run(ADD_FACT, {"name": name, "value": value})
        elif theirs[name] != value:
            engine.run(CHANGE_FACT, {"name": name, "value": value})


def check_facts(
    engine: Engine, settings: Settings, key: PseudonymKey | None, where: str
) -> dict[str, str]:
    """Return the facts of a ledger, and refuse it if one differs that cannot be brought up to date.

    Args:
        engine: with the ledger's tables. Nothing is written.
        settings: of the scan.
        key: for pseudonyms; None for real names.
        where: the ledger's file.

    Raises:
        LedgerError: a fact differs.
    """
    theirs = dict(engine.rows(KNOWN_FACTS))
    check_names(theirs, key, where)
    for name, value in _facts_now(engine, settings, key).items():
        is_older = name == "schema version" and theirs.get(name) in OLDER_VERSIONS
        if name in theirs and theirs[name] != value and not is_older:
            raise LedgerError(
                f"was made with {name} = {theirs[name]}, now it is {value}",
                where=where,
                hint=_OTHER_MAKING if name in _MAKING else _OTHER_SETTING,
            )
    return theirs


def _facts_now(engine: Engine, settings: Settings, key: PseudonymKey | None) -> dict[str, str]:
    """Return the facts of a ledger that is made now."""
    return {
        "schema version": str(SCHEMA_VERSION),
        "hash": str(engine.rows(HASH_CHECK)[0][0]),
        "uses.double_click_seconds": str(settings.uses.double_click_seconds),
        "account.key": settings.account.key,
        "account.ipv6_prefix": str(settings.account.ipv6_prefix),
        NAMES_FACT: names_fact(key),
    }
