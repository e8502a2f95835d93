"""Compare what sinks were told with the decisions in force, and the decisions with their audit."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from benchmarks.enforcement_faults.outcome import Comparison
from benchmarks.enforcement_faults.receiver import Message
from sqlalchemy import Connection, select

from ringfence.cases import faults
from ringfence.cases.outbox import all_states
from ringfence.cases.schema import APPEALS, AUDIT, CASES, DECISIONS, DELIVERIES, EFFECTS, OUTBOX

SINK = "hook"
"""Name of the sink that is told each effect."""


def check(connection: Connection, told: Sequence[Message], loaded: Path | None) -> Comparison:
    """Return what is wrong after everything was delivered.

    Args:
        connection: of the store.
        told: everything that the sink of single effects has applied, in order.
        loaded: the file that nginx has loaded; None if the trials have no nginx.
    """
    written = {
        row.key: (row.id, row.account, row.effect) for row in connection.execute(select(OUTBOX))
    }
    keys = [one.key for one in told]
    found = Comparison(
        lost=[f"never told: {written[key]}" for key in sorted(written.keys() - set(keys))],
        disordered=list(_disordered(told)),
        audit=[*faults(connection), *_unaudited(connection)],
        repeats=len(keys) - len(set(keys)),
    )
    found.state += [f"told, and not written: {one}" for one in told if one.key not in written]
    found.state += _undelivered(connection)
    found.state += _halves(connection)
    implied = {account: hold.effect for account, hold in all_states(connection)}
    newest = {one.account: one.effect for one in sorted(told, key=lambda one: one.number)}
    standing = {account: effect for account, effect in newest.items() if effect != "lift"}
    found.state += _differences("the webhook", standing, implied)
    if loaded is not None:
        found.state += _differences("nginx", _loaded(loaded), implied)
    return found


def _disordered(told: Sequence[Message]) -> Iterator[str]:
    newest: dict[str, int] = {}
    for one in told:
        if one.number < newest.get(one.account, 0):
            yield f"told after {newest[one.account]}: {one}"
        newest[one.account] = max(one.number, newest.get(one.account, 0))


def _differences(sink: str, has: Mapping[str, str], implied: Mapping[str, str]) -> Iterator[str]:
    for account in sorted(has.keys() | implied.keys()):
        if has.get(account) != implied.get(account):
            yield f"{account} is {has.get(account)} in {sink}, not {implied.get(account)}"


def _loaded(path: Path) -> dict[str, str]:
    lines = path.read_text().splitlines() if path.exists() else []
    pairs = (line.rstrip(";").split() for line in lines if not line.startswith("#"))
    return {_account(json.loads(key)): effect for key, effect in pairs}


def _account(key: str) -> str:
    """Return the account of a key of the map: an exact regular expression, or a plain name."""
    if not key.startswith("~^"):
        return key[1:]
    return re.sub(r"\\x([0-9a-f]{2})", lambda found: chr(int(found[1], 16)), key[2:-2])


def _undelivered(connection: Connection) -> Iterator[str]:
    query = select(DELIVERIES).where(DELIVERIES.c.state != "done")
    for row in connection.execute(query):
        yield f"effect {row.outbox_id} at {row.sink} is {row.state}: {row.error}"


def _halves(connection: Connection) -> Iterator[str]:
    """Yield acts of which only a half was written."""
    query = select(CASES.c.id, CASES.c.state).order_by(CASES.c.id)
    states = {row.id: row.state for row in connection.execute(query)}
    decisions = {row.id: row for row in connection.execute(select(DECISIONS))}
    in_force = [row.case_id for row in decisions.values() if row.ended is None]
    for case, state in states.items():
        if in_force.count(case) != (state in {"decided", "appealed"}):
            yield f"case {case} is {state} and has {in_force.count(case)} decisions in force"
    for row in connection.execute(select(EFFECTS)):
        if decisions[row.decision_id].ended is not None or decisions[row.decision_id].shadow:
            yield f"decision {row.decision_id} is not in force and holds {row.account}"
    for row in connection.execute(select(OUTBOX)):
        if decisions[row.decision_id].shadow:
            yield f"effect {row.id} is of a decision in shadow mode"
    answered = select(APPEALS.c.decision_id).where(APPEALS.c.outcome == "overturned")
    for decision in connection.execute(answered).scalars():
        if decisions[decision].ended is None:
            yield f"decision {decision} was overturned and is in force"


def _unaudited(connection: Connection) -> Iterator[str]:
    """Yield the ends of decisions that are not in the audit."""
    contents = connection.execute(
        select(AUDIT.c.content).where(AUDIT.c.event == "decision ended")
    ).scalars()
    audited = {json.loads(content)["decision"] for content in contents if content}
    query = select(DECISIONS.c.id).where(DECISIONS.c.ended.is_not(None))
    for decision in connection.execute(query).scalars():
        if decision not in audited:
            yield f"the end of decision {decision} is not in the audit"
