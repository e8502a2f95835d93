"""The style check finds what docs/writing.md retires, and leaves everything else alone."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from tests.docs.blocks import ROOT

SCRIPT = ROOT / "docs/check_style.py"
RULES: dict[str, Any] = tomllib.loads((ROOT / "docs/style.toml").read_text(encoding="utf-8"))
CONSTRUCTIONS = {one["name"]: one for one in RULES["construction"]}


@pytest.fixture
def checker(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """Return the script as a module."""
    monkeypatch.syspath_prepend(ROOT / "docs")
    import check_style

    return check_style


def found(checker: ModuleType, path: Path) -> list[tuple[int, str]]:
    """Return the lines and names of what the check finds in a file."""
    hits, _ = checker.check(path, checker.Style(RULES))
    return [(hit.line, hit.what) for hit in hits]


def page(folder: Path, text: str, name: str = "page.md") -> Path:
    """Write a file and return its path."""
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def run(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """Run the script as a contributor would."""
    return subprocess.run(
        [sys.executable, SCRIPT, *arguments], capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize("name", CONSTRUCTIONS)
def test_each_construction_is_found(checker: ModuleType, tmp_path: Path, name: str) -> None:
    """The example of every rule is reported under the name of the rule."""
    path = page(tmp_path, CONSTRUCTIONS[name]["example"] + "\n")
    assert name in [what for _, what in found(checker, path)]


@pytest.mark.parametrize("name", CONSTRUCTIONS)
def test_the_plain_sentence_passes(checker: ModuleType, tmp_path: Path, name: str) -> None:
    """The corrected or similar sentence of every rule is not reported by any rule."""
    assert found(checker, page(tmp_path, CONSTRUCTIONS[name]["fine"] + "\n")) == []


@pytest.mark.parametrize("word", ["What", "Who", "Whoever"])
def test_headless_sentences_are_found(checker: ModuleType, tmp_path: Path, word: str) -> None:
    """A sentence without a subject noun is found at the start of a paragraph and within it."""
    path = page(
        tmp_path, f"{word} takes much is looked at.\n\nA ring is rare. {word} joins is new.\n"
    )
    lines = [line for line, what in found(checker, path) if what == "headless sentence"]
    assert lines == [1, 3]


@pytest.mark.parametrize(
    "text",
    [
        "What is a ring? Who decides?",
        "A ring is rare. What follows from that?",
        "# What it finds",
        "# What a ring is",
        "| What | Who |\n| --- | --- |\n| a | b |",
        "[What is found](page.md) and when.",
        "```text\nWho takes so many items?\n```",
        "The option `so many` is quoted.",
        "He wrote “no more than ten” and left.",
        'He wrote "no more than ten" and left.',
        "> “Who takes so many items” is quoted.",
        "> ```text\n> Who takes so many items?\n> ```",
        "<!-- so many -->\n",
    ],
)
def test_questions_headings_code_and_quotations_pass(
    checker: ModuleType, tmp_path: Path, text: str
) -> None:
    """Questions, headings, code, links and quotations are not the project's own sentences."""
    assert found(checker, page(tmp_path, text + "\n")) == []


@pytest.mark.parametrize(
    "text",
    [
        "# What takes the most",
        "## Who is accused",
        "| Who takes | n |\n| --- | --- |\n| a | 1 |",
        "> Who takes the most is looked at.",
        "*Who takes the most* is looked at.",
        "A list. **What is popular:** the first items.",
    ],
)
def test_headless_headings_quotes_and_emphasis_are_found(
    checker: ModuleType, tmp_path: Path, text: str
) -> None:
    """Headings, table headings, block quotes and emphasis do not hide a headless sentence."""
    hits = found(checker, page(tmp_path, text + "\n"))
    assert hits == [(1, "headless sentence")]


VOCABULARY = [one for one in (*RULES["term"], *RULES["retired"]) if "example" in one]


@pytest.mark.parametrize(
    "entry", VOCABULARY, ids=lambda entry: entry.get("term", entry.get("word"))
)
def test_retired_vocabulary_is_found(
    checker: ModuleType, tmp_path: Path, entry: dict[str, str]
) -> None:
    """The example with the retired word is reported, and the one with its other meaning is not."""
    assert found(checker, page(tmp_path, entry["example"] + "\n"))
    assert found(checker, page(tmp_path, entry["fine"] + "\n")) == []


JOINED = """
def say(n, text):
    text = "It takes so " + str(n) + "."
    text = "It takes " + text + " so " + "many items"
    return "in %s, so many" % text + f"{n} rows: no more " + "than ten"
"""


def test_joined_strings_are_one_text(checker: ModuleType, tmp_path: Path) -> None:
    """A construction that ``+`` divides between two literals is found, and nothing is lost."""
    hits = found(checker, page(tmp_path, JOINED, "program.py"))
    assert hits == [(4, "so many"), (5, "no more than"), (5, "so many")]


def test_names_in_sql_are_names(checker: ModuleType, tmp_path: Path) -> None:
    """A retired word is found as a table, as a common table expression and as an alias."""
    text = (
        'QUERY = """\nCREATE TEMP TABLE kept AS\nWITH drawn AS (\n  SELECT a AS teeth FROM t\n)\n'
        'SELECT a AS parts_of_it, CAST(b AS VARCHAR) AS b FROM drawn\n"""\n'
        'TEXT = "The parts are kept AS they were drawn"\n'
    )
    assert found(checker, page(tmp_path, text, "program.py")) == [
        (2, "retired name: kept"),
        (3, "retired name: drawn"),
        (4, "retired name: teeth"),
        (6, "retired name: parts"),
    ]


def test_notebooks_are_read(checker: ModuleType, tmp_path: Path) -> None:
    """The Markdown cells of a notebook are checked on their lines, its code cells are not."""
    cells = [
        {"cell_type": "code", "source": ["print('so many')\n"]},
        {"cell_type": "markdown", "source": ["# A scan\n", "\n", "It takes so many items."]},
    ]
    text = json.dumps({"cells": cells}, indent=1)
    line = next(n for n, one in enumerate(text.split("\n"), 1) if "takes so many" in one)
    assert found(checker, page(tmp_path, text, "a.ipynb")) == [(line, "so many")]


TEMPLATE = """name: A report
# It holds so many rows.
body:
  - type: markdown
    attributes:
      value: >-
        Do not attach a log. Who takes
        the most is known.

        It has so few rows.
  - type: input
    attributes:
      label: What takes the most
      description: The list holds no more than ten.
      render: so many
run: |
  echo so many
"""


@pytest.mark.parametrize("name", ["bug.yml", "CITATION.cff"])
def test_yaml_is_read(checker: ModuleType, tmp_path: Path, name: str) -> None:
    """Comments, labels, descriptions and folded texts are checked; other values are not."""
    assert found(checker, page(tmp_path, TEMPLATE, name)) == [
        (2, "so many"),
        (7, "headless sentence"),
        (10, "so many"),
        (13, "headless sentence"),
        (14, "no more than"),
    ]


def test_the_rules_are_not_checked_by_their_relative_path() -> None:
    """A hook names files relative to the project; the rules quote what they retire."""
    done = subprocess.run(
        [sys.executable, SCRIPT, "docs/style.toml"], cwd=ROOT, capture_output=True, check=False
    )
    assert (done.returncode, done.stdout) == (0, b"")


def test_every_text_of_the_project_is_read(checker: ModuleType) -> None:
    """Notebooks, issue templates and the citation file are among the files of a plain run."""
    read = {checker.shown(path) for path in checker.files(checker.default_paths())}
    assert {
        "docs/notebooks/first-scan.ipynb",
        ".github/ISSUE_TEMPLATE/bug.yml",
        "CITATION.cff",
        "README.md",
    } <= read


def test_a_construction_across_lines_is_found_once_on_its_first_line(
    checker: ModuleType, tmp_path: Path
) -> None:
    """A line break within a construction does not hide it."""
    path = page(tmp_path, "First.\n\nThe list holds no\nmore than ten.\n")
    assert found(checker, path) == [(3, "no more than")]


PROGRAM = '''"""How many rows there are."""

LIMIT = 3
"""What is the limit."""

# An operator sees
# so many rows.
QUERY = "SELECT 'so many' AS so_many FROM rows"
CHECK = f"SELECT 1 FROM t -- one row an account, {LIMIT} times"
MESSAGE = (
    "The list holds "
    f"no more than {LIMIT} rows."
)


def rows(names: list[str]) -> int:
    """Return the rows.

    Args:
        names: one value an account.

    Example::

        so many lines of code

    >>> rows(["so many"])
    """
    return len(names)
'''


def test_a_program_is_read_as_prose(checker: ModuleType, tmp_path: Path) -> None:
    """Docstrings, comments and sentences are checked on their lines; SQL and examples are not."""
    assert found(checker, page(tmp_path, PROGRAM, "program.py")) == [
        (1, "headless docstring"),
        (4, "headless sentence"),
        (7, "so many"),
        (9, "one row an account"),
        (12, "no more than"),
        (20, "one row an account"),
    ]


def test_strings_of_tests_are_not_prose(checker: ModuleType, tmp_path: Path) -> None:
    """A test may quote any text in a string, but its docstring is checked."""
    (tmp_path / "pyproject.toml").touch()
    (tmp_path / "tests").mkdir()
    text = 'def test_it():\n    """It holds so many rows."""\n    assert say() == "So many rows."\n'
    assert found(checker, page(tmp_path / "tests", text, "test_it.py")) == [(2, "so many")]


def test_templates_are_read_without_their_markup(checker: ModuleType, tmp_path: Path) -> None:
    """Visible text of a template is checked, its tags, expressions and headings are not."""
    text = (
        "<h2>What it holds</h2>\n<p class='so many'>What {{ name }} holds\nis so much.</p>\n"
        "{# no more than ten #}\n{{ 'x' or \"it holds so many\" }}\n"
    )
    hits = found(checker, page(tmp_path, text, "page.html.j2"))
    assert hits == [(2, "headless sentence"), (3, "so many"), (4, "no more than"), (5, "so many")]


def test_descriptions_of_scenarios_are_read(checker: ModuleType, tmp_path: Path) -> None:
    """Sentences and comments of a TOML file are checked."""
    text = '# What it is.\n[a]\nname = "so-many"\ndescription = "50 take 10 items a day each."\n'
    assert found(checker, page(tmp_path, text, "a.toml")) == [
        (1, "headless sentence"),
        (4, "a value each"),
    ]


NAMES = """
class Folded:
    shelf: int
    kept: int


class Speed:
    def drawn(self, troupe_size): ...
    def test_lines_are_kept(self): ...


def f(parts):
    diaryPage = kept = parts
"""


def test_private_names_are_found(checker: ModuleType, tmp_path: Path) -> None:
    """Retired words are found where a name is defined, and bare participles as class names."""
    assert found(checker, page(tmp_path, NAMES, "agenda.py")) == [
        (1, "retired name: agenda"),
        (2, "participle as a class"),
        (3, "retired name: shelf"),
        (4, "retired name: kept"),
        (8, "retired name: drawn"),
        (8, "retired name: troupe"),
        (13, "retired name: diary"),
    ]


def test_the_allowlist_needs_reasons_and_must_be_used(
    checker: ModuleType,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """An entry silences its text in its file; an entry that silences nothing is an error."""
    (tmp_path / "pyproject.toml").touch()
    path = page(tmp_path, "It takes so many users that nobody is unusual.\n")
    rules = tmp_path / "style.toml"
    base = (ROOT / "docs/style.toml").read_text(encoding="utf-8")
    entry = '\n[[allow]]\npath = "page.md"\ntext = "{}"\nreason = "a consequence clause"\n'
    monkeypatch.setattr(checker, "RULES", rules)
    rules.write_text(base + entry.format("so many users that"), encoding="utf-8")
    assert checker.main([str(path)]) == 0
    rules.write_text(base + entry.format("so many others"), encoding="utf-8")
    assert checker.main([str(path)]) == 1
    assert "nothing in page.md needs the entry for: so many others" in capsys.readouterr().out


def test_every_allowed_use_has_a_reason() -> None:
    """An exception without a reason would be a hole."""
    assert all(len(one["reason"]) > 10 for one in RULES.get("allow", []))


def test_the_command_prints_places_and_fails(tmp_path: Path) -> None:
    """The command prints file, line and text, and ends with status 1; without hits with 0."""
    bad = run(page(tmp_path, "Fine.\n\nIt takes so many items.\n"))
    assert bad.returncode == 1
    assert re.search(r"page\.md:3: so many: …It takes so many items\.…", bad.stdout)
    good = run(page(tmp_path, "It takes 12 items.\n"))
    assert (good.returncode, good.stdout) == (0, "")


def test_counts_are_per_ten_thousand_words(tmp_path: Path) -> None:
    """Two hits in forty words are 500 per 10,000 words."""
    text = "It takes so many items. It takes so few items. " + "word " * 30
    assert (
        "     2  in 40 words: 500.0 per 10,000 words" in run("--count", page(tmp_path, text)).stdout
    )
