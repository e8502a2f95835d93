"""Lines with several spaces or other separators between their fields."""

from __future__ import annotations

from pathlib import Path

import pytest

from ringfence.engine import Engine, open_engine
from ringfence.events.formats import TextLayout
from ringfence.settings import EngineSettings, EventSettings

AGENT = "Mozilla/5.0 (X11; Linux) AppleWebKit/537 (KHTML, like Gecko)"
COLUMNS = "ip, login, method, url, status, bytes, client"
CLF = "[09/Mar/2026:08:00:00 +0000]"


def right(number: int, login: str | None) -> tuple[str | None, ...]:
    """The raw columns of one line."""
    return (f"192.0.2.{number}", login, "GET", f"/record/{number}", "200", "512", AGENT)


def read(path: Path, lines: list[str]) -> list[tuple[object, ...]]:
    """Read lines by the fast path, in the order of their addresses."""
    path.write_text("\n".join([*lines, ""]))
    form = TextLayout()
    assert form.recognises(lines)
    with open_engine(EngineSettings(threads=1)) as engine:
        return fast(engine, form, path)


def fast(engine: Engine, form: TextLayout, path: Path) -> list[tuple[object, ...]]:
    """The rows of the fast path."""
    source = form.open(engine, path, EventSettings())
    return list(
        engine.rows(
            f"SELECT {COLUMNS}, CAST({source.time} AS VARCHAR) FROM ({source.select}) AS raw "
            "ORDER BY ip"
        )
    )


@pytest.mark.parametrize("separator", ["|", "\t"])
def test_fields_between_single_separators_are_read(tmp_path: Path, separator: str) -> None:
    """Epoch, address, login, request and client are found by their values."""
    lines = [
        separator.join(
            [
                *("1773043200.250", f"192.0.2.{n}", "ann" if n % 2 else "-"),
                *(f"GET /record/{n} HTTP/1.1", "200", "512", AGENT),
            ]
        )
        for n in range(10, 19)
    ]
    assert read(tmp_path / "x.log", lines) == [
        (*right(n, "ann" if n % 2 else None), "2026-03-09 08:00:00.25") for n in range(10, 19)
    ]


@pytest.mark.parametrize("separator", [";", ",", "|"])
def test_quoted_fields_may_hold_the_separator(tmp_path: Path, separator: str) -> None:
    """A client in quotes keeps its commas and semicolons."""
    lines = [
        separator.join(
            [
                *("2026-03-09T08:00:00Z", f"192.0.2.{n}", "ann"),
                *(f'"GET /record/{n} HTTP/1.1"', "200", "512", f'"{AGENT}"'),
            ]
        )
        for n in range(10, 19)
    ]
    assert read(tmp_path / "x.log", lines) == [
        (*right(n, "ann"), "2026-03-09 08:00:00") for n in range(10, 19)
    ]


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_a_table_with_names_is_no_layout(separator: str) -> None:
    """The first line of a CSV file names the columns, and the other reader reads it."""
    names = separator.join(("time", "c_ip", "user1", "request"))
    row = separator.join(("2026-03-09T08:00:00Z", "192.0.2.1", "ann", "GET /record/1 HTTP/1.1"))
    assert not TextLayout().recognises([names, row, row])
    assert TextLayout().recognises([row, row])


@pytest.mark.parametrize(
    "form",
    [
        '{ip} -  {user}  {time} "{request}" 200  512 "-" "{agent}"',
        '{ip}  - {user} {time}  "{request}" 200 512  "-"  "{agent}"  12',
    ],
)
@pytest.mark.parametrize("user", ["ann", "-"])
def test_several_spaces_between_fields_are_read_as_one(
    tmp_path: Path, form: str, user: str
) -> None:
    """Jetty writes two spaces around the login."""
    lines = [
        form.format(
            ip=f"192.0.2.{n}", user=user, time=CLF, request=f"GET /record/{n} HTTP/1.1", agent=AGENT
        )
        for n in range(10, 19)
    ]
    assert read(tmp_path / "x.log", lines) == [
        (*right(n, None if user == "-" else user), "2026-03-09 08:00:00") for n in range(10, 19)
    ]


def test_a_login_in_quotes_is_read(tmp_path: Path) -> None:
    """Both paths leave the quotes out of the login, also if all lines have them."""
    lines = [
        f'192.0.2.{n} - "Bob Lee" {CLF} "GET /record/{n} HTTP/1.1" 200 512 "-" "{AGENT}"'
        for n in range(10, 19)
    ]
    rows = read(tmp_path / "x.log", lines)
    assert [row[:7] for row in rows] == [right(n, "Bob Lee") for n in range(10, 19)]
    form = TextLayout()
    assert form.recognises(lines)
    assert (form.parse(lines[0]) or {})["login"] == "Bob Lee"
