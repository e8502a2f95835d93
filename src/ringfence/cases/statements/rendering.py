"""Fill in a template: an own one of the operator, or the built-in one."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Final, get_args

from jinja2 import (
    BaseLoader,
    ChoiceLoader,
    Environment,
    FileSystemLoader,
    PackageLoader,
    StrictUndefined,
    TemplateError,
    TemplateSyntaxError,
)

from ringfence.cases.statements.kinds import StatementKind
from ringfence.cases.statements.words import count_in_words, day_in_words, minute_in_words
from ringfence.errors import SettingsError
from ringfence.statement_settings import Language

_SUFFIX: Final = ".txt.j2"
_WIDTH: Final = 76
"""Characters per line, as in letters and mail."""

_SETTING: Final = "statements.templates"


def render(
    kind: StatementKind, language: Language, folder: str, values: Mapping[str, object]
) -> str:
    """Return the text of a template with these values.

    Args:
        kind: what the text is about.
        language: of the text.
        folder: of the operator's own templates; empty for none.
        values: the names that a template can use.

    Raises:
        SettingsError: the folder or a template in it cannot be used.
    """
    environment = _environment(language, _loader(folder))
    values = {
        **values,
        "first": datetime.fromisoformat(str(values["first"])),
        "last": datetime.fromisoformat(str(values["last"])),
    }
    try:
        text = environment.get_template(f"{language}/{kind}{_SUFFIX}").render(values)
    except TemplateSyntaxError as error:
        place = f"{error.name or kind}, line {error.lineno}"
        raise SettingsError(f"{place}: {error.message}", where=_SETTING) from error
    except (TemplateError, ArithmeticError, LookupError, OSError, TypeError, ValueError) as error:
        raise SettingsError(
            f"{language}/{kind}{_SUFFIX} cannot be filled in: {error}",
            where=_SETTING,
            hint="docs/how-to/write-statements.md lists the names that a template can use",
        ) from error
    return _wrapped(text)


def _environment(language: Language, loader: BaseLoader) -> Environment:
    """Return the environment of plain texts: nothing is escaped, because there is no markup."""
    environment = Environment(  # noqa: S701 - the text is plain
        loader=loader, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters |= {
        "day": partial(day_in_words, language=language),
        "minute": partial(minute_in_words, language=language),
        "count": partial(count_in_words, language=language),
    }
    return environment


def _loader(folder: str) -> BaseLoader:
    """Return the loader that looks into the own folder first.

    Raises:
        SettingsError: the folder does not exist, or has a template that is never used.
    """
    built_in = PackageLoader("ringfence.cases.statements")
    if not folder:
        return built_in
    path = Path(folder)
    if not path.is_dir():
        raise SettingsError(f"{folder} is not a folder", where=_SETTING)
    known = set(built_in.list_templates())
    for own in sorted(path.rglob("*.j2")):
        name = own.relative_to(path).as_posix()
        if name not in known and not own.name.startswith("_"):
            raise SettingsError(
                f"{name} is not the name of a template",
                where=_SETTING,
                hint="in a folder en or fr: "
                + ", ".join(f"{kind}{_SUFFIX}" for kind in get_args(StatementKind)),
            )
    return ChoiceLoader([FileSystemLoader(path), built_in])


def _wrapped(text: str) -> str:
    """Return a text with short lines: each line of a template is a paragraph."""
    lines = [
        textwrap.fill(line, _WIDTH, break_long_words=False, break_on_hyphens=False)
        for line in text.strip().splitlines()
    ]
    return "\n".join(lines) + "\n"
