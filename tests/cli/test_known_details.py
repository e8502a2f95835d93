"""`explain` shows details from the operator's tables, without control characters."""

from __future__ import annotations

import dataclasses
import json
import math
from datetime import UTC, datetime
from pathlib import Path

import pytest
from tests.cli.conftest import Run
from tests.cli.test_explain import stored, words
from tests.report import sample

from ringfence.model.details import AccountDetails, ItemDetails
from ringfence.model.finding import Finding

ANN = AccountDetails(
    "Ann Example", "gold", "PT", "active", datetime(2026, 1, 3, tzinfo=UTC),
    "https://admin.example.org/users/ann",
)  # fmt: skip
ITEMS = (
    ItemDetails("t1", "First song", "g1", "The Examples", "https://www.example.org/t/t1"),
    ItemDetails("t2", "", "g2"),
    *(ItemDetails(f"t{n}") for n in range(3, 12)),
)


def known() -> Finding:
    """Return a finding of an account that the tables know."""
    return sample.finding("ann", shown=sample.profile(), details=ANN, taken=ITEMS)


def test_an_account_has_its_name_and_its_items_have_titles(run: Run, tmp_path: Path) -> None:
    """Name, plan, country, status, link, and some items with title, group and link."""
    said = words(run("explain", stored(tmp_path, known()), "ann").stdout)
    assert (
        "ann Ann Example, created 2026-01-03, plan gold, country PT, status active, "
        "https://admin.example.org/users/ann extracting" in said
    )
    assert "first taken first: - t1, First song, The Examples (g1), https://www.example.org" in said
    assert "- t2 (g2) - t3 " in said
    assert "t6" in said
    assert "t7" not in said


def test_members_of_a_ring_have_theirs(run: Run, tmp_path: Path) -> None:
    """One line per listed member that the table knows."""
    ring = sample.ring(3)
    assert ring.ring is not None
    members = (dataclasses.replace(ring.ring.members[0], details=ANN), *ring.ring.members[1:])
    ring = dataclasses.replace(ring, ring=dataclasses.replace(ring.ring, members=members))
    said = words(run("explain", stored(tmp_path, ring), ring.id).stdout)
    assert "- member-0: Ann Example, created 2026-01-03, plan gold" in said
    assert "member-1:" not in said


def test_without_tables_nothing_is_added(run: Run, tmp_path: Path) -> None:
    """A finding without details and items has neither line nor heading."""
    said = run("explain", stored(tmp_path, sample.finding("ann")), "ann").stdout
    assert said.splitlines()[:2] == ["ann", "extracting, advised: suspend"]
    assert "items, first taken" not in said


@pytest.mark.parametrize("text", [t for t in sample.HOSTILE if chr(0xD800) not in t])
def test_hostile_names_and_titles_do_no_harm(run: Run, tmp_path: Path, text: str) -> None:
    """No control character reaches the terminal, and an endless name is cut."""
    finding = sample.finding(
        "ann", shown=sample.profile(), details=AccountDetails(text, text, text, text),
        taken=(ItemDetails(text, text, text, text),),
    )  # fmt: skip
    said = run("explain", stored(tmp_path, finding), "ann").stdout
    assert not {c for c in said if not c.isprintable()} - {"\n"}
    assert len(said) < 5_000


@pytest.mark.slow
def test_a_scan_with_tables_ends_in_all_files(run: Run) -> None:
    """``--accounts`` reaches the terminal, findings.jsonl, accounts.parquet and the report."""
    hours = range(24 * 20)
    lines = [f"2026-02-{1 + n // 24:02}T{n % 24:02}:{m:02}:00Z,1001,i{n * 60 + m}"
             for n in hours for m in range(60)]  # fmt: skip
    lines += [f"2026-02-{1 + d:02}T{8 + u % 9:02}:{m:02}:07Z,u{u},i{math.isqrt(u * d * 97 + m)}"
              for u in range(150) for d in range(20) for m in range(6)]  # fmt: skip
    Path("log.csv").write_text("\n".join(["ts,account,item", *lines]), encoding="utf-8")
    Path("acc.csv").write_text(
        "id,name,plan\n1001.0,Ann Onymous,gold\nu1,=1+1,\n", encoding="utf-8"
    )
    Path("cat.csv").write_text("item,title\n" + "".join(f"i{n},Title {n}\n" for n in range(28_800)))
    Path("r.toml").write_text('[report]\naccount_url = "https://a.example/{account}"\n')
    tables = ("--accounts", "acc.csv", "--catalogue", "cat.csv", "--config", "r.toml")
    done = run("scan", "log.csv", *tables, "--out", "o")
    assert done.returncode == 0, done.stderr
    assert "1001 (Ann Onymous):" in done.stdout
    assert "The accounts table knows 2 of the 151 accounts with a login." in words(done.stdout)
    (found,) = map(json.loads, Path("o/findings.jsonl").read_text().splitlines())
    assert found["details"] == {
        "display_name": "Ann Onymous", "plan": "gold", "country": "", "status": "", "created": None,
        "url": "https://a.example/1001",
    }  # fmt: skip
    assert found["sample"][0] == {
        "item": "i0", "title": "Title 0", "group": "", "group_name": "", "url": "",
    }  # fmt: skip
    assert "Ann Onymous" in Path("o/report.html").read_text()
    other = words(run("explain", "o", "u1").stdout)
    assert other.startswith("u1 =1+1 no finding")
    assert (
        json.loads(run("explain", "o", "u1", "--json").stdout)["details"]["display_name"] == "=1+1"
    )
    assert "details" not in json.loads(run("explain", "o", "u2", "--json").stdout)


def test_a_table_that_cannot_be_used_ends_with_status_2(run: Run, tmp_path: Path) -> None:
    """One line on standard error says which file and what to do."""
    Path("log.csv").write_text("ts,account,item\n2026-02-01,a,b\n")
    Path("acc.csv").write_text("colour\nred\n")
    for name, said in (("acc.csv", "name it with accounts.account"), ("none.csv", "no such file")):
        done = run("scan", "log.csv", "--accounts", name)
        assert (done.returncode, done.stdout) == (2, "")
        assert said in done.stderr
        assert name in done.stderr
        assert done.stderr.count("\n") == 1
    assert not (tmp_path / "ringfence-out").exists()
