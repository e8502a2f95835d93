"""A sample of the requests of an open source, with what was read from each of them."""

from __future__ import annotations

from typing import Final, NamedTuple

from ringfence.engine import Engine
from ringfence.events.parsed_lines import ParsedLine, create, insert
from ringfence.events.reading import Plan, Reading
from ringfence.events.sampling import sample_records

_ROWS: Final = 2_500
_AS_WRITTEN: Final = ("peer", "forwarded_list", "requested")


class SampledRequest(NamedTuple):
    """One record of a source, as written and as read.

    Attributes:
        account: the account; None if it has none.
        visitor: whether the account has no login.
        outcome: why it was not counted; None for a take.
        address: the address that counts as the client's.
        client: name of the client.
        peer: the raw column ``ip``: the address that connected to the server.
        forwarded: the raw column ``forwarded``: the list of addresses that proxies passed on.
        url: the URL.
        item: the item; None if it has none.
        group: the item's group; None if it has none.
        shown: whether a warning may show its addresses and its URL, which may name a person.
    """

    account: str | None
    visitor: bool | None
    outcome: str | None
    address: str | None
    client: str | None
    peer: str | None
    forwarded: str | None
    url: str | None
    item: str | None = None
    group: str | None = None
    shown: bool = True


def sample_requests(engine: Engine, reading: Reading) -> list[SampledRequest]:
    """Return about 2,500 records from several parts of an open source.

    The SQL of all events gives them their meaning. There are none of a source without URLs,
    without forwarded lists and without groups, which cost nothing.
    """
    plan = reading.plan
    if plan is None or not plan.opened.present & {"url", "forwarded", "group"}:
        return []
    written = "ip AS peer, forwarded AS forwarded_list, url AS requested"
    raw = f"SELECT *, {written} FROM ({_raw(engine, plan)}) AS raw"  # noqa: S608 - own names
    typed = plan.select(raw, _AS_WRITTEN)
    rows = engine.rows(
        f"SELECT account, visitor, outcome, ip, client, {', '.join(_AS_WRITTEN)}, "  # noqa: S608
        f'item, "group" FROM ({typed}) AS typed'
    )
    shown = not plan.identity.pseudonyms
    return [SampledRequest(*row)._replace(shown=shown) for row in rows]


def _raw(engine: Engine, plan: Plan) -> str:
    if not plan.form.by_line:
        return f"SELECT * FROM ({plan.opened.select}) AS every LIMIT {_ROWS}"  # noqa: S608
    create(engine, "sampled_lines")
    records = sample_records(plan.form, plan.path, _ROWS)
    lines = (ParsedLine(line, "", record) for line, record in enumerate(records, start=1))
    insert(engine, "sampled_lines", lines)
    return "SELECT * FROM sampled_lines"
