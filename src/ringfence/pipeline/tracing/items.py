"""Find out which item a complaint is about: its name, or the item of a URL."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from ringfence.engine import Engine
from ringfence.errors import TraceError
from ringfence.events import items_of_url
from ringfence.events.items import Preset
from ringfence.ledger import LedgerReader
from ringfence.pipeline.tracing.ledger_search import LEDGER_ITEMS, SIMILAR_LEDGER_ITEMS
from ringfence.pipeline.tracing.log_statements import SIMILAR_ITEMS, TRACED_ITEMS
from ringfence.suggestions import did_you_mean

_LONGEST: Final = 500
"""Characters of an item that may be suggested."""

_NO_HINT: Final = "give the item as the findings name it, or a URL of it"


def traced_items(
    engine: Engine,
    ledger: LedgerReader | None,
    typed: str,
    rules: Sequence[Preset],
    keys: Sequence[str],
) -> tuple[str, ...]:
    """Return the names of an item in the logs and the ledger; several if rules read it differently.

    Args:
        engine: has the staged accesses.
        ledger: None if none is searched.
        typed: an item, or a URL.
        rules: item rules of the logs, of the ledger and of the settings.
        keys: names of the parameters that hold an account's key.

    Raises:
        TraceError: nobody has ever taken such an item. The hint names similar ones.
    """
    of_url = items_of_url(engine, typed, rules, keys) if "/" in typed else ()
    for names in ((typed,), of_url):
        if known := _known(engine, ledger, names):
            return known
    name = of_url[0] if of_url else typed
    read = f" (read from the URL as {name!r})" if name != typed else ""
    raise TraceError(
        f"the item {_short(typed)!r} is in none of the accesses{read}",
        where="--item",
        hint=did_you_mean(name, _similar(engine, ledger, name)) or _NO_HINT,
    )


def _known(engine: Engine, ledger: LedgerReader | None, names: Sequence[str]) -> tuple[str, ...]:
    wanted = {"items": list(names)}
    if not names:
        return ()
    found = {row[0] for row in engine.rows(TRACED_ITEMS, wanted)}
    if ledger:
        found |= {row[0] for row in ledger.sql(LEDGER_ITEMS.sql, wanted).rows()}
    return tuple(sorted(found))


def _similar(engine: Engine, ledger: LedgerReader | None, name: str) -> list[str]:
    """Return the items whose spelling is nearest, from the logs and the ledger."""
    wanted = {"typed": name[:_LONGEST], "longest": _LONGEST}
    found = [row[0] for row in engine.rows(SIMILAR_ITEMS, wanted)]
    if ledger:
        found += [row[0] for row in ledger.sql(SIMILAR_LEDGER_ITEMS.sql, wanted).rows()]
    return list(dict.fromkeys(found))


def _short(text: str) -> str:
    return text if len(text) <= 200 else f"{text[:199]}…"
