"""Choose the format of a source: the one that the settings name, or the one that it looks like."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ringfence.errors import FormatError, SettingsError
from ringfence.events.formats import FORMATS, W3C, Format, TextLayout, format_names
from ringfence.events.layouts.w3c_fields import W3C_PRODUCTS
from ringfence.events.sources import Source
from ringfence.settings import EventSettings
from ringfence.suggestions import did_you_mean

_UTF_16 = (r"\xff\xfe", r"\xfe\xff")
"""The byte order marks of UTF-16, as they are decoded from a file that should be UTF-8."""

_UTF_32 = (r"\xff\xfe" + "\0\0", "\0\0" + r"\xfe\xff")
"""Those of UTF-32. The first begins as that of UTF-16 does."""


def check_format(name: str, *, where: str = "events.format") -> None:
    """Check that a format has this name.

    Raises:
        SettingsError: no format has it.
    """
    names = format_names()
    if name not in names:
        raise SettingsError(
            f"there is no format {name!r}",
            where=where,
            hint=did_you_mean(name, names) or f"one of {', '.join(names)}",
        )


def choose_format(head: Sequence[str], source: Source, settings: EventSettings) -> Format:
    """Return the format of a source, which has seen the first lines.

    Args:
        head: the first lines.
        source: the source.
        settings: how sources are read.

    Raises:
        FormatError: the source is in no known format.
        SettingsError: the named format does not exist, or the layout cannot be read.
    """
    check_format(settings.format)
    if not source.table and (settings.layout or settings.format == TextLayout.name):
        return _described(head, settings)
    named = "parquet" if source.table else settings.format
    forms: list[Format] = [form() for form in FORMATS if named in ("auto", form.name)]
    if not forms:
        forms = [W3C() if named in W3C_PRODUCTS else TextLayout(named)]
    # A named format is asked as well: some formats learn from the head how to read the rest.
    fitting = (form for form in forms if form.recognises(head) or named != "auto")
    if form := next(fitting, None):
        return form
    raise _unknown(head, source)


def looks_like_records(lines: Sequence[str]) -> bool:
    """Return whether these lines of a text are records of a known format, by themselves.

    Any text with commas could be csv, so that is left out.
    """
    forms = (form() for form in FORMATS if form.by_line and form.name != "csv")
    return bool(lines) and any(form.recognises(lines) for form in forms)


def _described(head: Sequence[str], settings: EventSettings) -> Format:
    """Return the layout of the settings.

    Raises:
        SettingsError: there is none, another format is named as well, or it cannot be read.
    """
    if not settings.layout:
        raise SettingsError("no layout is given", where="events.layout", hint="set it, too")
    if settings.format not in {"auto", TextLayout.name}:
        raise SettingsError(
            f"events.layout and the format {settings.format} are given",
            where="events.format",
            hint="remove one of them",
        )
    form = TextLayout(settings=settings)
    form.recognises(head)
    return form


def _unknown(head: Sequence[str], source: Source) -> FormatError:
    names = ", ".join(form.name for form in FORMATS)
    text = "".join(head)
    strange = len(re.findall(r"[^\t\x20-\x7e\x80-\U0010ffff]|\\x[89a-f]", text))
    if text.startswith(_UTF_32):
        what, hint = "is UTF-32 text", "convert it to UTF-8, as iconv -f UTF-32 -t UTF-8 does"
    elif text.startswith(_UTF_16):
        what, hint = "is UTF-16 text", "convert it to UTF-8, as iconv -f UTF-16 -t UTF-8 does"
    elif strange * 10 > len(text):
        what = "is binary, not an access log"
        hint = "name the log files; unpack archives first, except .gz and .zst"
    else:
        what = "is in no known format"
        hint = "docs/how-to/my-log-format.md shows how to read a log of another layout"
    return FormatError(f"{what}: looked for {names}", where=source.name, hint=hint)
