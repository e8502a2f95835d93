"""Cut files into passages of prose, for docs/check_style.py.

A passage is one paragraph, heading, table cell, docstring paragraph, comment or string, with the
line on which each of its lines stands. Code, quotations, links and markup are blanked out.
"""

from __future__ import annotations

import ast
import io
import json
import re
import tokenize
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal, TypeGuard

Kind = Literal["page", "heading", "docstring", "comment", "string"]

FENCE: Final = re.compile(r"^( *)(```|~~~).*?^\1\2 *$", re.MULTILINE | re.DOTALL)
QUOTED_FENCE: Final = re.compile(r"^> ?```.*?^> ?``` *$", re.MULTILINE | re.DOTALL)
HTML_COMMENT: Final = re.compile(r"<!--.*?-->", re.DOTALL)
BLOCK_QUOTE: Final = re.compile(r"^(?: *> ?)+")
INLINE_CODE: Final = re.compile(r"(`+)(?!`).+?(?<!`)\1(?!`)", re.DOTALL)
LINK: Final = re.compile(r"\[([^\]\[]*)\]\([^)\s]*\)")
QUOTED: Final = re.compile(
    "\N{LEFT DOUBLE QUOTATION MARK}[^\N{RIGHT DOUBLE QUOTATION MARK}]{1,300}"
    '\N{RIGHT DOUBLE QUOTATION MARK}|(?<![\\w"])"[^"]{1,300}"'
)
MARKDOWN_BREAK: Final = re.compile(r"^\s*(?:[-*+]|\d+\.)\s+|^\s*$|^#+ ")
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
YAML_TEXT: Final = re.compile(
    r"^(?P<indent> *)(?:- )?"
    r"(?P<key>name|title|label|description|placeholder|value|about|message|abstract):"
    r" +(?P<said>\S.*)$"
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


def passages(path: Path, *, strings: bool = True) -> list[Passage]:
    """Return the prose of a file.

    Args:
        path: a file of Markdown, Python, TOML or YAML, a notebook, or a Jinja template.
        strings: whether string literals of Python count, besides docstrings and comments.
    """
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".md":
        return list(_markdown(text))
    if path.suffix == ".py":
        return list(_python(text, strings=strings))
    if path.suffix == ".toml":
        return list(_toml(text))
    if path.suffix == ".ipynb":
        return list(_notebook(text))
    if path.suffix in {".yml", ".cff"}:
        return list(_yaml(text))
    return list(_template(text))


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
    text = _blank(text, QUOTED_FENCE, "")
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
        else:
            plain.append((number, BLOCK_QUOTE.sub("", line)))
            continue
        plain.append((number, ""))
    yield from _blocks(plain, "page")


def _notebook(text: str) -> Iterator[Passage]:
    """Return the prose of the Markdown cells, on the lines of the JSON file that hold them."""
    source = text.split("\n")
    place = 0
    for cell in json.loads(text)["cells"]:
        lines = cell["source"] if isinstance(cell["source"], list) else [cell["source"]]
        numbers = []
        for line in lines:
            written = json.dumps(line, ensure_ascii=False)
            held = [n for n in range(place, len(source)) if written in source[n]]
            place = held[0] if held else place
            numbers.append(place + 1)
        if cell["cell_type"] != "markdown":
            continue
        for one in _markdown("".join(lines)):
            numbered = tuple((numbers[min(n, len(numbers)) - 1], said) for n, said in one.lines)
            yield Passage(one.kind, numbered)


def _yaml(text: str) -> Iterator[Passage]:
    """Return comments, and the texts that a person reads; a label is a heading."""
    lines = text.split("\n")
    comments = [
        (number, line.strip().lstrip("# ") if line.lstrip().startswith("#") else "")
        for number, line in enumerate(lines, 1)
    ]
    yield from _blocks(comments, "comment")
    for number, line in enumerate(lines, 1):
        match = YAML_TEXT.match(line)
        if match is None or match["said"].startswith("|"):
            continue
        if match["said"] in {">", ">-"}:
            yield from _folded(lines, number, len(match["indent"]))
            continue
        kind: Kind = "heading" if match["key"] in {"name", "title", "label"} else "string"
        yield Passage(kind, ((number, _without_code(match["said"].strip("\"'"))),))


def _folded(lines: list[str], above: int, indent: int) -> Iterator[Passage]:
    """Return the paragraphs of a folded text, which is indented more than its key."""
    block: list[tuple[int, str]] = []
    for number, line in enumerate(lines[above:], above + 1):
        if line.strip() and len(line) - len(line.lstrip()) <= indent:
            break
        block.append((number, line))
    said = _without_code("\n".join(line for _, line in block)).split("\n")
    yield from _blocks([(n, one) for (n, _), one in zip(block, said, strict=True)], "string")


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
        if strings and isinstance(node, ast.BinOp) and id(node) not in inner:
            operands = list(_operands(node))
            literals = [one for one in operands if _is_text(one)]
            if literals:
                sums = [one for one in ast.walk(node) if isinstance(one, ast.BinOp)]
                texts = [one for literal in literals for one in ast.walk(literal)]
                inner |= {id(one) for one in (*sums, *texts)}
                yield from _string(_joined_lines(operands, source))
        if not isinstance(node, ast.JoinedStr | ast.Constant) or id(node) in inner:
            continue
        if isinstance(node, ast.Constant) and not isinstance(node.value, str):
            continue
        if id(node) in docstrings:
            yield from _docstring(_literal_lines(node, source))
        elif strings:
            yield from _string(_literal_lines(node, source))


def _operands(node: ast.expr) -> Iterator[ast.expr]:
    """Yield what ``+`` joins, from left to right."""
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        yield from _operands(node.left)
        yield from _operands(node.right)
    else:
        yield node


def _is_text(node: ast.expr) -> TypeGuard[ast.JoinedStr | ast.Constant]:
    """Return whether an expression is a string literal, also one with fields."""
    constant = isinstance(node, ast.Constant) and isinstance(node.value, str)
    return constant or isinstance(node, ast.JoinedStr)


def _joined_lines(operands: list[ast.expr], source: list[str]) -> list[tuple[int, str]]:
    """Return the text of joined operands; X stands for those that are not literals."""
    found: list[tuple[int, str]] = []
    for one in operands:
        found += _literal_lines(one, source) if _is_text(one) else [(one.lineno, "X")]
    return found


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
