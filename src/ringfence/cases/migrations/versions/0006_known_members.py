"""Keep the names of a case's accounts in its baseline, which had their number only.

So far nobody knows who was in a ring at that time: its present members count as known.
"""

from __future__ import annotations

import json
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_CASES = sa.table("cases", sa.column("id"), sa.column("finding"), sa.column("baseline"))
_AT_ONCE = 500


def upgrade() -> None:
    """Rewrite every baseline, in pages, so that memory does not grow with the number of cases."""
    connection = op.get_bind()
    last = 0
    while rows := connection.execute(_page(last)).all():
        for case, finding, baseline in rows:
            found = json.loads(finding)
            known = {
                **json.loads(baseline),
                "accounts": sorted(set(found["accounts"])),
                "erased_accounts": found.get("erased_accounts", 0),
            }
            text = json.dumps(known, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
            here = sa.update(_CASES).where(_CASES.c.id == case)
            connection.execute(here.values(baseline=text))
        last = rows[-1].id


def _page(last: int) -> sa.Select[Any]:
    return sa.select(_CASES).where(_CASES.c.id > last).order_by(_CASES.c.id).limit(_AT_ONCE)


def downgrade() -> None:
    """Refuse: older versions of the store cannot read the names."""
    raise NotImplementedError
