"""Layouts of lines whose fields stand between single separators, read from their values."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from typing import Final

from ringfence.errors import SettingsError
from ringfence.events.layouts.layout import Layout
from ringfence.events.layouts.notation import layout_of
from ringfence.events.layouts.plausible import is_address

SEPARATORS: Final = ("|", "\t", ";", ",")
"""Signs that separate fields; the first that splits all lines alike is used."""

_FEWEST, _MOST_FIELDS = 4, 100
_MOST = 0.75
_NAME = re.compile(r'"?[A-Za-z_$@%][^0-9"]*"?|"?[A-Za-z_]\w*"?')
_QUOTED = re.compile(r'"(?:[^"\\]|\\.)*+(?P<end>"|\\?\Z)', re.DOTALL)
"""A text in quotes. An open one reaches to the end, so that no other quote is tried after it.

A line may end with a backslash that escapes nothing.
"""

_CLF = r"[0-9]{2}/[A-Z][a-z]{2}/[0-9]{4}:[0-9:]{8} [+-][0-9]{4}"
_VALUES: Final[dict[str, str]] = {
    "$time_local": _CLF,
    "[$time_local]": rf"\[{_CLF}\]",
    "$time_iso8601": r"[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9:.,]+ ?(?:Z|[+-][0-9:]+)?",
    "$msec": r"1[0-9]{9}(?:\.[0-9]+)?",
    "$request": r"[A-Z]{3,12} [^ ]\S* HTTP/[0-9.]+",
    "$status": r"[1-5][0-9]{2}",
    "$http_referer": r"https?://\S+",
    "$body_bytes_sent": r"[0-9]+",
    "$http_user_agent": r"[A-Za-z][^/]*/[0-9v][^|\t]*",
}
"""Directive to the values that it has; a directive is given to the first field that fits."""

_LOGIN = re.compile(r"(?=.*[^0-9.:-])[^\s\"\[\]/:;,]{1,64}")


def separated_layout(lines: Sequence[str]) -> Layout | None:
    """Return the layout of lines with one separator; None without time, address and request.

    A table whose first line names its columns is none: it is read as CSV.
    The address is the first field of addresses. The field after it is the login if its values are
    words. Fields whose values mean nothing known are ignored.

    Args:
        lines: the first lines of the log.
    """
    for separator in SEPARATORS:
        rows = [_split(line, separator) for line in lines if not line.startswith("#")]
        if not rows or all(map(_NAME.fullmatch, rows[0])):
            return None
        width, share = Counter(map(len, rows)).most_common(1)[0]
        if not _FEWEST <= width <= _MOST_FIELDS or share < _MOST * len(rows):
            continue
        columns = list(zip(*(row for row in rows if len(row) == width), strict=True))
        try:
            return layout_of(separator.join(_directives(columns)))
        except SettingsError:
            continue
    return None


def _split(line: str, separator: str) -> list[str]:
    """Split a line at the separators outside quotes."""
    hidden = _QUOTED.sub(
        lambda match: match[0].replace(separator, "\0") if match["end"] else match[0], line
    )
    return [field.replace("\0", separator) for field in hidden.split(separator)]


def _directives(columns: Sequence[Sequence[str]]) -> list[str]:
    """Return the directive of each column, in quotes where its values are."""
    found: list[str] = []
    for number, column in enumerate(columns):
        values = [value.strip('"') for value in column]
        quote = '"' if all(value[:1] == '"' for value in column) else ""
        before = found[-1].strip('"') if found else ""
        name = _directive(values, {one.strip('"') for one in found}, before)
        found.append(f"{quote}{name or f'$field_{number}'}{quote}")
    return found


def _directive(values: Sequence[str], taken: set[str], before: str) -> str:
    """Return the directive that most values fit; empty if none does."""
    given = [value for value in values if value not in {"", "-"}]
    if given and all(map(is_address, given)):
        return "$remote_addr" if "$remote_addr" not in taken else ""
    if before == "$remote_addr" and all(map(_LOGIN.fullmatch, given)):
        return "$remote_user"
    fits = (name for name, form in _VALUES.items() if name not in taken and _fits(form, given))
    return next(fits, "")


def _fits(form: str, values: Sequence[str]) -> bool:
    fitting = sum(bool(re.fullmatch(form, value)) for value in values)
    return bool(values) and fitting >= _MOST * len(values)
