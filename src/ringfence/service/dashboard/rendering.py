"""Write pages from templates, which escape all text and show hidden characters."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import cache, partial

from jinja2 import Environment
from markupsafe import Markup, escape

from ringfence.cases.moments import to_text
from ringfence.model.evidence import is_explanation
from ringfence.report import wording
from ringfence.report.page import page_environment
from ringfence.service.dashboard.evidence_sentences import evidence_text
from ringfence.service.dashboard.languages import translate, write_number
from ringfence.statement_settings import Language
from ringfence.stats.seconds import DAY, HOUR
from ringfence.visible import visible

_LONGEST_TIME = 40


def render(language: Language, template: str, **values: object) -> str:
    """Return a page.

    Args:
        language: of the page.
        template: name of the template, without its ending.
        values: what it shows.
    """
    return _environment(language).get_template(f"{template}.html.j2").render(**values)


@cache
def _environment(language: Language) -> Environment:
    environment = page_environment("ringfence.service.dashboard")
    environment.globals |= {"_": partial(translate, language), "language": language}
    environment.filters |= {
        "number": partial(write_number, language),
        "share": partial(_in_language, language, wording.share),
        "p_value": partial(_in_language, language, wording.p_value),
        "lines": _lines,
        "time": _time,
        "since": _since,
        "day": _day,
        "bytes": partial(_bytes, language),
        "ago": partial(_ago, language),
        "is_explanation": is_explanation,
        "evidence": partial(evidence_text, language),
        "moment": _moment,
    }
    return environment


def _in_language(language: Language, write: Callable[[float], str], value: float) -> str:
    """Return a number with the decimal sign of the language."""
    text = write(value)
    return text.replace(".", ",") if language == "fr" else text


def _lines(text: str) -> Markup:
    """Return a text of several lines, for an element that keeps the ends of lines."""
    return Markup("\n").join(escape(visible(line)) for line in text.split("\n"))


def _time(moment: int | str | datetime | None) -> Markup:
    """Return a time as an element. The browser writes it in its own zone, if it runs the script."""
    if moment is None:
        return Markup("–")
    text = to_text(moment) if isinstance(moment, int) else str(moment)
    day, _, clock = text.partition("T")
    shown = f"{day} {clock[:5]} UTC" if clock else day
    return Markup('<time datetime="{}">{}</time>').format(visible(text), visible(shown))


def _since(text: str) -> Markup:
    """Return a time of an account as an element; midnight UTC comes from a date without a time."""
    return _time(str(text).removesuffix("T00:00:00Z")[:_LONGEST_TIME])


def _moment(seconds: float) -> Markup:
    """Return a time in seconds since 1970 as an element."""
    return _time(int(seconds * 1_000_000))


def _day(moment: int) -> str:
    """Return the day of a moment, UTC: ``2026-11-29``."""
    return to_text(moment)[:10]


def _bytes(language: Language, count: float) -> str:
    """Return a number of bytes in the unit that suits it."""
    units = ("B", "kB", "MB", "GB", "TB")
    place = 0
    while count >= 1000 and place < len(units) - 1:
        count, place = count / 1000, place + 1
    number = f"{count:.1f}" if 0 < count < 10 and place else f"{count:.0f}"
    if language == "fr":
        number, units = number.replace(".", ","), ("o", "ko", "Mo", "Go", "To")
    return f"{number}\N{NO-BREAK SPACE}{units[place]}"


def _ago(language: Language, seconds: float) -> str:
    """Return a length of time in its largest unit."""
    unit, size = next(
        (unit, size)
        for unit, size in (("d", DAY), ("h", HOUR), ("min", 60), ("s", 1))
        if seconds >= size or size == 1
    )
    if language == "fr" and unit == "d":
        unit = "j"
    return f"{max(0, round(seconds / size))}\N{NO-BREAK SPACE}{unit}"
