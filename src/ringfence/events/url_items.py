"""Read the item out of one URL that a person has typed, as it is read from the lines of a log."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from ringfence.engine import Engine
from ringfence.events.items import Preset, item_select, name_sql
from ringfence.events.secrets import masked_item_sql
from ringfence.events.sql_steps import with_column

_HOST: Final = re.compile(r"^(?:[A-Za-z][A-Za-z0-9+.-]*://)?[^/?#]*")
"""The part of a URL that most logs do not have. People leave out the scheme."""


def items_of_url(
    engine: Engine, url: str, presets: Sequence[Preset], keys: Sequence[str] = ()
) -> tuple[str, ...]:
    """Return the items that item rules find in a URL, each once.

    Args:
        engine: any engine; its tables are not used.
        url: a URL, or the path of one.
        presets: item rules. Each is tried on the whole URL and on the URL without its host, because
            a log may have either.
        keys: names of the parameters that hold an account's key, which no item's name contains.
    """
    spellings = list(dict.fromkeys((url, _HOST.sub("", url) or "/")))
    found: dict[str, None] = {}
    for rules in presets:
        named = items_of_urls(engine, spellings, rules, keys)
        found.update(dict.fromkeys(named[one] for one in spellings if named[one]))
    return tuple(found)


def items_of_urls(
    engine: Engine, urls: Sequence[str], rules: Preset, keys: Sequence[str] = ()
) -> dict[str, str]:
    """Return the item of each URL as it is written, empty without one.

    Args:
        engine: any engine; its tables are not used.
        urls: as in a log. One statement reads them all, because planning it takes longest.
        rules: item rules.
        keys: as in :func:`items_of_url`.
    """
    select = item_select("SELECT UNNEST($urls) AS url", rules)
    masked = masked_item_sql("found_in_url", (*rules.parameters, *keys))
    select = with_column(select, masked, "found")
    query = f"SELECT url, {name_sql(rules)} AS item FROM ({select}) AS step"  # noqa: S608 - made here
    return {url: item or "" for url, item in engine.rows(query, {"urls": list(urls)})}
