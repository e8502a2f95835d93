"""The cluster's dialect: a DuckDB statement rendered for Spark.

SQLGlot translates. If its rendering would be invalid in Spark or mean something else there, the
syntax tree is changed first. The session must provide Spark 4, ``spark.sql.session.timeZone =
UTC``, and tables that can be replaced and deleted from (Delta, Iceberg). Parameters become
``:name``.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import sqlglot
from sqlglot import ErrorLevel, exp

_NAMES: Final = {"hash": "xxhash64", "epoch_us": "unix_micros", "list_reduce": "reduce"}
"""DuckDB's functions that SQLGlot passes on by their names, and Spark's. Spark has a function
``hash`` too, but of 32 bits, under which the items of a large catalogue collide."""


def to_spark(sql: str) -> str:
    """Render one DuckDB statement for Spark.

    Hash keys become signed numbers and come from another function than DuckDB's. So a ledger can be
    used only with the engine that created it.

    Args:
        sql: one statement in DuckDB's dialect, parameters as ``$name``.

    Returns:
        One line of Spark SQL, parameters as ``:name``.

    Raises:
        sqlglot.errors.ParseError: it is not a statement of DuckDB's dialect.
        sqlglot.errors.UnsupportedError: Spark has no such construct.
    """
    tree = sqlglot.parse_one(sql, read="duckdb")
    for kind, port in _PORTS.items():
        for node in list(tree.find_all(kind)):
            port(node)
    return tree.sql("spark", unsupported_level=ErrorLevel.RAISE)


def _rename(call: exp.Anonymous) -> None:
    name = _NAMES.get(call.name.lower())
    if name:
        call.set("this", name)
    if name == "reduce":
        # Spark wants the first value before the function.
        values, step, first = call.expressions
        call.set("expressions", [values, first, step])


def _make_lasting(create: exp.Create) -> None:
    # Spark has no temporary tables. A temporary view is not a substitute: it is computed again each
    # time it is read, even after its inputs have changed, and nothing can be inserted into it.
    properties = create.args.get("properties")
    if create.kind != "TABLE" or properties is None:
        return
    for temporary in list(properties.find_all(exp.TemporaryProperty)):
        temporary.pop()


def _keep_fractions(call: exp.TimeToUnix) -> None:
    # DuckDB's epoch() gives fractions of a second, and its cast to a whole number rounds. Spark's
    # function truncates them, and so does its cast.
    micros = exp.func("unix_micros", call.this.copy())
    seconds = exp.Div(this=micros, expression=exp.Literal.number(1_000_000))
    rounded = isinstance(call.parent, exp.Cast)
    call.replace(exp.func("rint", seconds) if rounded else exp.paren(seconds))


def _order_within(call: exp.PercentileDisc) -> None:
    # SQLGlot writes the call unchanged, which Spark refuses. SQLGlot's own node for it becomes
    # percentile_approx.
    share = exp.Anonymous(this="percentile_disc", expressions=[call.expression.copy()])
    order = exp.Order(expressions=[exp.Ordered(this=call.this.copy(), nulls_first=True)])
    call.replace(exp.WithinGroup(this=share, expression=order))


def _sign(kind: exp.DataType) -> None:
    if kind.is_type(exp.DType.UBIGINT, exp.DType.UINT):
        kind.replace(exp.DataType.build("bigint"))


_PORTS: Final[dict[type[exp.Expr], Callable[[Any], None]]] = {
    exp.Create: _make_lasting,
    exp.Anonymous: _rename,
    exp.TimeToUnix: _keep_fractions,
    exp.PercentileDisc: _order_within,
    exp.DataType: _sign,
}
