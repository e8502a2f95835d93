"""Every statement of the path from events to findings is a statement of Spark's, too."""

from __future__ import annotations

import importlib
import importlib.util
import json
import pkgutil
import re
import shutil
import subprocess
import sys
from datetime import datetime
from pathlib import Path

import pytest
from sqlglot.errors import SqlglotError

import ringfence
from ringfence.engine import registered
from ringfence.engine.spark import to_spark
from ringfence.events import items
from ringfence.events.accounts import Identity
from ringfence.events.event_sql import typing_select
from ringfence.events.formats import RAW_COLUMNS
from ringfence.events.formats.times import native_time, text_time
from ringfence.model.networks import parse_networks
from ringfence.settings import ItemRule

for module in pkgutil.walk_packages(ringfence.__path__, "ringfence."):
    importlib.import_module(module.name)

OWN_RULES = (
    ItemRule(pattern=r"/(?P<group>[a-z]+)/(?P<item>\d+)\?as=(?P<surface>\w+)"),
    ItemRule(pattern=r"/other/(?P<item>[^'/]+)", surface="download"),
)
ITEM_RULES = {one.name: one for one in (*items.PRESETS, items.own(OWN_RULES))} | {"none": None}

IDENTITY = Identity("auto", parse_networks(["private"]), 64, ("user", "api_key"), pseudonyms=True)

TIMES = {
    "text in UTC": text_time("UTC"),
    "text elsewhere": text_time("Europe/Paris"),
    "instants": native_time('"time"', "TIMESTAMP WITH TIME ZONE", "UTC"),
    "local times": native_time('"time"', "TIMESTAMP", "Europe/Paris"),
    "days": native_time('"time"', "DATE", "UTC"),
    "numbers": native_time('"time"', "BIGINT", "UTC"),
    "server logs": "TRY_CAST(time AS TIMESTAMP)",
}
"""The SQL by which formats type their times."""

STATEMENTS = {one.name: one.sql for one in registered()} | {
    f"typing, {rules}, {time}": typing_select(
        "SELECT * FROM raw", TIMES[time], IDENTITY, ITEM_RULES[rules],
        signed_up=TIMES["text elsewhere"], present=frozenset(RAW_COLUMNS),
        horizon=datetime(2030, 1, 1),  # noqa: DTZ001 - UTC, no zone
    )
    for rules, time in [(name, "text in UTC") for name in ITEM_RULES] + [("path", t) for t in TIMES]
}  # fmt: skip
"""The SQL to render. Each engine has its own way, in an adapter, for the rest: reading files
(``read_csv``, ``read_json``, ``read_parquet``, their reject tables, DESCRIBE), writing
``accounts.parquet`` (COPY), and the macro by which DuckDB learns ``to_utc_timestamp``."""

SPARK = frozenset(
    word
    for line in (
        "abs any_value array array_join avg bit_count bit_or bool_or cast ceil coalesce",
        "concat concat_ws contains corr count dense_rank encode explode floor from_unixtime",
        "from_utc_timestamp greatest lag lead least left",
        "length levenshtein listagg ln locate log lower lpad max max_by md5 min min_by nullif",
        "percentile_disc regexp_extract reduce regexp_replace repeat replace reverse right round",
        "row_number sequence sha2 shiftleft split split_part sqrt startswith stddev_pop sum",
        "substring timestamp_micros to_utc_timestamp transform trim try_cast unhex unix_micros",
        "url_decode xxhash64",
    )
    for word in line.split()
)
"""The functions of Spark 4 that statements may come down to; add one after reading its page."""


def functions(sql: str) -> set[str]:
    """Name the functions that a rendered statement calls, in lower case."""
    bare = re.sub(r"'(?:[^'\\]|\\.)*'|`[^`]*`", "''", sql)
    return {name.lower() for name in re.findall(r"\b(\w+)\(", bare)}


def test_there_is_something_to_render() -> None:
    """Every room of the path has registered its statements."""
    rooms = {name.partition(".")[0] for name in STATEMENTS}
    assert {"ledger", "catalogue", "population", "evidence", "verdicts", "pipeline"} <= rooms


@pytest.mark.parametrize("name", STATEMENTS)
def test_statement_is_rendered_with_functions_spark_has(name: str) -> None:
    """SQLGlot finds nothing unsupported, and no function is left that Spark does not have."""
    assert functions(to_spark(STATEMENTS[name])) <= SPARK


def test_the_list_has_no_more_than_is_used() -> None:
    """A function nobody calls any more leaves the list."""
    assert set().union(*(functions(to_spark(sql)) for sql in STATEMENTS.values())) == SPARK


@pytest.mark.parametrize(
    ("duckdb", "spark"),
    [
        ("SELECT hash(a) FROM t", "SELECT XXHASH64(a) FROM t"),
        ("SELECT CAST(NULL AS UBIGINT)", "SELECT CAST(NULL AS BIGINT)"),
        ("SELECT CAST(epoch(ts) AS BIGINT) FROM t",
         "SELECT CAST(RINT(UNIX_MICROS(ts) / 1000000) AS BIGINT) FROM t"),
        ("SELECT floor(epoch(ts)) FROM t", "SELECT FLOOR((UNIX_MICROS(ts) / 1000000)) FROM t"),
        ("SELECT quantile_disc(n, 0.5) FROM t",
         "SELECT PERCENTILE_DISC(0.5) WITHIN GROUP (ORDER BY n) FROM t"),
        ("SELECT arg_max(a, b) FROM t", "SELECT MAX_BY(a, b) FROM t"),
        ("SELECT any_value(a) FROM t", "SELECT ANY_VALUE(a) IGNORE NULLS FROM t"),
        ("SELECT 7 // 2", "SELECT 7 DIV 2"),
        ("SELECT CAST(1 AS BIGINT) << 3", "SELECT SHIFTLEFT(CAST(1 AS BIGINT), 3)"),
        ("SELECT * EXCLUDE (a) FROM t", "SELECT * EXCEPT (a) FROM t"),
        ("SELECT unnest($names) AS name", "SELECT EXPLODE(:names) AS name"),
        ("SELECT regexp_matches(a, '\\d')", "SELECT a RLIKE '\\\\d'"),
        ("CREATE OR REPLACE TEMP TABLE a AS SELECT 1", "CREATE OR REPLACE TABLE a AS SELECT 1"),
        ("CREATE OR REPLACE TEMP VIEW a AS SELECT 1",
         "CREATE OR REPLACE TEMPORARY VIEW a AS SELECT 1"),
        ("CREATE TABLE IF NOT EXISTS a (k UBIGINT, t VARCHAR)",
         "CREATE TABLE IF NOT EXISTS a (k BIGINT, t STRING)"),
    ],
)  # fmt: skip
def test_construct_means_the_same_in_spark(duckdb: str, spark: str) -> None:
    """A construct that the engines spell differently is rendered in Spark's spelling."""
    assert to_spark(duckdb) == spark


@pytest.mark.parametrize(
    "sql", ["SELECT FROM WHERE", "SELECT regexp_extract(a, 'x', 1, 'i') FROM t",
            "SELECT sum(a) OVER (ORDER BY b ROWS 1 PRECEDING EXCLUDE TIES) FROM t"],
)  # fmt: skip
def test_what_spark_cannot_do_is_an_error(sql: str) -> None:
    """Nonsense and constructs without a counterpart raise instead of passing through."""
    with pytest.raises(SqlglotError):
        to_spark(sql)


SPARK_PARSER = """
import json, sys
from pyspark.sql import SparkSession

asked = json.load(sys.stdin)
settings = {"spark.ui.enabled": "false", "spark.sql.warehouse.dir": sys.argv[1]}
session = SparkSession.builder.master("local[1]").config(map=settings).getOrCreate()
parser = session._jsparkSession.sessionState().sqlParser()
wrong = {}
for name, sql in asked["statements"].items():
    try:
        parser.parsePlan(sql)
    except Exception as error:
        wrong[name] = str(error)
known = {row[0] for row in session.sql("SHOW FUNCTIONS").collect()}
print(json.dumps({"wrong": wrong, "unknown": sorted(set(asked["functions"]) - known)}))
session.stop()
"""


@pytest.mark.slow
@pytest.mark.skipif(
    not (importlib.util.find_spec("pyspark") and shutil.which("java")),
    reason="needs Spark's own parser: pip install pyspark, apt-get install default-jre-headless",
)
def test_sparks_own_parser_takes_every_statement(tmp_path: Path) -> None:
    """Spark parses all that is rendered, and knows every function of the list."""
    asked = {"statements": {name: to_spark(sql) for name, sql in STATEMENTS.items()},
             "functions": sorted(SPARK - {"cast", "try_cast"})}  # fmt: skip
    run = subprocess.run(
        [sys.executable, "-c", SPARK_PARSER, str(tmp_path)], input=json.dumps(asked),
        capture_output=True, text=True, check=True, cwd=tmp_path,
    )  # fmt: skip
    assert json.loads(run.stdout.splitlines()[-1]) == {"wrong": {}, "unknown": []}


def test_a_wrong_statement_would_be_noticed() -> None:
    """The check of functions sees through strings, quotes and nesting."""
    sql = to_spark("SELECT list_zip(a, 'f(x)') AS \"g(y)\", max(strptime(b, '%d')) FROM t")
    assert {"f", "g"} & functions(sql) == set()
    assert not functions(sql) <= SPARK
