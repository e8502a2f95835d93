"""The columns of the Parquet files follow from the classes of their rows."""

from __future__ import annotations

from ringfence.model.output_tables import AccountRow, RingRow, columns


def test_columns_of_accounts_have_types_that_programs_can_use() -> None:
    """Times have a zone, counts are integers, and each test has a column of its own."""
    assert [(column.name, column.type) for column in columns(AccountRow)] == [
        ("account", "VARCHAR"),
        ("items", "BIGINT"),
        ("uses", "BIGINT"),
        ("first", "TIMESTAMP WITH TIME ZONE"),
        ("last", "TIMESTAMP WITH TIME ZONE"),
        ("verdict", "VARCHAR"),
        ("ring", "VARCHAR"),
        ("p_value", "DOUBLE"),
        ("display_name", "VARCHAR"),
        ("plan", "VARCHAR"),
        ("country", "VARCHAR"),
        ("status", "VARCHAR"),
        ("created", "TIMESTAMP WITH TIME ZONE"),
        ("client", "VARCHAR"),
        ("p_<test>", "DOUBLE"),
    ]


def test_rings_have_verdict_and_p_value() -> None:
    """A row per member says how sure the ring is."""
    types = {column.name: column.type for column in columns(RingRow)}
    assert types["verdict"] == "VARCHAR"
    assert types["p_value"] == "DOUBLE"


def test_every_column_has_a_meaning() -> None:
    """The meaning is one line that begins with a capital or with a name."""
    for column in (*columns(AccountRow), *columns(RingRow)):
        assert "\n" not in column.meaning
        assert column.meaning[0].isupper() or column.meaning[0] in "`p"
