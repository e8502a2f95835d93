"""The documentation site contains every page and builds strictly."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from tests.docs.blocks import ROOT

DOCS = ROOT / "docs"
SETTINGS: dict[str, Any] = tomllib.loads((ROOT / "zensical.toml").read_text(encoding="utf-8"))


def pages_in(navigation: list[dict[str, Any]]) -> Iterator[str]:
    """Return the pages of a navigation, those of its sections included."""
    for entry in navigation:
        for target in entry.values():
            if isinstance(target, str):
                yield target
            else:
                yield from pages_in(target)


def build(folder: Path) -> subprocess.CompletedProcess[str]:
    """Build the site of a copy of the documentation."""
    return subprocess.run(
        [sys.executable, "-m", "zensical", "build", "--strict"],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """Return a copy of the documentation and its configuration."""
    if find_spec("zensical") is None:
        pytest.skip("no site generator; pip install --group docs")
    shutil.copytree(DOCS, tmp_path / "docs")
    shutil.copy(ROOT / "zensical.toml", tmp_path)
    return tmp_path


def test_the_navigation_lists_every_page_once() -> None:
    """A page that is not in the navigation cannot be found; records are listed on their index."""
    written = {
        path.relative_to(DOCS).as_posix()
        for path in DOCS.rglob("*.md")
        if path.parent.name != "templates" and not path.name[:4].isdigit()
    }
    listed = list(pages_in(SETTINGS["project"]["nav"]))
    assert sorted(listed) == sorted(written)


def test_the_front_page_lists_every_guide() -> None:
    """Each guide has a link on the front page."""
    front = (DOCS / "index.md").read_text(encoding="utf-8")
    guides = {f"how-to/{path.name}" for path in (DOCS / "how-to").glob("*.md")}
    assert {one for one in guides if f"({one})" not in front} == set()


@pytest.mark.slow
def test_the_site_builds_strictly(copy: Path) -> None:
    """The documentation builds without a warning, and its pages load no fonts from elsewhere."""
    done = build(copy)
    assert done.returncode == 0, done.stdout + done.stderr
    assert (copy / "site/index.html").is_file()
    assert (copy / "site/reference/settings/index.html").is_file()
    assert "fonts.googleapis" not in (copy / "site/index.html").read_text(encoding="utf-8")


@pytest.mark.slow
@pytest.mark.parametrize("target", ["missing.md", "concepts.md#no-such-heading"])
def test_a_broken_link_fails_the_build(copy: Path, target: str) -> None:
    """A link to a page or a heading that does not exist ends with an error."""
    with (copy / "docs/index.md").open("a", encoding="utf-8") as page:
        page.write(f"\nSee [there]({target}).\n")
    assert build(copy).returncode != 0
