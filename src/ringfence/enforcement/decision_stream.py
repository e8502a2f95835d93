"""Answers to a bouncer of CrowdSec: the decisions on one account, and the stream of all of them.

A stream is written while it is read, so memory does not grow with the number of decisions. A
bouncer is told a change at least once: what it is told twice, it adds or deletes twice.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import groupby, islice
from operator import attrgetter
from typing import Any, Final

from sqlalchemy import CompoundSelect, Connection, Row, func, select, union_all

from ringfence.cases.effects import LIFT, STRENGTH, Hold
from ringfence.cases.outbox import all_states, newest_effect, states_at
from ringfence.cases.schema import OUTBOX
from ringfence.enforcement.crowdsec import BouncerDecision, names_of_address, scope_of

_AT_ONCE: Final = 500
"""Decisions that are written into one piece of a stream, and rows that are read at once."""

Scopes = frozenset[str]
"""Scopes that a bouncer asks for, in lower case; empty for all of them."""


@dataclass(frozen=True)
class DecisionStream:
    """The answer to ``GET /v1/decisions/stream``.

    Attributes:
        position: the point in the order of all changes up to which the stream tells them. The next
            stream of the same bouncer begins here.
        pieces: the JSON text in pieces. They are read from the connection, so it must stay open.
    """

    position: int
    pieces: Iterator[str]


def decisions_on(connection: Connection, scope: str, value: str, moment: int) -> str:
    """Return the answer to ``GET /v1/decisions?scope=&value=``.

    Args:
        connection: a connection of the store.
        scope: ``ip``, ``range`` or ``username``, in any case.
        value: the account.
        moment: now, microseconds since 1970.

    Returns:
        A JSON array, or ``null`` if there is no decision, as CrowdSec answers.
    """
    accounts = [value] if scope.lower() == scope_of(value).lower() else []
    return _answer(connection, accounts, moment)


def decisions_on_address(connection: Connection, address: str, moment: int) -> str:
    """Return the answer to ``GET /v1/decisions?ip=``: decisions on an address and on its networks.

    Args:
        connection: a connection of the store.
        address: an address of IPv4 or IPv6.
        moment: now, microseconds since 1970.

    Raises:
        ValueError: the text is not an address.
    """
    return _answer(connection, names_of_address(address), moment)


def decision_stream(
    connection: Connection,
    since: int | None,
    moment: int,
    scopes: Scopes = frozenset(),
    *,
    startup: bool = False,
) -> DecisionStream:
    """Return the answer to ``GET /v1/decisions/stream``.

    A bouncer that starts again is told all decisions, and the deletions since its last stream: its
    blocks may be kept outside of it, in a firewall.

    Args:
        connection: a reading connection of the store.
        since: the position of the last stream of this bouncer; None if it never had one. It is
            then told all decisions and no deletions.
        moment: now, microseconds since 1970.
        scopes: the scopes that the bouncer asks for.
        startup: whether the bouncer starts, and is told all decisions.
    """
    # Read first: a change after it is told again by the next stream, and none is missed.
    newest = newest_effect(connection)
    # The newest message may have been erased since the last stream.
    start = newest if since is None else since
    position = max(newest, start)
    if startup or since is None:
        new = _all(connection, moment)
    else:
        new = _changes(connection, start, position, lambda rows: _new(rows, moment))
    deleted = _changes(connection, start, position, lambda rows: _deleted(rows, start))
    return DecisionStream(position, _written(new, deleted, moment, scopes))


def _answer(connection: Connection, accounts: list[str], moment: int) -> str:
    found = states_at(connection, moment, accounts) if accounts else ()
    texts = [BouncerDecision(account, hold).to_json(moment) for account, hold in found]
    return f"[{','.join(texts)}]" if texts else "null"


def _all(connection: Connection, moment: int) -> Iterator[BouncerDecision]:
    return (BouncerDecision(*state) for state in all_states(connection, moment))


Told = Callable[[list[Row[Any]]], Iterator[tuple[Row[Any], Any]]]
"""Chooses, of the states of one account since the last stream, oldest first, those to tell, each
with the effect that is told."""


def _changes(
    connection: Connection, since: int, position: int, told: Told
) -> Iterator[BouncerDecision]:
    """Yield decisions of accounts whose state has changed between two positions."""
    query = _states_since(since, position).execution_options(yield_per=_AT_ONCE)
    for account, rows in groupby(connection.execute(query), key=attrgetter("account")):
        for row, effect in told(list(rows)):
            yield BouncerDecision(account, Hold(row.decision_id, effect, row.until, ""))


def _states_since(since: int, position: int) -> CompoundSelect[Any]:
    """Return the query of all changes after a position, and of the state before each first one."""
    changed = select(OUTBOX.c.account).where(OUTBOX.c.id > since, OUTBOX.c.id <= position)
    before = (
        select(func.max(OUTBOX.c.id))
        .where(OUTBOX.c.account.in_(changed), OUTBOX.c.id <= since)
        .group_by(OUTBOX.c.account)
    )
    columns = (OUTBOX.c.account, OUTBOX.c.id, OUTBOX.c.decision_id, OUTBOX.c.effect, OUTBOX.c.until)
    within = select(*columns).where(OUTBOX.c.id > since, OUTBOX.c.id <= position)
    # Joined by OR, PostgreSQL would read the whole table.
    both = union_all(within, select(*columns).where(OUTBOX.c.id.in_(before)))
    return both.order_by("account", "id")


def _new(rows: list[Row[Any]], moment: int) -> Iterator[tuple[Row[Any], Any]]:
    """Yield the present state of an account, if it is one that a bouncer applies."""
    last = rows[-1]
    if last.effect != LIFT and (last.until is None or last.until > moment):
        yield last, last.effect


def _deleted(rows: list[Row[Any]], since: int) -> Iterator[tuple[Row[Any], Any]]:
    """Yield all earlier states: the last stream may have told any that is newer than itself.

    If the state before a lift was removed from the store, the bouncer may have any.
    """
    first = rows[0]
    if first.effect == LIFT and first.id > since:
        yield from ((first, effect) for effect in STRENGTH)
    yield from ((row, row.effect) for row in rows[:-1] if row.effect != LIFT)


def _written(
    new: Iterator[BouncerDecision], deleted: Iterator[BouncerDecision], moment: int, scopes: Scopes
) -> Iterator[str]:
    """Yield the JSON text of a stream."""
    yield '{"new":['
    yield from _joined(new, moment, scopes)
    yield '],"deleted":['
    yield from _joined(deleted, moment, scopes)
    yield "]}"


def _joined(decisions: Iterator[BouncerDecision], moment: int, scopes: Scopes) -> Iterator[str]:
    wanted = (one for one in decisions if not scopes or scope_of(one.account).lower() in scopes)
    texts = (one.to_json(moment) for one in wanted)
    between = ""
    while piece := ",".join(islice(texts, _AT_ONCE)):
        yield between + piece
        between = ","
