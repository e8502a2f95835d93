"""Cut files into passages of prose, for docs/check_style.py.

A passage is one paragraph, heading, table cell, docstring paragraph, comment or string, with the
line on which each of its lines stands. Code, quotations, links and markup are blanked out.
"""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

Kind = Literal["page", "heading", "docstring", "comment", "string"]

FENCE: Final = re.compile(r"^( *)(```|~~~).*?^\1\2 *$", re.MULTILINE | re.DOTALL)
HTML_COMMENT: Final = re.compile(r"<!--.*?-->", re.DOTALL)
INLINE_CODE: Final = re.compile(r"(`+)(?!`).+?(?<!`)\1(?!`)", re.DOTALL)
LINK: Final = re.compile(r"\[([^\]\[]*)\]\([^)\s]*\)")
QUOTED: Final = re.compile(
    "\N{LEFT DOUBLE QUOTATION MARK}[^\N{RIGHT DOUBLE QUOTATION MARK}]{1,300}"
    '\N{RIGHT DOUBLE QUOTATION MARK}|(?<![\\w"])"[^"]{1,300}"'
)
MARKDOWN_BREAK: Final = re.compile(r"^\s*(?:[-*+]|\d+\.)\s+|^\s*>|^\s*$|^#+ ")
FIELD: Final = re.compile(r"^\s*\*{0,2}[\w.`, ]{1,40}(?: \([^)]*\))?: +")
SECTION: Final = re.compile(r"^\s*(?:Args|Attributes|Examples?|Raises|Returns|Yields|Notes?):\s*$")
LITERAL: Final = re.compile(
    r"#[^\n]*|(?P<prefix>[rbuf]{0,2})(?P<quote>\"{3}|'{3}|\"|')"
    r"(?P<body>(?:\\.|(?!(?P=quote)).)*)(?P=quote)",
    re.IGNORECASE | re.DOTALL,
)
SQL: Final = re.compile(
    r"\b(?:SELECT|INSERT INTO|CREATE|DELETE FROM|COPY|ATTACH|WITH \w+ AS|FROM \w|WHERE|GROUP BY|"
    r"ORDER BY|JOIN|UNION ALL|CASE WHEN|ALTER TABLE)\b"
)
HEADING_TAGS: Final = r"h[1-6]|th|dt|summary|title|caption"


@dataclass(frozen=True)
class Passage:
    """A piece of prose.

    Attributes:
        kind: where it was found.
        lines: its lines, each with its number in the file.
        opens: whether it is the first paragraph of a docstring.
    """

    kind: Kind
    lines: tuple[tuple[int, str], ...]
    opens: bool = False

    @property
    def text(self) -> str:
        """Return the lines as one text."""
        return "\n".join(text for _, text in self.lines)

    def line_at(self, offset: int) -> int:
        """Return the line of the file where a place in the text stands."""
        return self.lines[self.text.count("\n", 0, offset)][0]


@dataclass(frozen=True)
class Name:
    """A name that a file defines.

    Attributes:
        line: where.
        text: the name.
        kind: what it names.
    """

    line: int
    text: str
    kind: Literal["module", "class", "field", "function", "variable"]


def passages(path: Path, *, strings: bool = True) -> list[Passage]:
    """Return the prose of a file.

    Args:
        path: a file of Markdown, Python, TOML, or a Jinja template.
        strings: whether string literals of Python count, besides docstrings and comments.
    """
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".md":
        return list(_markdown(text))
    if path.suffix == ".py":
        return list(_python(text, strings=strings))
    if path.suffix == ".toml":
        return list(_toml(text))
    return list(_template(text))


def names(path: Path) -> list[Name]:
    """Return the names that a Python file defines, that of its module included."""
    found = [Name(1, path.parent.name if path.stem == "__init__" else path.stem, "module")]
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef):
            found.append(Name(node.lineno, node.name, "class"))
            found += [
                Name(one.lineno, one.target.id, "field")
                for one in node.body
                if isinstance(one, ast.AnnAssign) and isinstance(one.target, ast.Name)
            ]
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            found.append(Name(node.lineno, node.name, "function"))
        elif isinstance(node, ast.arg):
            found.append(Name(node.lineno, node.arg, "variable"))
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            found.append(Name(node.lineno, node.id, "variable"))
    return found


def _blank(text: str, pattern: re.Pattern[str], word: str) -> str:
    """Replace matches by a word, keeping the line breaks within them."""
    return pattern.sub(lambda match: word + "\n" * match[0].count("\n"), text)


def _without_code(text: str) -> str:
    text = _blank(text, INLINE_CODE, "CODE")
    return _blank(text, QUOTED, "QUOTE")


def _blocks(
    lines: Iterable[tuple[int, str]], kind: Kind, breaks: re.Pattern[str] = MARKDOWN_BREAK
) -> Iterator[Passage]:
    """Cut lines into paragraphs: at empty lines, list items and field descriptions."""
    block: list[tuple[int, str]] = []
    for number, line in lines:
        match = breaks.match(line)
        if match:
            if block:
                yield Passage(kind, tuple(block))
            block = []
            line = line[match.end() :]  # noqa: PLW2901 - the mark is not text
        if line.strip():
            block.append((number, line.strip()))
    if block:
        yield Passage(kind, tuple(block))


def _markdown(text: str) -> Iterator[Passage]:
    text = _blank(text, FENCE, "")
    text = _blank(text, HTML_COMMENT, "")
    text = _without_code(text)
    text = LINK.sub(r"[\1]", text)
    plain: list[tuple[int, str]] = []
    lines = text.split("\n")
    for number, line in enumerate(lines, 1):
        if line.startswith("#"):
            yield Passage("heading", ((number, line.lstrip("# ")),))
        elif line.startswith("|"):
            follows = lines[number] if number < len(lines) else ""
            header = re.match(r"^\|[ :|-]+$", follows) is not None
            for cell in line.strip("|").split("|"):
                yield Passage("heading" if header else "page", ((number, cell.strip()),))
        elif not line.lstrip().startswith(">"):
            plain.append((number, line))
            continue
        plain.append((number, ""))
    yield from _blocks(plain, "page")


def _python(text: str, *, strings: bool) -> Iterator[Passage]:
    tree = ast.parse(text)
    source = text.split("\n")
    docstrings = {
        id(node.value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    }
    inner = {
        id(value)
        for node in ast.walk(tree)
        if isinstance(node, ast.JoinedStr)
        for value in ast.walk(node)
        if value is not node
    }
    yield from _comments(text)
    for node in ast.walk(tree):
        if not isinstance(node, ast.JoinedStr | ast.Constant) or id(node) in inner:
            continue
        if isinstance(node, ast.Constant) and not isinstance(node.value, str):
            continue
        if id(node) in docstrings:
            yield from _docstring(_literal_lines(node, source))
        elif strings:
            yield from _string(_literal_lines(node, source))


def _literal_lines(node: ast.JoinedStr | ast.Constant, source: list[str]) -> list[tuple[int, str]]:
    """Return the text of a string literal, also of several joined ones, line by line."""
    first, last = node.lineno - 1, node.end_lineno or node.lineno
    lines = [*source[first:last]]
    lines[-1] = lines[-1].encode()[: node.end_col_offset].decode()
    lines[0] = lines[0].encode()[node.col_offset :].decode()
    segment = "\n".join(lines)
    found = []
    for match in LITERAL.finditer(segment):
        if match["quote"] is None:
            continue
        body = match["body"]
        if "f" in match["prefix"].lower():
            body = re.sub(r"\{[^{}]*\}", "X", body)
        body = body.replace("\\n", " ").replace('\\"', '"').replace("\\'", "'")
        number = node.lineno + segment.count("\n", 0, match.start("body"))
        found += [(number + n, line) for n, line in enumerate(body.split("\n"))]
    return found


def _docstring(lines: list[tuple[int, str]]) -> Iterator[Passage]:
    kept: list[tuple[int, str]] = []
    literal_indent: int | None = None
    for number, line in lines:
        indent = len(line) - len(line.lstrip())
        if literal_indent is not None and line.strip() and indent <= literal_indent:
            literal_indent = None
        skip = literal_indent is not None or line.lstrip().startswith((">>>", "...", "|"))
        kept.append((number, "" if skip or SECTION.match(line) else line))
        if line.rstrip().endswith("::"):
            literal_indent = indent
    text = _without_code("\n".join(line for _, line in kept))
    numbered = [(number, line) for (number, _), line in zip(kept, text.split("\n"), strict=True)]
    breaks = re.compile(f"(?:{MARKDOWN_BREAK.pattern})|(?:{FIELD.pattern})")
    first, *rest = numbered
    blocks = [*_blocks([(first[0], first[1].strip()), *rest], "docstring", breaks)]
    for place, block in enumerate(blocks):
        yield Passage(block.kind, block.lines, opens=place == 0)


def _string(lines: list[tuple[int, str]]) -> Iterator[Passage]:
    text = "\n".join(line for _, line in lines)
    if SQL.search(text):
        comments = [(number, line.partition("-- ")[2]) for number, line in lines if "-- " in line]
        yield from _blocks(comments, "comment")
    elif len(text.split()) >= 3:
        blanked = _without_code(text).split("\n")
        yield Passage(
            "string",
            tuple((number, line) for (number, _), line in zip(lines, blanked, strict=True)),
        )


def _comments(text: str) -> Iterator[Passage]:
    """Return comments; those on lines that follow each other are one."""
    lines: list[tuple[int, str]] = []
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type != tokenize.COMMENT:
            continue
        number, column = token.start
        said = re.sub(r"^#[!:]?\s?|\b(?:noqa|type|ruff|fmt|pragma): ?\S*(?: -)?", "", token.string)
        alone = not token.line[:column].strip()
        if lines and not (alone and number == lines[-1][0] + 1):
            yield from _commented(lines)
            lines = []
        lines.append((number, said))
    yield from _commented(lines)


def _commented(lines: list[tuple[int, str]]) -> Iterator[Passage]:
    if not lines:
        return
    text = _without_code("\n".join(line for _, line in lines)).split("\n")
    yield from _blocks(
        [(number, line) for (number, _), line in zip(lines, text, strict=True)], "comment"
    )


def _toml(text: str) -> Iterator[Passage]:
    """Return comments and the strings that are sentences."""
    comments = [
        (number, line.lstrip("# ") if line.startswith("#") else "")
        for number, line in enumerate(text.split("\n"), 1)
    ]
    yield from _blocks(comments, "comment")
    for match in re.finditer(r'"""(.*?)"""|"([^"\n]*)"', text, re.DOTALL):
        said = match[1] or match[2] or ""
        if len(said.split()) >= 3:
            number = text.count("\n", 0, match.start()) + 1
            kind: Kind = "string" if said.rstrip().endswith((".", "!")) else "heading"
            yield Passage(kind, tuple((number + n, one) for n, one in enumerate(said.split("\n"))))


def _template(text: str) -> Iterator[Passage]:
    """Return what a Jinja template of HTML shows; an element is a passage."""
    text = _blank(text, re.compile(r"<(style|script)\b.*?</\1>", re.DOTALL), "")
    sentences = re.compile(r"\{#(.*?)#\}", re.DOTALL)
    for match in sentences.finditer(text):
        number = text.count("\n", 0, match.start()) + 1
        yield Passage(
            "comment", tuple((number + n, one) for n, one in enumerate(match[1].split("\n")))
        )
    text = _blank(text, sentences, "")
    for match in re.finditer(r"\{[{%].*?[%}]\}", text, re.DOTALL):
        for literal in re.finditer(r'"([^"]*)"', match[0]):
            if len(literal[1].split()) >= 3:
                number = text.count("\n", 0, match.start() + literal.start()) + 1
                said = tuple((number + n, one) for n, one in enumerate(literal[1].split("\n")))
                yield Passage("string", said)
    text = _blank(text, re.compile(r"\{\{.*?\}\}", re.DOTALL), "X")
    text = _blank(text, re.compile(r"\{%.*?%\}", re.DOTALL), " ")
    text = _blank(text, re.compile(r"</?(?:b|i|em|strong|a|span|code|abbr)\b[^>]*>"), "")
    for match in re.finditer(r"(?:<(?P<tag>\w+)[^>]*>|^|>)(?P<said>[^<>]+)", text):
        if not match["said"].strip():
            continue
        heading = re.fullmatch(HEADING_TAGS, match["tag"] or "") is not None
        number = text.count("\n", 0, match.start("said")) + 1
        lines = [(number + n, one) for n, one in enumerate(match["said"].split("\n"))]
        yield from _blocks(lines, "heading" if heading else "page")
