"""Sets of accounts that share an origin of their use from foreign places.

They are candidates for the search for stolen crews, as the sets of
:mod:`ringfence.rings.links.linked_sets` are for the search among whole accounts.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, get_args

import numpy as np

from ringfence.engine import Engine, Statement
from ringfence.rings.links.attributes import AccountAttributes, Attribute, AttributeMatrix
from ringfence.rings.links.linked_sets import find_linked_sets
from ringfence.stats.arrays import Columns, Keys
from ringfence.stats.sorted_keys import rows_of_keys
from ringfence.stats.sparse import incidence_matrix

FOREIGN_VALUES: Final = Statement(
    "rings.foreign_values",
    """
SELECT account_key, attribute, value_key
FROM foreign_origins
ORDER BY attribute, value_key, account_key
""",
)


def sets_of_one_origin(engine: Engine, accounts: Keys) -> list[Keys]:
    """Return the keys of accounts that share an origin, or several origins that belong together.

    Args:
        engine: holds the temp table ``foreign_origins``.
        accounts: keys of all accounts, ascending.
    """
    matrices = tuple(_matrices(engine.columns(FOREIGN_VALUES), accounts))
    linked = find_linked_sets(AccountAttributes(accounts, matrices))
    return [accounts[one.members] for one in linked]


def _matrices(rows: Columns, accounts: Keys) -> Iterator[AttributeMatrix]:
    for attribute in get_args(Attribute):
        chosen = rows["attribute"] == attribute
        keys, values = rows["account_key"][chosen], rows["value_key"][chosen]
        numbers = np.unique(values, return_inverse=True)[1]
        size = accounts.size, int(numbers.max(initial=-1)) + 1
        matrix = incidence_matrix(rows_of_keys(accounts, keys), numbers, size)
        counts = np.asarray(matrix.sum(axis=1, dtype=np.int64))
        yield AttributeMatrix(attribute, matrix, counts, np.ones(size[1], dtype=bool))
