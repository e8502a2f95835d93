"""The project's metadata, its workflows and its policies agree with each other."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
from tests.docs.blocks import ROOT

from ringfence.cli.result import HEADINGS

PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
WORKFLOWS = sorted((ROOT / ".github/workflows").glob("*.yml"))
REPOSITORY = "https://github.com/ringfence/ringfence"
POLICIES = ["SECURITY.md", "CODE_OF_CONDUCT.md", "CITATION.cff", "zensical.toml"]


def text(name: str) -> str:
    """Return the text of a file of the project."""
    return (ROOT / name).read_text(encoding="utf-8")


def versions_in_classifiers() -> list[str]:
    """Return the Python versions that the package claims to support."""
    classifiers = "\n".join(PROJECT["project"]["classifiers"])
    return re.findall(r"Python :: (3\.\d+)$", classifiers, re.MULTILINE)


def test_every_claimed_python_is_tested() -> None:
    """The classifiers, the oldest version and the test matrix name the same Python versions."""
    claimed = versions_in_classifiers()
    matrix = re.search(r"python: \[(.*)\]", text(".github/workflows/ci.yml"))
    assert matrix is not None
    assert re.findall(r'"([\d.]+)"', matrix[1]) == claimed
    assert PROJECT["project"]["requires-python"] == f">={claimed[0]}"


def test_linux_and_macos_are_tested() -> None:
    """The tests run on both systems that the classifiers name."""
    systems = re.search(r"system: \[(.*)\]", text(".github/workflows/ci.yml"))
    assert systems is not None
    assert systems[1].split(", ") == ["ubuntu-latest", "macos-latest"]


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda path: path.stem)
def test_actions_are_pinned_by_major_version(workflow: Path) -> None:
    """Each action has a major version, so that Dependabot can raise it."""
    used = re.findall(r"uses: (\S+)", workflow.read_text(encoding="utf-8"))
    assert used
    assert [one for one in used if not re.search(r"@(?:v\d+|release/v\d+)$", one)] == []


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda path: path.stem)
def test_workflows_may_only_read(workflow: Path) -> None:
    """A workflow can read the repository; only the upload to PyPI may request a token."""
    permissions = re.findall(
        r"^ *([\w-]+): write$", workflow.read_text(encoding="utf-8"), re.MULTILINE
    )
    assert permissions == (["id-token"] if workflow.stem == "release" else [])
    assert "\npermissions:\n  contents: read\n" in workflow.read_text(encoding="utf-8")


@pytest.mark.parametrize("target", re.findall(r"make (\w+)", text(".github/workflows/ci.yml")))
def test_make_targets_of_workflows_exist(target: str) -> None:
    """A workflow calls only targets that the Makefile has."""
    assert re.search(rf"^{target}:", text("Makefile"), re.MULTILINE)


def test_the_citation_names_this_version() -> None:
    """The citation has the version and the licence of the package."""
    citation = text("CITATION.cff")
    assert f"\nversion: {PROJECT['project']['version']}\n" in citation
    assert f"\nlicense: {PROJECT['project']['license']}\n" in citation


def test_links_to_the_repository_are_the_same_everywhere() -> None:
    """Metadata and policies link to one repository."""
    assert all(url.startswith(REPOSITORY) for url in PROJECT["project"]["urls"].values())
    for name in POLICIES:
        found = re.findall(r"https://github\.com/[\w-]+/[\w-]+", text(name))
        assert set(found) <= {REPOSITORY}
        assert found or name == "LICENSE"


def test_the_source_distribution_contains_what_its_readme_links_to() -> None:
    """Files at the top of the project that the README links to are in the distribution."""
    included = PROJECT["tool"]["hatch"]["build"]["targets"]["sdist"]["include"]
    linked = re.findall(r"\]\(([A-Z_]+(?:\.\w+)?)\)", text("README.md"))
    assert linked
    assert set(linked) <= set(included)


def test_every_library_that_tests_import_is_installed_for_development() -> None:
    """The checks of the schema use jsonschema, which no other package may bring along."""
    listed = {re.split(r"[><=;\[ ]", one)[0] for one in PROJECT["dependency-groups"]["dev"]}
    assert {"hypothesis", "jsonschema", "pandas", "polars", "pyarrow", "pytest"} <= listed


def test_the_release_scans_with_the_wheel() -> None:
    """The wheel without extras runs the demo before it is uploaded, not only its help."""
    assert re.search(
        r"clean/bin/ringfence\S* demo$", text(".github/workflows/release.yml"), re.MULTILINE
    )


def test_the_first_page_links_the_notebook() -> None:
    """A reader of the documentation finds the example notebook from its first page."""
    assert "(notebooks/first-scan.ipynb)" in text("docs/index.md")


def test_the_legend_of_the_terminal_fits_and_says_what_is_expected() -> None:
    """Two or three lines of at most 80 columns explain every heading, in the README as well."""
    lines = HEADINGS.splitlines()
    assert len(lines) <= 3
    assert max(map(len, lines)) <= 80
    assert "honest accounts expected at this p-value or below" in " ".join(lines)
    assert HEADINGS in text("README.md")
    assert HEADINGS in text("docs/tutorial.md")
