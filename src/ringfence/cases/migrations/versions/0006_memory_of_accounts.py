"""Remember the accounts of a case when a person last looked, and logins that may be stolen.

The table of accounts about which a person has decided had only those who were freed. Now decisions,
grants and all answers to appeals count, see decision 0044.

A baseline had the number of accounts only. Nobody knows who was in a ring at that time: its present
members count as known. A login may be stolen if the last decision about its case says so.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_CASES = sa.table(
    "cases", *map(sa.column, ("id", "state", "changed", "finding", "baseline"))
)  # fmt: skip
_DECISIONS = sa.table(
    "decisions",
    *map(sa.column, ("id", "case_id", "action", "reason", "facts", "decided_by_machine", "shadow")),
    *map(sa.column, ("made", "ended", "ended_by")),
)
_APPEALS = sa.table(
    "appeals", *map(sa.column, ("decision_id", "account", "answered", "outcome"))
)  # fmt: skip
_RELEASES = sa.table("releases", *map(sa.column, ("decision_id", "account")))
_GRANTS = sa.table("grants", *map(sa.column, ("made", "account")))
_CLEARED = sa.table("cleared_accounts", *map(sa.column, ("account", "cleared", "favour")))
_PersonAct = tuple[int, str, bool | None]
"""The moment, the account, and whether it was in its favour; None if that stays as it was."""

_MARK = "the login may be stolen."
_AT_ONCE = 500


def upgrade() -> None:
    """Rewrite every baseline, and create the tables of scans and of stolen logins."""
    stolen_logins = op.create_table(
        "stolen_logins",
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("marked", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("account", name=op.f("pk_stolen_logins")),
    )
    op.create_table(
        "scans",
        sa.Column("one", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("moment", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("one", name=op.f("pk_scans")),
    )
    # All that the table has so far was in favour of the account.
    favour: sa.Column[bool] = sa.Column(
        "favour", sa.Boolean(), nullable=False, server_default=sa.true()
    )
    op.add_column("cleared_accounts", favour)
    connection = op.get_bind()
    _rewrite_baselines(connection)
    rows = [{"account": one, "marked": time} for one, time in _stolen(connection).items()]
    if rows:
        connection.execute(sa.insert(stolen_logins), rows)
    _remember_people(connection)


def _remember_people(connection: sa.Connection) -> None:
    """Write the last act of a person about each account, and whether it was in its favour."""
    acts = [*_favours(connection), *_decisions(connection), *_answers(connection)]
    known: dict[str, dict[str, Any]] = {}
    for moment, account, favour in sorted(acts, key=lambda act: act[0]):
        # A decision in shadow mode changes nothing for an account.
        before = known.get(account, {"favour": False})["favour"]
        kept = before if favour is None else favour
        known[account] = {"account": account, "cleared": moment, "favour": kept}
    connection.execute(sa.delete(_CLEARED))
    if known:
        connection.execute(sa.insert(_CLEARED), list(known.values()))


def _favours(connection: sa.Connection) -> Iterator[_PersonAct]:
    """Yield what the table has, the grants, and dismissals that the audit log has forgotten."""
    for query in (sa.select(_CLEARED.c.cleared, _CLEARED.c.account), sa.select(_GRANTS)):
        for moment, account in connection.execute(query):
            yield moment, account, True
    for row in connection.execute(sa.select(_CASES).where(_CASES.c.state == "dismissed")):
        yield from ((row.changed, one, True) for one in json.loads(row.finding)["accounts"])


def _decisions(connection: sa.Connection) -> Iterator[_PersonAct]:
    """Yield what people have decided, and whom they freed by replacing a decision."""
    people = sa.select(_DECISIONS).where(_DECISIONS.c.decided_by_machine.is_(sa.false()))
    released = {tuple(row) for row in connection.execute(sa.select(_RELEASES))}
    for row in connection.execute(people):
        favour = None if row.shadow else row.action == "observe"
        for account in json.loads(row.facts)["accounts"]:
            if (row.id, account) not in released:
                yield row.made, account, favour
    ended = sa.select(_DECISIONS).where(_DECISIONS.c.ended_by.not_in(("policy", "scan")))
    for row in connection.execute(ended):
        yield from ((row.ended, one, None) for one in json.loads(row.facts)["accounts"])


def _answers(connection: sa.Connection) -> Iterator[_PersonAct]:
    """Yield the acts of answering appeals. One without an account is of all of its decision."""
    query = sa.select(_APPEALS, _DECISIONS.c.facts).join(
        _DECISIONS, _DECISIONS.c.id == _APPEALS.c.decision_id
    )
    for row in connection.execute(query.where(_APPEALS.c.answered.is_not(None))):
        named = [row.account] if row.account is not None else json.loads(row.facts)["accounts"]
        yield from ((row.answered, one, row.outcome == "overturned") for one in named)


def _rewrite_baselines(connection: sa.Connection) -> None:
    """Do so in pages: memory does not grow with the number of cases."""
    last = 0
    while rows := connection.execute(_page(last)).all():
        for case in rows:
            found = json.loads(case.finding)
            items = found.get("member_items", ())
            pairs = sorted(zip(found["accounts"], items, strict=False))
            known = {
                **json.loads(case.baseline),
                "accounts": sorted(set(found["accounts"])),
                "member_items": [number for _, number in pairs],
                "erased_accounts": found.get("erased_accounts", 0),
            }
            text = json.dumps(known, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
            here = sa.update(_CASES).where(_CASES.c.id == case.id)
            connection.execute(here.values(baseline=text))
        last = rows[-1].id


def _page(last: int) -> sa.Select[Any]:
    return sa.select(_CASES).where(_CASES.c.id > last).order_by(_CASES.c.id).limit(_AT_ONCE)


def _stolen(connection: sa.Connection) -> dict[str, int]:
    """Return the accounts whose last decision, case by case, says that the login may be stolen."""
    newest = sa.select(sa.func.max(_DECISIONS.c.id)).group_by(_DECISIONS.c.case_id)
    query = sa.select(_DECISIONS).where(_DECISIONS.c.id.in_(newest)).order_by(_DECISIONS.c.id)
    return {
        account: row.made
        for row in connection.execute(query)
        if row.reason.casefold().startswith(_MARK)
        for account in json.loads(row.facts)["accounts"]
    }


def downgrade() -> None:
    """Refuse: older versions of the store cannot read the names."""
    raise NotImplementedError("an older version of the store cannot read the names")
