"""Count the constructions that docs/writing.md retires, and fail if there is one.

    python docs/check_style.py [PATH...]           print file:line: construction: text
    python docs/check_style.py --count [PATH...]   print counts, also per 10,000 words

It reads Markdown, notebooks, docstrings, comments, the strings of src that people see, names in
code and SQL, templates, scenario files and YAML. The patterns and the allowed uses are in
docs/style.toml. Code, quotations and questions are left alone. Generated pages are skipped, because
their text is checked where it is written.
"""

from __future__ import annotations

import argparse
import re
import sys
import tomllib
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from style_names import Name, names
from style_passages import Passage, passages

ROOT: Final = Path(__file__).resolve().parents[1]
RULES: Final = Path(__file__).resolve().with_name("style.toml")

DEFAULT: Final = ("docs", "src", "tests", "benchmarks", ".github")
SUFFIXES: Final = (".md", ".py", ".j2", ".toml", ".ipynb", ".yml", ".cff")
GENERATED: Final = ("docs/reference/",)

HEADLESS: Final = re.compile(r"(?:What|Who|Whoever)\b(?!')")
HEADLESS_HEADING: Final = re.compile(
    r"(?:Who(?:ever)?|What) (?:adds|asks|brings|buys|calls|carries|comes|costs|finds|follows|gets|"
    r"gives|goes|happens|has|holds|joins|keeps|listens|makes|needs|plays|reads|remains|says|shares|"
    r"shows|takes|tells|uses)\b"
    r"|Who(?:ever)? (?:is|are|was|were|can|may|must|will)\b"
)
"""A heading such as "What it finds" is idiomatic; one in which What is the subject is not."""
HEADLESS_OPENING: Final = re.compile(r"(?:How|Which)\b")
SENTENCE_END: Final = re.compile(r"(?<=[.!?])[\"')*]*\s+")
EMPHASIS: Final = re.compile(r"[*_]*")
QUESTION: Final = re.compile(r"\?[\"')*\s]*$")
PARTICIPLE: Final = re.compile(r"[A-Z][a-z]+(?<!e)ed")


@dataclass(frozen=True)
class Hit:
    """A retired construction in a file.

    Attributes:
        path: the file, relative to the project if it lies within.
        line: where in the file.
        what: the name of the construction.
        text: the words around it.
        instead: what to write.
    """

    path: str
    line: int
    what: str
    text: str
    instead: str

    def __str__(self) -> str:
        """Return the line that is printed."""
        return f"{self.path}:{self.line}: {self.what}: …{self.text}… (write: {self.instead})"


@dataclass(frozen=True)
class Rule:
    """A construction that a regular expression recognises."""

    name: str
    pattern: re.Pattern[str]
    instead: str


class Style:
    """The rules of docs/style.toml, compiled once."""

    def __init__(self, settings: dict[str, Any]) -> None:
        """Take the content of the file."""
        self.rules = [
            *(_rule(one, one["name"]) for one in settings["construction"]),
            *(_rule(one, f"retired word: {one['word']}") for one in settings["retired"]),
            *(
                _rule({"pattern": one["replaces"], "instead": one["term"]}, "old term")
                for one in settings["term"]
                if "replaces" in one
            ),
        ]
        self.everywhere = frozenset(settings["names"]["everywhere"])
        self.public = frozenset(settings["names"]["public"])
        self.fine = frozenset(settings["names"]["fine"])
        self.participles = frozenset(settings["names"]["participles"])
        self.allowed = [
            (one["path"], " ".join(one["text"].split())) for one in settings.get("allow", [])
        ]

    def in_passage(self, passage: Passage, path: str) -> Iterator[Hit]:
        """Find the constructions of one passage of prose."""
        text = passage.text
        for rule in self.rules:
            for match in rule.pattern.finditer(text):
                yield self._hit(passage, path, match.span(), rule.name, rule.instead)
        heading = passage.kind == "heading"
        for first, end in _sentences(text):
            start = first + len(EMPHASIS.match(text[first:end])[0])  # type: ignore[index]
            sentence = text[start:end]
            if QUESTION.search(sentence):
                continue
            if (HEADLESS_HEADING if heading else HEADLESS).match(sentence):
                span = (start, min(end, start + 40))
                yield self._hit(passage, path, span, "headless sentence", "start with a noun")
            elif passage.opens and first == 0 and HEADLESS_OPENING.match(sentence):
                span = (0, min(end, 40))
                yield self._hit(
                    passage, path, span, "headless docstring", "an imperative verb or a noun"
                )

    @staticmethod
    def _hit(passage: Passage, path: str, span: tuple[int, int], what: str, instead: str) -> Hit:
        text, (start, end) = passage.text, span
        around = " ".join(text[max(0, start - 30) : end + 30].split())
        return Hit(path, passage.line_at(start), what, around, instead)

    def in_name(self, name: Name, path: str) -> Iterator[Hit]:
        """Find retired words in a name."""
        words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name.text).lower().split("_")
        whole = name.text.lower().strip("_")
        if name.kind in {"module", "class", "field", "sql"}:
            retired = self.everywhere | self.public
        else:
            retired = self.everywhere | (
                {whole} & self.public if name.kind == "function" else set()
            )
        for word in sorted(retired.intersection(words)):
            yield Hit(path, name.line, f"retired name: {word}", name.text, "see docs/style.toml")
        bare = name.text.lstrip("_")
        participle = bare in self.participles or PARTICIPLE.fullmatch(bare)
        if name.kind == "class" and participle and bare not in self.fine:
            yield Hit(path, name.line, "participle as a class", name.text, "a noun")

    def allows(self, hit: Hit) -> tuple[str, str] | None:
        """Return the entry that allows a hit, if there is one."""
        for path, text in self.allowed:
            if hit.path == path and text in hit.text:
                return path, text
        return None


def _rule(settings: dict[str, Any], name: str) -> Rule:
    pattern: str = settings["pattern"]
    flags = re.RegexFlag(0) if settings.get("case") else re.IGNORECASE
    if settings.get("verbose"):
        pattern = "".join(pattern.split("\n")).replace("\\ ", r"\s+")
    else:
        pattern = pattern.replace(" ", r"\s+") if "(?<!" not in pattern else _spaced(pattern)
    return Rule(name, re.compile(pattern, flags), settings["instead"])


def _spaced(pattern: str) -> str:
    """Let spaces match line breaks, except in look-behinds, which need a fixed width."""
    cut = re.split(r"(\(\?<![^)]*\))", pattern)
    return "".join(
        one.replace(" ", r"\s") if one.startswith("(?<!") else one.replace(" ", r"\s+")
        for one in cut
    )


def _sentences(text: str) -> Iterator[tuple[int, int]]:
    """Return where sentences begin and end."""
    start = 0
    for match in SENTENCE_END.finditer(text):
        yield start, match.start()
        start = match.end()
    yield start, len(text)


def files(paths: Iterable[Path]) -> Iterator[Path]:
    """Return the files to read, each once, generated ones left out."""
    for path in paths:
        inside = [path] if path.is_file() else sorted(path.rglob("*"))
        for one in inside:
            hidden = any(part.startswith(".") for part in one.relative_to(path).parts)
            if one.suffix in SUFFIXES and one.is_file() and not hidden and one.resolve() != RULES:
                yield one


def default_paths() -> list[Path]:
    """Return the folders and files that are read if none is named."""
    top = [path for pattern in ("*.md", "*.cff") for path in sorted(ROOT.glob(pattern))]
    return [*(ROOT / one for one in DEFAULT), *top]


def shown(path: Path) -> str:
    """Return a path as it is printed: relative to the project's root, if there is one."""
    for root in path.resolve().parents:
        if (root / "pyproject.toml").is_file():
            return path.resolve().relative_to(root).as_posix()
    return path.as_posix()


def check(path: Path, style: Style) -> tuple[list[Hit], int]:
    """Return the constructions found in a file, allowed ones included, and its number of words."""
    name = shown(path)
    found = passages(path, strings=not name.startswith("tests/"))
    hits = [hit for one in found for hit in style.in_passage(one, name)]
    if path.suffix == ".py":
        named = names(path, sql=not name.startswith("tests/"))
        hits += [hit for one in named for hit in style.in_name(one, name)]
    return sorted(set(hits), key=lambda hit: (hit.line, hit.what, hit.text)), sum(
        len(one.text.split()) for one in found
    )


def main(arguments: list[str] | None = None) -> int:
    """Check files and print what was found; return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else None)
    parser.add_argument("paths", nargs="*", type=Path, metavar="PATH")
    parser.add_argument("--count", action="store_true", help="print counts only")
    options = parser.parse_args(arguments)
    style = Style(tomllib.loads(RULES.read_text(encoding="utf-8")))
    paths = options.paths or default_paths()
    found: list[Hit] = []
    used: set[tuple[str, str]] = set()
    read: set[str] = set()
    words = 0
    for path in dict.fromkeys(files(paths)):
        if shown(path).startswith(GENERATED):
            continue
        hits, count = check(path, style)
        words += count
        read.add(shown(path))
        for hit in hits:
            entry = style.allows(hit)
            if entry is None:
                found.append(hit)
            else:
                used.add(entry)
    stale = [one for one in style.allowed if one not in used and one[0] in read]
    _report(found, words, stale, counts_only=options.count)
    return 1 if found or stale else 0


def _report(
    found: list[Hit], words: int, stale: list[tuple[str, str]], *, counts_only: bool
) -> None:
    if counts_only:
        for what, count in Counter(hit.what for hit in found).most_common():
            print(f"{count:6}  {what}")
        rate = len(found) / words * 10_000 if words else 0.0
        print(f"{len(found):6}  in {words:,} words: {rate:.1f} per 10,000 words")
        return
    for hit in found:
        print(hit)
    for path, text in stale:
        print(f"docs/style.toml: nothing in {path} needs the entry for: {text}")
    if found:
        print(f"{len(found)} retired constructions; see docs/writing.md")


if __name__ == "__main__":
    sys.exit(main())
