"""Write identifiers of a standard in one way, so that equal ones are equal texts.

ISRC: ISO 3901, without hyphens and in capitals. ISBN: ISO 2108, as ISBN-13 without hyphens. DOI:
ISO 26324, without a resolver's address and in small letters.
"""

from __future__ import annotations

from typing import Final

from ringfence.engine import identifier
from ringfence.leaks.roles import ColumnKind

_BARE_ISRC: Final = r"upper(regexp_replace({0}, '[\s-]', '', 'g'))"
_BARE_ISBN: Final = r"upper(regexp_replace({0}, '[\s-]', '', 'g'))"
_BARE_DOI: Final = (
    r"lower(regexp_replace(trim({0}), '^(?i:https?://(dx\.)?doi\.org/|doi:\s*)', ''))"
)
_CHECK_DIGIT: Final = (
    "CAST((10 - list_sum(list_transform(range(12), lambda n: "
    "CAST(substr({0}, CAST(n + 1 AS INT), 1) AS INT) * (1 + 2 * (n % 2)))) % 10) % 10 AS INT)"
)


def standard_sql(role: ColumnKind, column: str = "") -> str:
    """Return SQL of an identifier in its one form; NULL if a value is not such an identifier.

    Args:
        role: isrc, isbn or doi.
        column: name of the column; the role's name if it is empty.
    """
    name = identifier(column or role)
    if role == "isrc":
        bare = _BARE_ISRC.format(name)
        form = r"[A-Z]{2}[A-Z0-9]{3}\d{7}"
        return f"CASE WHEN regexp_full_match({bare}, '{form}') THEN {bare} END"
    if role == "doi":
        bare = _BARE_DOI.format(name)
        return rf"CASE WHEN regexp_full_match({bare}, '10\.\d{{4,9}}/\S+') THEN {bare} END"
    bare = _BARE_ISBN.format(name)
    twelve = f"('978' || left({bare}, 9))"
    return (
        rf"CASE WHEN regexp_full_match({bare}, '97[89]\d{{10}}') THEN {bare} "
        rf"WHEN regexp_full_match({bare}, '\d{{9}}[\dX]') "
        f"THEN {twelve} || {_CHECK_DIGIT.format(twelve)} END"
    )
