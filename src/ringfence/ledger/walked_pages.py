"""Count the pages of lists that an account walks through, from its rows in ``listings``."""

from __future__ import annotations

from ringfence.ledger.different_items import different_items_sql


def different_pages_sql() -> str:
    """Return SQL of the different pages walked through, over a group of rows.

    A page with more than 100 records counts as its hundreds. A page that is asked for again and
    again counts about once.
    """
    pages = different_items_sql("bit_or(few)", "bit_or(many)", "sum(walked)")
    return f"round({pages} * sum(weight) / greatest(sum(walked), 1), 6)"


def walked_pages_sql() -> str:
    """Return SQL of these pages beyond the lists begun, over the rows of one day.

    People begin more lists than they turn pages, and so do programs that complete a word with each
    key or look for news.
    """
    return f"greatest({different_pages_sql()} - sum(begun), 0)"
