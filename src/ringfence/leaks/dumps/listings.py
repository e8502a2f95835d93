"""Read listings of files: the output of ls, find, tree, du and checksum programs, or plain paths.

One form is chosen per file by its first lines. Lines that do not have this form are counted as
unreadable, unless they are the headings and totals that the programs print.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from ringfence.engine import identifier, literal
from ringfence.leaks.dumps.dump_table import DumpTable, SqlRows

_MODE: Final = r"[-lbcps][rwxsStT-]{9}[.+@]?"
_WHEN: Final = r"(?:[A-Z][a-z]{2}\s+\d+\s+[\d:]+|\d{4}-\d\d-\d\d(?:[T ]+[\d:.]+)?(?:\s+[+-]\d{4})?)"


@dataclass(frozen=True)
class ListingForm:
    """One way in which a program lists files.

    Attributes:
        name: the program, for reports.
        pattern: regular expression of a line, in the syntax that RE2 and Python share.
        groups: role of each group of the pattern.
        ignored: expression of lines that are not files: headings, folders, totals.
        quick: expression that finds the same groups in most lines, and that RE2 matches in one
            pass, five times as fast; empty if the pattern itself is such a one.
    """

    name: str
    pattern: str
    groups: tuple[str, ...]
    ignored: str = r"^\s*$"
    quick: str = ""


_LS_IGNORED: Final = rf"^\s*$|^total \d+|:$|^(?:\s*\d+\s+\d+\s+)?d[rwxsStT-]{{9}}|^{_MODE}.* -> "

LISTING_FORMS: Final = (
    ListingForm(
        "find -ls",
        rf"^\s*\d+\s+\d+\s+{_MODE}\s+\d+\s+\S+\s+\S+\s+(\d+)\s+{_WHEN}\s+(.+)$",
        ("size", "path"),
        _LS_IGNORED,
    ),
    ListingForm(
        "ls -l",
        rf"^{_MODE}\s+\d+\s+\S+\s+\S+\s+(\d+)\s+{_WHEN}\s+(.+)$",
        ("size", "path"),
        _LS_IGNORED,
    ),
    ListingForm("checksums", r"^([0-9a-fA-F]{32,128})\s+[ *]?(.+)$", ("hash", "path")),
    ListingForm(
        "tree",
        "^[\\s\u00a0]*(?:[│|][\\s\u00a0]+)*(?:[├└]──|[|`]--)[\\s\u00a0]+(?:\\[\\s*(\\d+)\\]\\s+)?(.+)$",
        ("size", "path"),
        r"^\s*$|^\.$|^\d+ director|/$",
    ),
    ListingForm(
        "size and path",
        r"^\s*(\d+)[\t ,;|]+(\S.*)$",
        ("size", "path"),
        quick=r"^\s*(\d+)[\t ,;|]+([^\s,;|].*)$",
    ),
    ListingForm(
        "path and size",
        r"^(\S.*?)[\t ,;|]+(\d+)\s*$",
        ("path", "size"),
        quick=r"^([^\s,;|]+)[\t ,;|]+(\d+)\s*$",
    ),
    ListingForm("paths", r"^(\S.*)$", ("path",), r"^\s*$|/$"),
)
"""The known forms; the first that fits nearly all lines is taken."""

OTHER_LINE: Final = "other_line"
"""Column with the text of a line that has another form than its file."""

_FITTING: Final = 0.9
_A_PATH: Final = re.compile(r"/|\\|\.[A-Za-z0-9]{2,5}$")


def listing_form(lines: Sequence[str]) -> ListingForm | None:
    """Return the form that nearly all lines have; None if these lines are not a listing.

    Args:
        lines: the first lines of the file.
    """
    for form in LISTING_FORMS:
        pattern, ignored = re.compile(form.pattern), re.compile(form.ignored)
        told = [line for line in lines if not ignored.search(line)]
        found = [match for line in told if (match := pattern.match(line))]
        place = form.groups.index("path") + 1
        paths = sum(bool(_A_PATH.search(match[place])) for match in found)
        if told and len(found) >= _FITTING * len(told) and paths >= _FITTING * len(found):
            return form
    return None


def listing_table(dump: str, form: ListingForm, lines: str, rejects: str) -> DumpTable:
    """Return a listing as a table of files.

    Args:
        dump: name of the file.
        form: form of its lines.
        lines: SQL that may follow FROM, with a column ``line``.
        rejects: see :class:`SqlRows`.
    """
    groups = literal([f"g{place}" for place in range(len(form.groups))])
    path = form.groups.index("path")
    found = f"regexp_extract(line, {literal(form.pattern)}, {groups})"
    if form.quick:
        quick = f"regexp_extract(line, {literal(form.quick)}, {groups})"
        found = f"CASE WHEN ({quick}).g{path} <> '' THEN {quick} ELSE {found} END"
    columns = ", ".join(
        f"nullif(found.g{place}, '') AS {identifier(role)}"
        for place, role in enumerate(form.groups)
    )
    relation = (
        f"(SELECT {columns}, CASE WHEN coalesce(found.g{path}, '') = '' THEN left(line, 1000) END "  # noqa: S608 - quoted
        f"AS {OTHER_LINE} FROM (SELECT line, {found} AS found FROM {lines} "
        f"WHERE NOT regexp_matches(line, {literal(form.ignored)})))"
    )
    rows = SqlRows(relation, rejects, OTHER_LINE)
    return DumpTable(dump, "", f"listing ({form.name})", "files", form.groups, rows)


def listing_relation(
    dump: str,
    form: str,
    relation: str,
    columns: Sequence[str] = ("path", "size", "hash"),
) -> DumpTable:
    """Return a table of files.

    Args:
        dump: name of the file.
        form: name of the format.
        relation: SQL that may follow FROM, with the column ``path`` and the others.
        columns: its columns.
    """
    return DumpTable(dump, "", form, "files", tuple(columns), SqlRows(relation))
