"""Links of all pages resolve, decision records have their form, and no page names a machine."""

from __future__ import annotations

import re
import tomllib
from itertools import count
from pathlib import Path

import pytest
from tests.docs.blocks import ROOT

PAGES = [
    *ROOT.glob("*.md"),
    *(path for path in ROOT.glob("docs/**/*.md") if path.parent.name != "templates"),
]
SECTIONS = ["Context", "Decision", "Consequences", "What would change our mind"]
RECORDS = sorted((ROOT / "docs/decisions").glob("[0-9]*.md"))


def text_of(page: Path) -> str:
    """Return the text of a page without its code blocks."""
    return re.sub(
        r"^```.*?^```$", "", page.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL
    )


def anchors(page: Path) -> set[str]:
    """Return the anchors that GitHub makes of a page's headings."""
    headings = re.findall(r"^#+ (.+)$", text_of(page), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", one.lower()).replace(" ", "-") for one in headings}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_resolves(page: Path) -> None:
    """Links within the project lead to an existing file, and to an existing heading in it."""
    broken = []
    for target in re.findall(r"\]\(([^)\s]+)\)", text_of(page)):
        if re.match(r"https?:", target):
            continue
        path, _, anchor = target.partition("#")
        file = page.parent / path if path else page
        if not file.is_file() or (anchor and anchor not in anchors(file)):
            broken.append(target)
    assert not broken


def test_every_page_is_linked() -> None:
    """Each page under docs is linked from some other page."""
    linked = {
        (page.parent / target.partition("#")[0]).resolve()
        for page in PAGES
        for target in re.findall(r"\]\(([^)\s:]+)\)", text_of(page))
    }
    assert not [page for page in PAGES if page.parent != ROOT and page not in linked]


def test_decisions_are_numbered_without_gaps() -> None:
    """The records are 0001, 0002 and so on, and the index lists each."""
    numbers = [record.name[:4] for record in RECORDS]
    assert numbers
    assert numbers == [f"{n:04}" for n, _ in zip(count(1), numbers, strict=False)]
    index = (ROOT / "docs/decisions/README.md").read_text(encoding="utf-8")
    assert all(f"({record.name})" in index for record in RECORDS)


@pytest.mark.parametrize("record", RECORDS, ids=lambda record: record.stem)
def test_a_decision_has_four_sections(record: Path) -> None:
    """A record has a context, a decision, consequences, and what would change our mind."""
    text = record.read_text(encoding="utf-8")
    assert text.startswith(f"# {record.name[:4]}: ")
    assert re.findall(r"^## (.+)$", text, re.MULTILINE) == SECTIONS


@pytest.mark.parametrize("record", RECORDS, ids=lambda record: record.stem)
def test_a_decision_begins_with_a_summary_of_three_lines(record: Path) -> None:
    """The problem, the decision and its price have one line per item of a list."""
    _, summary, following, *_ = record.read_text(encoding="utf-8").split("\n\n")
    lines = summary.splitlines()
    assert len(lines) == 3
    assert all(re.match(r"- [A-Z\d`].*\.$", line) for line in lines)
    assert following == "## Context"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_no_page_names_a_machine(page: Path) -> None:
    """No page contains the path of a home folder or a workspace."""
    private = re.compile(r"/(?:root|home/\w+|Users/\w+|work|tmp)/")
    assert not private.findall(page.read_text(encoding="utf-8"))


def test_the_picture_is_a_small_png() -> None:
    """The picture in the README is a PNG of at most 300 kB."""
    data = (ROOT / "docs/images/report.png").read_bytes()
    assert data.startswith(b"\x89PNG")
    assert len(data) <= 300_000


def test_the_architecture_page_lists_the_packages_in_the_order_of_imports() -> None:
    """The table of packages has the layers of the import contract, the lowest first."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    layers = settings["tool"]["importlinter"]["contracts"][0]["layers"]
    rows = [re.findall(r"ringfence\.(\w+)", layer) for layer in reversed(layers)]
    expected = list(dict.fromkeys(tuple(sorted(row)) for row in rows))
    page = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    table = page.partition("| package |")[2].partition("\n\n")[0]
    cells = re.findall(r"^\| (`[^|]+) \|", table, re.MULTILINE)
    assert [tuple(sorted(re.findall(r"`(\w+)`", cell))) for cell in cells] == expected
