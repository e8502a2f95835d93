"""Find the blocks of a page that can be run, and compare their output with the page."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]

PAGES = (
    ROOT / "README.md",
    ROOT / "docs/tutorial.md",
    ROOT / "docs/python.md",
    *sorted((ROOT / "docs/how-to").glob("*.md")),
)
"""Pages whose blocks are run. Each page has a folder of its own."""

FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
SCIENTIFIC = re.compile(r"\b\d+(?:\.\d+)?e[-+]\d+\b")


@dataclass(frozen=True)
class Block:
    """One block of a page.

    Attributes:
        language: ``console`` or ``python``.
        line: the line of the page on which it begins.
        code: a shell script or a Python program.
        said: the output that the page shows; None if it shows none.
    """

    language: str
    line: int
    code: str
    said: str | None


def blocks(text: str) -> list[Block]:
    """Return the runnable blocks of a page.

    In a console block, a command begins with ``$`` and continues with ``>``. All other lines are
    its output. A text block after a Python block is the output of that block.
    """
    fences = [(m[1], text.count("\n", 0, m.start()) + 1, m[2]) for m in FENCE.finditer(text)]
    found = []
    for (language, line, body), after in zip(fences, [*fences[1:], ("", 0, "")], strict=True):
        if language == "console":
            found.append(_console(line, body))
        elif language == "python":
            found.append(Block(language, line, body, after[2] if after[0] == "text" else None))
    return found


def _console(line: int, body: str) -> Block:
    lines = body.splitlines()
    commands = [one[2:] for one in lines if f"{one} ".startswith(("$ ", "> "))]
    output = [one for one in lines if not f"{one} ".startswith(("$ ", "> "))]
    return Block("console", line, "\n".join(commands), "\n".join(output) if output else None)


def agree(said: str, printed: str) -> bool:
    """Return whether the output of a program agrees with the page.

    ``...`` stands for any text. Numbers in scientific notation may differ by a factor of ten,
    because they depend on the last digits of sums. The width of gaps does not matter.
    """
    said, printed = _trimmed(said), _trimmed(printed)
    pattern = re.escape(SCIENTIFIC.sub("SCIENTIFIC", said))
    pattern = pattern.replace(re.escape("..."), "(?s:.*?)")
    pattern = pattern.replace("SCIENTIFIC", f"({SCIENTIFIC.pattern})")
    match = re.fullmatch(pattern, printed)
    if match is None:
        return False
    pairs = zip(SCIENTIFIC.findall(said), match.groups(), strict=True)
    return all(0.1 <= float(one) / float(other) <= 10 for one, other in pairs)


def _trimmed(text: str) -> str:
    return "\n".join(" ".join(line.split()) for line in text.strip("\n").splitlines())
