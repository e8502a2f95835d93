"""Read a layout in its owner's notation: Apache or EZproxy LogFormat, or nginx log_format."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Final

from ringfence.errors import SettingsError
from ringfence.events.layouts.directives import (
    APACHE,
    ENVIRONMENT,
    EPOCH_FORMS,
    FRACTION_FORMS,
    HEADERS,
    IGNORED,
    NGINX,
    OWN_NAMES,
    Directive,
)
from ringfence.events.layouts.layout import Field, Layout, Piece
from ringfence.events.layouts.shapes import expression, time_shape

_LONGEST = 10_000
_APACHE = re.compile(r"%[!0-9,<>]*(?:\{([^{}]*)\})?(\^[A-Za-z]{2}|[A-Za-z%])")
_NGINX = re.compile(r"\$(?:\{([A-Za-z_][A-Za-z0-9_]*)\}|([A-Za-z_][A-Za-z0-9_]*))")
_LOG_FORMAT = re.compile(r"^\s*log_format\s+\S+\s+(?:escape=\w+\s+)?(.*?);?\s*$", re.DOTALL)
_LOGFORMAT_LINE = re.compile(r"^\s*(?:Log|Custom)Format\s+(.*?)\s*$", re.DOTALL | re.IGNORECASE)
_PIECES = re.compile(r"'((?:[^'\\]|\\.)*)'|\"((?:[^\"\\]|\\.)*)\"", re.DOTALL)
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
_ESCAPED = {"t": "\t", "n": "\n"}
_NEEDED = (
    ("the time", "%t or $time_local", {"time"}),
    ("the account or address", "%h or $remote_addr", {"login", "ip", "forwarded"}),
    ("the URL", "%r or $request", {"request", "url", "item"}),
)


@dataclass(frozen=True)
class _Use:
    """A directive where it stands in a notation."""

    name: str
    meaning: Directive


def layout_of(
    notation: str,
    *,
    name: str = "layout",
    columns: Mapping[str, str] | None = None,
    open_end: bool = False,
) -> Layout:
    """Read a notation into a layout.

    Args:
        notation: the format string, alone or with ``LogFormat`` or ``log_format`` around it.
        name: name of the layout.
        columns: raw column to the directive that fills it, whatever it usually means.
        open_end: whether more fields may follow.

    Raises:
        SettingsError: it has no directive, no time, no account or address, or no URL; a directive
            in ``columns`` is not in it; or two fields touch, so that nobody can separate them.
    """
    text = _unwrapped(notation)
    if len(text) > _LONGEST:
        raise _refused("is longer than 10,000 characters")
    found = list(_parsed(text))
    if not any(isinstance(one, _Use) for one in found):
        raise _refused(
            "has no directive of Apache, EZproxy or nginx", 'such as %h %l %u %t "%r" %>s %b'
        )
    named = _named(found, columns or {})
    layout = Layout(name, _with_sites(_resolved(named)), notation=text, open_end=open_end)
    _check(layout)
    return layout


def _unwrapped(notation: str) -> str:
    """Return the format string itself, without the command and the quotes around it."""
    nginx = _LOG_FORMAT.match(notation)
    if nginx:
        return _joined(nginx[1])
    apache = _LOGFORMAT_LINE.match(notation)
    if apache:
        notation = apache[1]
    text = notation.strip()
    if text.startswith(("'", '"')) and "\n" in text:
        return _joined(text)
    quoted = re.match(r'^"((?:[^"\\]|\\.)*)"(?:\s+\S+)?$', text, re.DOTALL)
    if quoted and '\\"' in text:
        return _plain(quoted[1])
    if apache and quoted:
        return _plain(quoted[1])
    return _plain(text) if '\\"' in text or "\\t" in text else text


def _joined(text: str) -> str:
    """Join the quoted strings that nginx allows on several lines."""
    pieces = [single or double for single, double in _PIECES.findall(text)]
    return _plain("".join(pieces)) if pieces else text


def _plain(text: str) -> str:
    return _ESCAPE.sub(lambda match: _ESCAPED.get(match[1], match[1]), text)


def _parsed(text: str) -> Iterator[str | _Use]:
    nginx = len(_NGINX.findall(text)) >= len(_APACHE.findall(text))
    pattern = _NGINX if nginx else _APACHE
    at = 0
    for match in pattern.finditer(text):
        if match.start() > at:
            yield text[at : match.start()]
        at = match.end()
        yield from (_variable(match) if nginx else _directive(match))
    if at < len(text):
        yield text[at:]


def _variable(match: re.Match[str]) -> Iterator[str | _Use]:
    name = match[1] or match[2]
    meaning = NGINX.get(name) or OWN_NAMES.get(name) or IGNORED
    if name.startswith("http_"):
        meaning = HEADERS.get(name.removeprefix("http_").replace("_", "-"), IGNORED)
    yield _Use(match[0], meaning)


def _directive(match: re.Match[str]) -> Iterator[str | _Use]:
    inside, letter = match[1], match[2]
    if letter == "%":
        yield "%"
    elif letter == "t":
        yield from _time(match[0], inside)
    elif inside is None:
        meaning = APACHE.get(letter, IGNORED)
        if letter == "s" and ">" in match[0]:
            meaning = replace(meaning, rank=0)
        yield _Use(match[0], meaning)
    elif letter == "i":
        yield _Use(match[0], HEADERS.get(inside.lower(), IGNORED))
    elif letter == "e":
        yield _Use(match[0], ENVIRONMENT.get(inside.lower(), IGNORED))
    else:
        yield _Use(match[0], IGNORED)


def _time(name: str, inside: str | None) -> Iterator[str | _Use]:
    form = re.sub(r"^(?:begin|end):?", "", inside or "")
    if not form:
        yield "["
        yield _Use(name, Directive("time", "clf", rank=0))
        yield "]"
    elif form in EPOCH_FORMS:
        yield _Use(name, Directive("time", "epoch"))
    elif form in FRACTION_FORMS:
        yield _Use(name, Directive(shape="digits"))
    else:
        yield _Use(name, Directive("time", "strptime", form=form))


def _named(found: list[str | _Use], columns: Mapping[str, str]) -> list[str | _Use]:
    """Give the columns of the settings to the directives that they name.

    Raises:
        SettingsError: a named directive is not in the layout.
    """
    names = [one.name for one in found if isinstance(one, _Use)]
    taken = {}
    for raw, name in columns.items():
        if name not in names:
            raise SettingsError(
                f"no directive {name!r} is in events.layout; there are {', '.join(names)}",
                where="events.columns",
                hint="write the directive as the layout does",
            )
        taken[name] = Directive(raw, rank=-1)
    return [
        _Use(one.name, taken.get(one.name, one.meaning)) if isinstance(one, _Use) else one
        for one in found
    ]


def _resolved(found: list[str | _Use]) -> tuple[Piece, ...]:
    """Return the pieces; of several directives for one column, the best is used."""
    winners = _winners(found)
    times = [place for place, raw in winners.items() if raw == "time"]
    pieces: list[Piece] = []
    for place, one in enumerate(found):
        if isinstance(one, str):
            if pieces and isinstance(pieces[-1], str):
                pieces[-1] += one
            else:
                pieces.append(one)
            continue
        raw = winners.get(place, "")
        if raw == "time" and place != times[0]:
            raw = f"time_{times.index(place) + 1}"
        pieces.append(Field(one.name, raw, one.meaning.shape, one.meaning.form))
    return tuple(pieces)


def _winners(found: list[str | _Use]) -> dict[int, str]:
    """Return the place of the field that fills each column; a time may have several pieces."""
    best: dict[str, tuple[int, int]] = {}
    places: dict[int, str] = {}
    for place, one in enumerate(found):
        if isinstance(one, _Use) and one.meaning.raw:
            best[one.meaning.raw] = min(
                best.get(one.meaning.raw, (99, 0)), (one.meaning.rank, place)
            )
    for raw, (_, place) in best.items():
        places[place] = raw
        form = found[place]
        if raw == "time" and isinstance(form, _Use) and form.meaning.form:
            pieces = [at for at, one in enumerate(found) if _is_piece(one)]
            places |= dict.fromkeys(pieces[:4], "time")
    return dict(sorted(places.items()))


def _is_piece(one: str | _Use) -> bool:
    return isinstance(one, _Use) and bool(one.meaning.form)


def _check(layout: Layout) -> None:
    for what, example, raws in _NEEDED:
        if not raws & layout.raws:
            raise _refused(f"has no field for {what}", f"such as {example}")
    for before, after in zip(layout.pieces, layout.pieces[1:], strict=False):
        if isinstance(before, Field) and isinstance(after, Field) and _touch(before, after):
            raise _refused(
                f"has nothing between {before.name} and {after.name}",
                "put a space or quotes between them in the server's log format",
            )
    for field in layout.fields:
        if field.form:
            _check_form(field)
    re.compile(expression(layout)[0])


def _with_sites(pieces: tuple[Piece, ...]) -> tuple[Piece, ...]:
    """Let a host that a path follows at once end where the path begins."""
    following = (*pieces[1:], "")
    return tuple(
        replace(piece, shape="site")
        if isinstance(piece, Field) and piece.name in _SITES and _is_url(after)
        else piece
        for piece, after in zip(pieces, following, strict=True)
    )


def _is_url(piece: Piece) -> bool:
    return isinstance(piece, Field) and piece.raw == "url"


_SITES: Final = frozenset({"$host", "$http_host", "$server_name", "%v", "%V", "%{Host}i"})
"""Directives of the host that a request names."""


def _touch(before: Field, after: Field) -> bool:
    """Return whether two fields without a text between them cannot be separated."""
    if before.shape == "site":
        return not _is_url(after)
    return before.shape == "text" or (before.shape, after.shape) not in _SEPARABLE


_SEPARABLE = {
    ("path", "query"),
    ("path", "mark"),
    ("mark", "bare_query"),
    ("epoch", "padded"),
    ("captures", "text"),
}


def _check_form(field: Field) -> None:
    try:
        time_shape(field.form)
    except KeyError as error:
        raise _refused(
            f"has a time {field.name} with %{error.args[0]}, which is not known",
            "use %Y-%m-%d %H:%M:%S, or %d/%b/%Y:%H:%M:%S %z",
        ) from error


def _refused(what: str, hint: str = "") -> SettingsError:
    return SettingsError(
        what,
        where="events.layout",
        hint=hint or "docs/how-to/my-log-format.md shows how to write one",
    )
