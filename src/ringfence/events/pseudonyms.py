"""SQL that replaces names by pseudonyms, and the table that holds the key for it.

The SQL is HMAC-SHA256 as in RFC 2104. It reads the key from a temporary table, so that no statement
contains it: texts of statements are printed, and errors of the engine repeat them.
"""

from __future__ import annotations

from typing import Final

from ringfence.engine import Engine, Statement
from ringfence.model.pseudonym_table import PSEUDONYM_PADS
from ringfence.pseudonym_key import PSEUDONYM_DIGITS, PSEUDONYM_MARKS, PseudonymKind, open_key
from ringfence.settings import Settings

MAKE_PADS: Final = Statement(
    "events.pseudonym_pads",
    """
CREATE OR REPLACE TEMP TABLE pseudonym_pads AS
SELECT CAST($account_inner AS BLOB) AS account_inner,
  CAST($account_outer AS BLOB) AS account_outer,
  CAST($device_inner AS BLOB) AS device_inner, CAST($device_outer AS BLOB) AS device_outer,
  CAST($payment_inner AS BLOB) AS payment_inner, CAST($payment_outer AS BLOB) AS payment_outer
""",
)


def load_key(engine: Engine, settings: Settings) -> None:
    """Give an engine the key that the settings name, if they name one and it has none yet.

    Raises:
        SettingsError: the key cannot be used.
    """
    key = open_key(settings.privacy.pseudonym_key)
    if key is None or PSEUDONYM_PADS.name in engine.tables():
        return
    blocks: dict[str, object] = {}
    for kind in PSEUDONYM_MARKS:
        blocks[f"{kind}_inner"], blocks[f"{kind}_outer"] = key.pads(kind)
    engine.run(MAKE_PADS, blocks)


def pseudonym_sql(kind: PseudonymKind, name: str) -> str:
    """Return SQL of the pseudonym of a name, NULL for none.

    Args:
        kind: the kind of thing that the name stands for.
        name: SQL of the name.
    """
    inner, outer = (f"(SELECT {kind}_{part} FROM pseudonym_pads)" for part in ("inner", "outer"))  # noqa: S608 - own names
    digest = f"sha256({outer} || unhex(sha256({inner} || encode({name}))))"
    mark = PSEUDONYM_MARKS[kind]
    return (
        f"CASE WHEN {name} IS NOT NULL THEN concat('{mark}', left({digest}, {PSEUDONYM_DIGITS})) "
        "END"
    )
