"""The page in a real browser."""

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from tests.report import sample

from ringfence.report import Contents, write_html

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser"))), None)
pytestmark = pytest.mark.skipif(
    CHROMIUM is None, reason="no Chromium here; install it with: sudo apt-get install chromium"
)
QUIET = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
)  # fmt: skip


def everything() -> Contents:
    """Return contents with a ring in front, whose page is open."""
    ring = sample.ring(names=sample.HOSTILE)
    return sample.contents((ring, *sample.contents().findings))


def browse(tmp_path: Path, page: Path, *options: str) -> str:
    """Open a page without a window and return its document as the browser has it."""
    command = [str(CHROMIUM), *QUIET, f"--user-data-dir={tmp_path / 'profile'}", *options]
    done = subprocess.run(
        [*command, page.as_uri()], capture_output=True, text=True, timeout=60, check=True
    )
    return done.stdout


def measured(tmp_path: Path, html: str, width: int) -> dict[str, int]:
    """Return by how many pixels the page, and the widest of its parts, overflow at a width."""
    # The page itself may run nothing; a frame of this width measures a copy that may.
    copy = re.sub(r'<meta http-equiv="Content-Security-Policy"[^>]*>', "", html)
    script = """<script>
      const over = element => element.scrollWidth - element.clientWidth;
      const most = name => Math.max(0, ...[...document.querySelectorAll(name)].map(over));
      const shared = row => row.querySelector("small")?.offsetHeight ?? 0;
      const lines = [...document.querySelectorAll(".members tbody tr")].map(
        row => Math.round((row.offsetHeight - shared(row) - 12) / 21));
      const charts = [...document.querySelectorAll("figure")].map(one => [
        Math.round(one.getBoundingClientRect().top), one.offsetHeight]);
      const uneven = charts.filter(([top, height]) => charts.some(
        ([other, size]) => other === top && Math.abs(size - height) > 1)).length;
      const wide = {uneven, lines: Math.max(0, ...lines),
        page: over(document.documentElement), tables: most(".scroll")};
      parent.document.title = JSON.stringify(wide);
    </script>"""
    (tmp_path / "copy.html").write_text(copy.replace("</body>", script + "</body>"), "utf-8")
    frame = tmp_path / "frame.html"
    frame.write_text(
        f'<iframe style="border:0;width:{width}px;height:800px" src="copy.html"></iframe>'
    )
    options = ("--dump-dom", "--allow-file-access-from-files", "--virtual-time-budget=3000")
    document = browse(tmp_path, frame, *options)
    title = re.search("<title>(.*)</title>", document)
    assert title is not None
    found: dict[str, int] = json.loads(title[1])
    return found


@pytest.mark.slow
@pytest.mark.parametrize("width", [360, 390, 1280])
def test_nothing_is_cut_off(tmp_path: Path, width: int) -> None:
    """On a phone and on a desk the page and every table fit, with hostile ids and long values."""
    write_html(everything(), tmp_path / "report.html")
    html = (tmp_path / "report.html").read_text(encoding="utf-8")
    found = measured(tmp_path, html, width)
    assert {"page": found["page"], "tables": found["tables"]} == {"page": 0, "tables": 0}


@pytest.mark.slow
def test_charts_in_a_row_have_one_height(tmp_path: Path) -> None:
    """On a desk no chart leaves a hole beside a taller one."""
    write_html(everything(), tmp_path / "report.html")
    html = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert measured(tmp_path, html, 1280)["uneven"] == 0


@pytest.mark.slow
def test_a_member_of_a_ring_takes_few_lines_on_a_phone(tmp_path: Path) -> None:
    """Besides what it shares: name and verdict, first and last use, numbers in four lines."""
    write_html(sample.contents((sample.ring(),)), tmp_path / "report.html")
    html = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert 2 <= measured(tmp_path, html, 390)["lines"] <= 4


@pytest.mark.slow
def test_hostile_text_runs_nothing_in_a_browser(tmp_path: Path) -> None:
    """Even with the policy taken out, no text from outside becomes an element or a handler."""
    write_html(everything(), tmp_path / "report.html")
    html = (tmp_path / "report.html").read_text(encoding="utf-8")
    bare = re.sub(r'<meta http-equiv="Content-Security-Policy"[^>]*>', "", html)
    (tmp_path / "report.html").write_text(bare, encoding="utf-8")
    document = browse(tmp_path, tmp_path / "report.html", "--dump-dom")
    # The pattern skips quoted values, because an id may contain the text of a handler.
    handler = r'<\w+(?:\s+[\w:.-]+(?:="[^"]*")?)*\s+on(?:load|error)='
    assert not re.search(rf"<(?:script|img|iframe)\b|{handler}", document)
    assert re.search(handler, '<svg class="a b" onload="alert(1)">')


@pytest.mark.slow
@pytest.mark.skipif(
    shutil.which("pdftotext") is None,
    reason="no pdftotext here; install it with: sudo apt-get install poppler-utils",
)
def test_on_paper_every_page_of_evidence_is_open(tmp_path: Path) -> None:
    """The fourth finding is closed on the screen; printed, its sentences are there."""
    write_html(sample.contents(), tmp_path / "report.html")
    pdf = tmp_path / "report.pdf"
    browse(tmp_path, tmp_path / "report.html", f"--print-to-pdf={pdf}", "--no-pdf-header-footer")
    text = subprocess.run(
        ["pdftotext", str(pdf), "-"],  # noqa: S607
        capture_output=True, text=True, timeout=60, check=True,
    ).stdout  # fmt: skip
    assert "It took 1,480 distinct items" in " ".join(text.split())
