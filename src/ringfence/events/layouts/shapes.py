"""Shapes of the values of a field, as regular expressions that RE2 and Python read alike.

Every expression is deterministic: it excludes the text that follows the field. RE2 takes linear
time in any case. Python tries every way to divide a line that does not match, so its expressions
are *atomic*: a field that was read up to the text after it is not read in another way.
Counted repetitions such as ``{0,60}`` are avoided, because RE2 repeats its program for each: one of
them took half of the time.
"""

from __future__ import annotations

import re
from typing import Final

from ringfence.events.layouts.layout import Field, Layout

_V4 = r"[0-9]{1,3}\.[0-9]{1,3}\.[0-9]{1,3}\.[0-9]{1,3}"
_V6 = r"[0-9A-Fa-f]*:[0-9A-Fa-f]*:[0-9A-Fa-f:.]*(?:%[0-9A-Za-z]+)?"
ADDRESS: Final = rf"(?:{_V4}(?::[0-9]+)?|\[{_V6}\](?::[0-9]+)?|{_V6})"
"""An address, perhaps with a port."""

_NAME = r"[0-9_.-]*[A-Za-z][0-9A-Za-z_.-]*"
_ADDRESSES = rf"{ADDRESS}(?:, ?{ADDRESS})*"

SHAPES: Final[dict[str, str]] = {
    "text": "",
    "strptime": "",
    "address": rf"{ADDRESS}|-|unix:|unknown",
    "host": rf"{ADDRESS}|{_NAME}|-",
    "addresses": rf"{_ADDRESSES}|-|unknown",
    "name": rf"{_NAME}",
    "site": r"[^ /\"]*",
    "ident": r"[^ .:\"\[]*",
    "number": r"-?[0-9]+(?:\.[0-9]+)?|-",
    "padded": r" *[0-9]+",
    "digits": r"[0-9]+|-",
    "status": r"[0-9]{3}|-",
    "clf": r"[^\]\[\"]*",
    "iso": r"[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9:.,]+ ?(?:Z|[+-][0-9:]+)?",
    "epoch": r"[0-9]{9,20}(?:\.[0-9]+)?",
    "query": r"(?:\?[^ \"]*)?",
    "bare_query": r"[^ \"]*",
    "path": r"[^ ?\"]*",
    "mark": r"\??",
    "quoted_key": r"[^ \"=]+=\"(?:[^\"\\]|\\.)*\"",
    "captures": r"(?:\{[^{}]*\} )*",
    "squid_result": r"(?:TCP|UDP|NONE|TAG)[A-Z_]*(?:/[0-9]{3})?:[A-Z_0-9]+",
}
"""Shape to regular expression; an empty one reaches to the text that follows the field."""

_STRPTIME: Final[dict[str, str]] = {
    "Y": "[0-9]{4}",
    "y": "[0-9]{2}",
    "m": "[0-9]{2}",
    "d": "[0-9]{2}",
    "e": "[0-9 ]?[0-9]",
    "H": "[0-9]{2}",
    "I": "[0-9]{2}",
    "M": "[0-9]{2}",
    "S": "[0-9]{2}",
    "j": "[0-9]{3}",
    "f": "[0-9]{1,9}",
    "s": "[0-9]{9,11}",
    "b": "[A-Za-z]{3}",
    "h": "[A-Za-z]{3}",
    "B": "[A-Za-z]{3,9}",
    "a": "[A-Za-z]{3}",
    "A": "[A-Za-z]{6,9}",
    "p": "[APap][Mm]",
    "z": "(?:[+-][0-9]{2}:?[0-9]{2}|Z)",
    "Z": "[A-Za-z]{1,5}",
    "T": "[0-9]{2}:[0-9]{2}:[0-9]{2}",
    "F": "[0-9]{4}-[0-9]{2}-[0-9]{2}",
    "D": "[0-9]{2}/[0-9]{2}/[0-9]{2}",
    "R": "[0-9]{2}:[0-9]{2}",
    "n": r"\n",
    "t": r"\t",
    "%": "%",
}

_LISTS = ("addresses",)
"""Shapes whose values clients may choose: between quotes they may be anything."""

_SEPARATORS = ("|", "\t", ";", ",")
"""Signs that alone separate fields, which may then hold spaces."""

_LOGIN_WORD = r"(?:[0-9.:,-]*[^ \[\]0-9.:,\"-](?:[^ \[\]]*[^ \[\]\"])?|--)"
LOGIN_OF_WORDS: Final = rf"{_LOGIN_WORD}(?: {_LOGIN_WORD}){{0,7}}|-"
"""A login that may contain spaces: at most eight words.

None of them is a dash, a number, an address or part of a quoted text, because those are other
fields."""

_ANYTHING = ".*?"
_QUOTED = r"(?:[^\"\\]|\\.)*"
_QUOTED_ATOMIC = r"(?:[^\"\\]+|\\.)*+"
"""The text between quotes; the second one for Python, which keeps no way back for each sign."""

_SPACES = "(?: {3,}+| {1,2})"
"""Spaces between fields, for Python. Two of them may have an empty field between them; all ways to
divide a longer run would take quadratic time or worse."""

_QUOTED_LOGIN = r"\"[^\"\\\[\]]+\""


def time_shape(form: str) -> str:
    """Return the regular expression of a strptime form.

    Raises:
        KeyError: the form has a directive that is not known.
    """
    pieces = re.split(r"%[-_0^#EO]?([A-Za-z%])", form)
    return "".join(
        _STRPTIME[piece] if number % 2 else re.escape(piece) for number, piece in enumerate(pieces)
    )


def expression(
    layout: Layout, *, lax: bool = False, atomic: bool = False
) -> tuple[str, tuple[str, ...]]:
    """Return the regular expression of a whole line, and the raw columns of its groups.

    Args:
        layout: the layout.
        lax: allow spaces in a login and unescaped quotes in a request line. Of what follows the
            number of bytes, only the fields up to the client are read.
        atomic: give the expression for Python, whose constructs RE2 does not know.
    """
    groups: list[str] = []
    body, optional = [f"(?>{layout.before})" if atomic else layout.before], 0
    last = _last_needed(layout)
    for place in range(len(layout.pieces)):
        if lax and layout.tail and place == layout.tail:
            body.append("(?:")
            optional = 1
        if optional and place > last:
            break
        text = _part(layout, place, groups, lax=lax, atomic=atomic)
        body.append('"' if optional and place == last and text.startswith('"') else text)
    end = "(?: .*)?" if layout.open_end and (lax or not layout.tail) else ""
    if optional:
        end += "|(?: .*)?)"
    return f"(?s)^{''.join(body)}{end}$", tuple(groups)


def _last_needed(layout: Layout) -> int:
    """Return the place of the last field that is needed, with the quote after it."""
    places = [
        place for place, part in enumerate(layout.pieces) if isinstance(part, Field) and part.raw
    ]
    last = max(places, default=0)
    after = layout.pieces[last + 1 : last + 2]
    return last + 1 if after and str(after[0]).startswith('"') else last


def _part(layout: Layout, place: int, groups: list[str], *, lax: bool, atomic: bool) -> str:
    part = layout.pieces[place]
    if isinstance(part, str):
        spaces = (_SPACES if atomic else " +") if layout.spaced else r"\ "
        return re.escape(part).replace(r"\ ", spaces)
    pattern = _pattern(layout, place, part, lax=lax)
    field = f"({pattern})" if part.raw else f"(?:{pattern})"
    groups += [part.raw] if part.raw else []
    return _atomic(layout, place, field, lax=lax) if atomic and pattern != _ANYTHING else field


def _atomic(layout: Layout, place: int, field: str, *, lax: bool) -> str:
    """Return the expression of a field that is read in one way only, up to the text after it."""
    after = layout.pieces[place + 1] if place + 1 < len(layout.pieces) else " "
    ends = [re.escape(after[0])] if isinstance(after, str) else []
    if ends and (lax or place + 1 >= len(layout.pieces)):
        ends += [" ", "$"]
    follows = f"(?={'|'.join(ends)})" if ends else ""
    return f"(?>{field.replace(_QUOTED, _QUOTED_ATOMIC)}{follows})"


def _pattern(layout: Layout, place: int, field: Field, *, lax: bool) -> str:
    before = layout.pieces[place - 1] if place else ""
    after = layout.pieces[place + 1] if place + 1 < len(layout.pieces) else ""
    quoted = is_quoted(layout, place)
    if field.raw == "login" and not quoted:
        return _login(after, lax=lax)
    if lax and field.raw == "request":
        return _ANYTHING
    if field.shape == "strptime":
        return time_shape(field.form)
    if is_open(layout) and place == len(layout.pieces) - 1:
        return ".*"
    # Between two texts, a path reaches to the next one; before a query, it ends at the mark.
    free = field.shape == "path" and isinstance(after, str)
    if SHAPES[field.shape] and not free and not (field.shape in _LISTS and quoted):
        return SHAPES[field.shape]
    return _up_to(before, after, quoted=quoted)


def _login(after: object, *, lax: bool) -> str:
    """Return the expression of a login without quotes around it."""
    if lax and isinstance(after, str) and after.startswith(" ["):
        return rf"{LOGIN_OF_WORDS}|{_QUOTED_LOGIN}"
    stop = re.escape(after[0]) if isinstance(after, str) and after else " "
    return rf"(?:[^ {stop}\"](?:[^ {stop}]*[^ {stop}\"])?)?"


def _up_to(before: object, after: object, *, quoted: bool) -> str:
    stop = after[0] if isinstance(after, str) and after else " "
    if quoted and stop == '"' and isinstance(before, str) and before.endswith('"'):
        return _QUOTED
    if quoted:
        return rf"[^\"{re.escape(stop)}]*"
    if not after and before in _SEPARATORS:
        return f"[^{re.escape(str(before))}]*"
    if stop in "]|)}" or (before == after and stop in _SEPARATORS):
        return rf"[^{re.escape(stop)}]*"
    return f"[^ {re.escape(stop)}]*" if stop != " " else "[^ ]*"


def is_open(layout: Layout) -> bool:
    """Return whether the last field is a client without quotes, which reaches to the line's end."""
    last = layout.pieces[-1]
    ends = isinstance(last, Field) and last.raw == "client" and not layout.open_end
    return ends and layout.pieces[-2:-1] == (" ",) and not is_quoted(layout, len(layout.pieces) - 1)


def is_quoted(layout: Layout, place: int) -> bool:
    """Return whether a quote is open where a field stands."""
    text = "".join(part for part in layout.pieces[:place] if isinstance(part, str))
    return text.count('"') % 2 == 1
