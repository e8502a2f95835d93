"""Write docs/reference from the code, so that the two cannot differ.

The prose is in docs/templates, the facts are in the code. Run it with ``make docs``. A test
compares what it would write with what is there.
"""

from __future__ import annotations

import inspect
import json
import re
import typing
from collections.abc import Callable, Iterable, Sequence
from dataclasses import MISSING, fields
from datetime import date
from functools import partial
from pathlib import Path
from string import Template
from typing import Any, Final, Literal

import typer.main
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from ringfence.cli.app import app
from ringfence.cli.commands import SUMMARIES, load_command
from ringfence.events import EVENT_COLUMNS, items
from ringfence.events.formats import FORMATS
from ringfence.events.formats.products import PRODUCTS, Product
from ringfence.events.formats.source_columns import column_setting
from ringfence.events.formats.usual_names import USUAL_NAMES
from ringfence.events.layouts.known import KNOWN
from ringfence.events.layouts.prefixes import PREFIXES
from ringfence.events.streams import LARGEST_STREAM, LONGEST_STREAM, SILENCE
from ringfence.evidence import Canary, built_in_tests
from ringfence.lab.simulate import (
    Scenario,
    attack_names,
    load_attack,
    load_scenario,
    scenario_names,
)
from ringfence.lab.simulate.extractors import STRATEGIES, RingStrategy, Strategy
from ringfence.lab.simulate.scenario import ColumnName
from ringfence.lab.simulate.users.kinds import MODELS
from ringfence.model.output_tables import AccountRow, RingRow, columns
from ringfence.model.records import findings_schema
from ringfence.model.table import Table
from ringfence.model.tables import TABLES
from ringfence.pipeline import ScanResult
from ringfence.pipeline.plausibility import RULES
from ringfence.settings import Settings
from table_uses import Use, all_uses

DOCS: Final = Path(__file__).parent

NOTICE: Final = (
    "<!-- Written by docs/generate_reference.py: change code or template, `make docs`. -->"
)

NOT_TAKES: Final = {
    "item-missing": "The request is for an item that does not exist: its status is 404 or 410. "
    "It is counted as a failed request.",
    "item-refused": "The request for an item was refused: its status is 403, 429 or 451. It is "
    "counted as a failed request.",
    "not-successful": "The response was not a success: its status is neither 2xx nor 304.",
    "other-method": "The request was not a GET (for some rules: neither GET nor POST).",
    "list-page": "The request is for a page of search results or of another list, not for an item. "
    "It is counted as a page of a list.",
    "no-request": "The line has no URL, as with a TLS handshake sent to a plain port.",
    "proxy-page": "A page of a library proxy itself, such as its login.",
    "static-asset": "A style sheet, script, picture or font, or robots.txt.",
    "no-item": "No item rule finds an item in the URL.",
    "no-account": "Nobody can be held responsible: no login, no address, as `account.key` asks.",
}
"""Outcomes of lines that are fine and yet no take."""

UNREADABLE: Final = {
    "not-a-record": "Not even the tolerant reader finds a record of this format.",
    "unreadable-time": "The time is missing or cannot be read.",
    "time-before-1970": "The time lies before 1970, where no log begins.",
    "time-in-the-future": "The time is more than a day ahead of this machine's clock.",
    "line-not-read": "Neither reader accounts for the line: report this fault of Ringfence.",
    "truncated-file": "A compressed file is cut off or damaged; what could be unpacked was read.",
}
"""Reasons for quarantine."""


def pages() -> dict[str, Callable[[], str]]:
    """Return what writes the text of each page of the reference, by file name."""
    facts: dict[str, Callable[[], dict[str, str]]] = {
        "settings.md": settings_facts,
        "evidence-tests.md": test_facts,
        "commands.md": command_facts,
        "output-files.md": output_facts,
        "formats.md": format_facts,
        "scenarios.md": scenario_facts,
        "tables.md": table_facts,
        "warnings.md": warning_facts,
    }
    written = {name: partial(_page, name, gather) for name, gather in facts.items()}
    return {**written, "findings.schema.json": _schema}


def _schema() -> str:
    return json.dumps(findings_schema(), indent=2) + "\n"


def _page(name: str, gather: Callable[[], dict[str, str]]) -> str:
    prose = Template((DOCS / "templates" / name).read_text(encoding="utf-8"))
    return f"{NOTICE}\n\n{prose.substitute(gather()).rstrip()}\n"


def table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a Markdown table."""
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join("| " + " | ".join(map(_cell, line)) + " |" for line in lines)


def _cell(text: str) -> str:
    return " ".join(text.replace("|", "\\|").split())


def _code_table(first: str, second: str, meanings: dict[str, str]) -> str:
    return table((first, second), ((f"`{name}`", said) for name, said in meanings.items()))


def _docstring(thing: object) -> str:
    """Return a docstring as Markdown: Sphinx's roles and double backticks become plain code."""
    text = inspect.getdoc(thing) or ""
    return re.sub(r"(?::\w+:)?`{1,2}~?([^`]+)`{1,2}", r"`\1`", text)


def attributes(thing: type) -> dict[str, str]:
    """Return the description of each attribute in a docstring, as sentences."""
    text = _docstring(thing).partition("Attributes:\n")[2].partition("\n\n")[0]
    found = re.findall(r"^    (\w+): (.*(?:\n {8}.*)*)", text, re.MULTILINE)
    return {name: said[:1].upper() + " ".join(said[1:].split()) for name, said in found}


# Settings


def settings_facts() -> dict[str, str]:
    """Return a part for every section of the settings."""
    return {"sections": "\n\n".join(_sections(Settings, ""))}


def _sections(model: type[BaseModel], path: str) -> list[str]:
    parts = []
    for name, field in model.model_fields.items():
        inner = _model_in(field)
        if inner is None:
            continue
        section = f"{path}{name}"
        heading = f"[{section}]" if inner is field.annotation else f"[[{section}]]"
        parts += [f"## `{heading}`", _section_text(inner), _settings_table(inner)]
        parts += _sections(inner, f"{section}.")
    return parts


def _section_text(model: type[BaseModel]) -> str:
    text = re.sub(r"^`\[+[\w.]+\]+`: ", "", _docstring(model))
    return text[:1].upper() + text[1:]


def _settings_table(model: type[BaseModel]) -> str:
    rows = [
        (f"`{name}`", _kind(field), _default(field), field.description or "")
        for name, field in model.model_fields.items()
        if _model_in(field) is None
    ]
    return table(("setting", "values", "default", "meaning"), rows)


def _model_in(field: FieldInfo) -> type[BaseModel] | None:
    for kind in (field.annotation, *typing.get_args(field.annotation)):
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            return kind
    return None


def _kind(field: FieldInfo) -> str:
    for kind in (field.annotation, *typing.get_args(field.annotation)):
        if typing.get_origin(kind) is Literal:
            values = ", ".join(f"`{value}`" for value in typing.get_args(kind))
            return f"list of {values}" if typing.get_origin(field.annotation) is tuple else values
    if tuple in map(typing.get_origin, (field.annotation, *typing.get_args(field.annotation))):
        return "list of texts"
    names = {"str": "text", "int": "whole number", "float": "number", "bool": "true, false"}
    names["dict"] = "table of texts"
    plain = names[getattr(field.annotation, "__name__", "")]
    return ", ".join([plain, *filter(None, map(_limit, field.metadata))])


def _limit(rule: object) -> str:
    words = {"ge": "at least", "gt": "above", "le": "at most", "lt": "below"}
    found = [f"{word} {getattr(rule, name)}" for name, word in words.items() if hasattr(rule, name)]
    pattern = getattr(rule, "pattern", None) or ""
    return " and ".join(found) or ("such as `2GB`" if "[KMGT]" in str(pattern) else "")


def _default(field: FieldInfo) -> str:
    if field.is_required():
        return "needed"
    if isinstance(field.default, bool):
        return f"`{str(field.default).lower()}`"
    if field.default in ("", (), {}, None):
        return "empty"
    if isinstance(field.default, tuple):
        return f"`{json.dumps(field.default)}`"
    return f"`{field.default}`"


# Evidence tests


def test_facts() -> dict[str, str]:
    """Return the overview of the evidence tests and a part for each."""
    rows = (
        (f"[{test.name}](#{test.name})", test.family, test.question)
        for test in (*built_in_tests(), Canary(()))
    )
    parts = [
        f"## {test.name}\n\n*{test.question}* Family: {test.family}.\n\n"
        f"{_docstring(type(test))}\n\n"
        f"- **Needs:** {test.needs}.\n- **Misleads when:** {test.fails}\n"
        f"- **Source:** {test.source}"
        for test in (*built_in_tests(), Canary(()))
    ]
    return {
        "overview": table(("test", "family", "question"), rows),
        "tests": "\n\n".join(parts),
    }


# Commands


def command_facts() -> dict[str, str]:
    """Return a part for every command, with its options."""
    root = typer.main.get_command(app)
    parts = []
    for name in SUMMARIES:
        parts += _command_parts(f"ringfence {name}", load_command(name), "##")
    return {"help": root.help or "", "commands": "\n\n".join(parts)}


def _command_parts(name: str, command: Any, heading: str) -> Iterable[str]:  # noqa: ANN401 - Typer keeps its command class private
    """Yield the part of a command, and those of its sub-commands."""
    rows = [_option(option) for option in command.params]
    options = f"\n\n{table(('option', 'default', 'meaning'), rows)}" if rows else ""
    yield f"{heading} `{name}`\n\n{command.help}{options}"
    for sub_name, sub_command in getattr(command, "commands", {}).items():
        yield from _command_parts(f"{name} {sub_name}", sub_command, f"{heading}#")


def _option(option: object) -> tuple[str, str, str]:
    names = [*getattr(option, "opts", ()), *getattr(option, "secondary_opts", ())]
    metavar = str(getattr(option, "metavar", None) or "")
    if not names[0].startswith("-"):
        names, metavar = [metavar], ""
    written = ", ".join(f"`{name} {metavar}`" if metavar else f"`{name}`" for name in names)
    default = getattr(option, "default", None)
    shown = "" if default in (None, False, "") else f"`{default}`"
    needed = bool(getattr(option, "required", False))
    return written, "needed" if needed else shown, str(getattr(option, "help", "") or "")


# Files


def output_facts() -> dict[str, str]:
    """Return the tables of the files a scan writes."""
    keys = re.findall(r'^ {12}"(\w+)":', inspect.getsource(ScanResult.to_json), re.MULTILINE)
    schema = findings_schema()
    parts = schema["$defs"]
    return {
        "finding": _fields(schema),
        "coverage": _fields(parts["Coverage"]),
        "evidence": _fields(parts["Evidence"]),
        "ring": _fields(parts["RingProfile"]),
        **{name: _fields(parts[kind]) for name, kind in RING_PARTS.items()},
        "accounts": _columns(AccountRow),
        "rings": _columns(RingRow),
        "unreadable": _code_table("reason", "meaning", UNREADABLE),
        "not_takes": _code_table("reason", "meaning", NOT_TAKES),
        "ledger": _code_table(
            "table", "one row", {one.name: one.rows for one in TABLES.values() if one.lasting}
        ),
        "summary": ", ".join(f"`{key}`" for key in keys),
    }


RING_PARTS: Final = {
    "member": "Member",
    "member_attribute": "MemberAttribute",
    "others": "ComparisonGroup",
    "slice": "Slice",
    "growth": "Growth",
    "link": "SharedAttribute",
    "link_value": "SharedValue",
}
"""The records inside the field ``ring``: name in the template, name in the schema."""


def _fields(schema: dict[str, Any]) -> str:
    """Return the fields of a record in the JSON Schema as a table."""
    rows = (
        (f"`{name}`", _json_type(part), part.get("description", ""))
        for name, part in schema["properties"].items()
    )
    return table(("field", "type", "meaning"), rows)


def _json_type(part: dict[str, Any]) -> str:
    """Return the type of a field in words."""
    if options := part.get("anyOf"):
        return " or ".join(map(_json_type, options)).replace("object or null", "object")
    if "$ref" in part:
        return "object"
    if part["type"] == "array":
        kind = _json_type(part["items"]) if "items" in part else "integer"
        return f"list of {kind}s"
    known = {"date-time": "time", "date": "day"}
    return known.get(part.get("format", ""), str(part["type"]))


def _columns(row: type) -> str:
    """Return the columns of a Parquet file as a table."""
    rows = ((f"`{one.name}`", f"`{one.type}`", one.meaning) for one in columns(row))
    return table(("column", "type", "meaning"), rows)


# Warnings


def warning_facts() -> dict[str, str]:
    """Return one row per rule of plausibility."""
    rows = (
        (f"`{rule.kind}`", rule.sign, rule.worthless or "never", f"`{rule.setting}`")
        for rule in RULES
    )
    return {"warnings": "\n".join(f"| {' | '.join(map(_cell, row))} |" for row in rows)}


# Formats


def format_facts() -> dict[str, str]:
    """Return a part for every format and every item preset."""
    return {
        "order": ", ".join(form.name for form in FORMATS),
        "optional": ", ".join(
            f"`{column}`" for column in EVENT_COLUMNS[3:-1] if column not in {"listing", "walked"}
        ),
        "formats": "\n\n".join(f"## {form.name}\n\n{_for_users(form)}" for form in FORMATS),
        "presets": "\n\n".join(map(_preset, items.PRESETS)),
        "layouts": _layouts(),
        "prefixes": ", ".join(f"`{prefix.name}`" for prefix in PREFIXES),
        "stream_size": f"{LARGEST_STREAM >> 30} GiB",
        "stream_silence": f"{SILENCE:.0f}",
        "stream_minutes": f"{LONGEST_STREAM / 60:.0f}",
        "usual_names": table(
            ("column", "usual names"),
            [(f"`{column_setting(raw)}`", _codes(names)) for raw, names in USUAL_NAMES.items()],
        ),
        "products": table(("product", "marks", "other names"), [_product(one) for one in PRODUCTS]),
    }


def _layouts() -> str:
    """Return the known layouts as a table."""
    rows = (
        (f"[`{known.name}`]({known.source})", known.meaning, f"`{known.notation}`")
        for known in KNOWN
    )
    return table(("layout", "meaning", "notation"), rows)


def _codes(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def _product(product: Product) -> tuple[str, str, str]:
    """Return a product with a link to its reference, its marks, and the names beside them."""
    names = dict.fromkeys(name for names in product.columns.values() for name in names)
    others = [name for name in names if name not in product.marks]
    return f"[{product.name}]({product.reference})", _codes(product.marks), _codes(others)


def _for_users(form: type) -> str:
    """Return what a format's docstring tells its users, without the paragraphs for callers."""
    paragraphs = _docstring(form).split("\n\n")
    return "\n\n".join(p for p in paragraphs if not p.startswith("One instance reads one source"))


def _preset(preset: items.Preset) -> str:
    patterns = "\n".join(rule.pattern for rule in preset.rules)
    facts = [f"Methods: {', '.join(preset.methods)}."]
    if preset.surface:
        facts.append(f"Surface: {preset.surface}.")
    if preset.downloads:
        marks = ", ".join(f"`{mark}`" for mark in preset.downloads)
        facts.append(f"A download where the URL holds one of {marks}.")
    if preset.group:
        facts.append("The group is read from the item's name.")
    return f"### `{preset.name}`\n\n{' '.join(facts)}\n\n```text\n{patterns}\n```"


# Scenarios


def table_facts() -> dict[str, str]:
    """Return the tables that cross a package, with who writes and reads each."""
    uses = sorted(all_uses())
    return {
        name: "\n\n".join(
            _table_section(one, [use for use in uses if use.table == one.name])
            for one in TABLES.values()
            if one.lasting == lasting
        )
        for name, lasting in (("lasting", True), ("passing", False))
    }


def _table_section(one: Table, uses: Sequence[Use]) -> str:
    writes = [use for use in uses if use.direction == "writes" and ".create_" not in use.place]
    reads = {use.package for use in uses if use.direction == "reads"}
    reads -= {f"ringfence.{one.package}"}
    return "\n\n".join(
        (
            f"### `{one.name}`",
            f"{one.rows[0].upper()}{one.rows[1:]}. Created by `{one.package}`.",
            f"Written by {_listed({_writing_place(use) for use in writes}) or 'no statement'}.",
            f"Read by {_listed({_short(package) for package in reads}) or 'no other package'}.",
            table(
                ("column", "type", "meaning"),
                ((f"`{c.name}`", c.type, c.meaning) for c in one.columns),
            ),
        )
    )


def _writing_place(use: Use) -> str:
    """Return the name of a statement, or a Python file without the line, which changes often."""
    file, colon, _ = use.place.partition(":")
    return f"{_short(use.package)}/{file}" if colon else use.place


def _short(package: str) -> str:
    return package.removeprefix("ringfence.").replace(".", "/")


def _listed(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in sorted(names))


def scenario_facts() -> dict[str, str]:
    """Return the tables of scenarios, their keys, users and attacks."""
    named = {name: load_scenario(name).description for name in scenario_names()}
    kinds = {kind.name: _docstring(kind).split("\n\n")[0] for kind in MODELS[1:]}
    columns = ", ".join(f"`{column}`" for column in typing.get_args(ColumnName))
    return {
        "scenarios": _code_table("scenario", "description", named),
        "keys": table(("key", "default", "meaning"), _keys(Scenario, "")),
        "kinds": _code_table("kind", "description", kinds),
        "columns": columns,
        "attacks": table(
            ("attack", "strategy", "links", "description"), map(_attack, attack_names())
        ),
        "strategies": "\n\n".join(map(_strategy, STRATEGIES.values())),
    }


def _keys(model: type[BaseModel], path: str) -> list[tuple[str, str, str]]:
    rows = []
    for name, field in model.model_fields.items():
        inner = _model_in(field)
        if inner:
            rows += _keys(inner, f"{path}{name}.")
        else:
            plain = isinstance(field.default, (int, date))
            known = "needed" if field.is_required() else f"`{field.default}`" if plain else ""
            rows.append((f"`{path}{name}`", known, field.description or ""))
    return rows


def _attack(name: str) -> tuple[str, str, str, str]:
    attack = load_attack(name)
    return f"`{name}`", attack.strategy.name, ", ".join(attack.links), attack.description


def _strategy(kind: type[Strategy]) -> str:
    """Return a strategy's description and its parameters, those of its base classes first."""
    said = {name: text for base in reversed(kind.mro()) for name, text in attributes(base).items()}
    usual = (
        {}
        if kind is RingStrategy
        else {field.name: field.default for field in fields(RingStrategy)}
    )
    rows = [
        (f"`{field.name}`", f"`{field.default}`", said[field.name])
        for field in fields(kind)
        if usual.get(field.name, MISSING) != field.default
    ]
    text = re.split(r"\n\n(?:Class a|A)ttributes:", _docstring(kind))[0]
    listed = f"\n\n{table(('parameter', 'default', 'meaning'), rows)}" if rows else ""
    return f"### `{kind.name}`\n\n{text}{listed}"


def main() -> None:
    """Write all pages."""
    for name, write in pages().items():
        (DOCS / "reference" / name).write_text(write(), encoding="utf-8")


if __name__ == "__main__":
    main()
