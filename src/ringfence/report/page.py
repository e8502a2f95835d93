"""Write ``report.html``: one file that opens offline, made from one template."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Final

from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from ringfence.model.evidence import is_explanation
from ringfence.report import wording
from ringfence.report.atomic import write_text
from ringfence.report.contents import Contents
from ringfence.report.ring_wording import capped, may_be_stolen, meaning_of_p, relation
from ringfence.visible import clip, visible

_SETTING: Final = re.compile(r"[a-z_]+(?:\.[a-z_]+)+")
_BREAK: Final = re.compile(r"[._]")


def write_html(contents: Contents, path: Path) -> None:
    """Write the report.

    The file needs nothing else: style and charts are inside, and it runs no script. A content
    security policy forbids everything that hostile text might make a browser fetch or run.

    Args:
        contents: the content of the report. Findings beyond the first 200 are only counted.
        path: the file to write; it appears whole or not at all.

    Raises:
        OutputError: the file cannot be written.
    """
    from ringfence.report.views import Page  # noqa: PLC0415 - charts load only where they are drawn

    template = _environment().get_template("report.html.j2")
    write_text(path, template.generate(page=Page(contents), contents=contents))


@cache
def _environment() -> Environment:
    environment = page_environment("ringfence.report")
    environment.filters |= {
        "breakable": _breakable,
        "capped": capped,
        "is_explanation": is_explanation,
        "meaning_of_p": meaning_of_p,
        "stolen_login": may_be_stolen,
        "day": wording.day,
        "relation": relation,
        "expected": wording.expected,
        "minute": wording.minute,
        "moment": wording.moment,
        "odds": wording.odds,
    }
    return environment


def page_environment(*packages: str) -> Environment:
    """Return a template environment that escapes all text and shows hidden characters.

    Args:
        packages: packages whose ``templates`` folders are searched, in this order.
    """
    environment = Environment(
        loader=ChoiceLoader([PackageLoader(package) for package in packages]),
        autoescape=True,
        finalize=_harmless,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "clip": clip,
        "count": wording.count,
        "counted": wording.counted,
        "p_value": wording.p_value,
        "share": wording.share,
        "svg": Markup,  # the charts escape what they write
    }
    return environment


def _breakable(text: str) -> str:
    """Return a text that, if it is the name of a setting, may break after a dot or underscore."""
    if not _SETTING.fullmatch(text):
        return text
    return Markup(_BREAK.sub(r"\g<0><wbr>", text))  # noqa: S704 - the pattern has no markup


def _harmless(value: object) -> object:
    """Make every text that reaches the page visible, so that no template can forget it."""
    return visible(value) if isinstance(value, str) and not isinstance(value, Markup) else value
