"""Open a source: detect its compression, format and item rules from its first part."""

from __future__ import annotations

import codecs
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from ringfence.engine import Engine, literal
from ringfence.errors import EngineError, FormatError, SettingsError
from ringfence.events import items
from ringfence.events.accounts import Identity
from ringfence.events.content import decode, plain_chunks
from ringfence.events.event_sql import DERIVED_COLUMNS, EVENT_COLUMNS, NO_EVENTS
from ringfence.events.formats import FastPath, Format
from ringfence.events.pseudonyms import load_key
from ringfence.events.quarantine import Quarantine
from ringfence.events.reading import Assumption, Plan, Reading
from ringfence.events.recognition import choose_format
from ringfence.events.record_lines import as_lines, part_as_lines
from ringfence.events.sampling import sample_visits
from ringfence.events.sources import AnySource, Source, errors_named
from ringfence.events.staging import readable
from ringfence.events.text_encoding import encoding_remark
from ringfence.events.time_check import check_readable_times
from ringfence.settings import Settings

_HEAD_LINES = 50
_HEAD_BYTES = 16 << 20
_SLACK = timedelta(days=1)
"""Largest time by which the clocks of others may be ahead of the clock of this machine."""

_OPTIONAL = frozenset(EVENT_COLUMNS[3:]) - frozenset(DERIVED_COLUMNS)
_KEYS = {
    "auto": "login, else address and client",
    "login": "login",
    "address": "address",
    "visitor": "address and client",
}


def open_source(
    engine: Engine,
    source: AnySource,
    settings: Settings,
    quarantine: Quarantine,
    remembered: items.Preset | None = None,
) -> Reading:
    """Open a source as the temporary view ``events``; only a sample of it is read.

    The view has the columns ts (TIMESTAMP, UTC without zone), account, item, surface, group, ip,
    client (VARCHAR), bytes (BIGINT), seconds (DOUBLE), device, payment (VARCHAR), signed_up
    (TIMESTAMP, UTC; NULL before 1970 and in the future) and outcome. The outcome is NULL for a take
    and otherwise says why the event is none. A compressed file is unpacked once to see that it is
    whole. If it is cut off, its readable part is read and one record is quarantined.

    Args:
        engine: opens the source.
        source: the source.
        settings: how it is read.
        quarantine: receives lines that cannot be read.
        remembered: item rules by which other sources of the same ledger were read.

    Raises:
        FormatError: the source is in no known format, or columns are missing.
        SourceError: the source cannot be read.
        SettingsError: an item rule or the key for pseudonyms cannot be used, or the engine does
            not know the time zone.
    """
    _check_rules(engine, settings)
    load_key(engine, settings)
    engine.forget_csv_rejects()
    file = source.as_file(engine)
    with errors_named(file, engine):
        return _open(engine, file, settings, quarantine, remembered)


def _open(
    engine: Engine,
    source: Source,
    settings: Settings,
    quarantine: Quarantine,
    remembered: items.Preset | None,
) -> Reading:
    staged = readable(source, engine.scratch, quarantine)
    settings = _guided(settings, source)
    path, beginning, records = _lines(engine, source, staged.path, settings)
    head = _head(beginning or path)
    if not any(line.strip() for line in head):
        return _empty(engine, source, quarantine)
    form = choose_format(head, source, settings.events)
    try:
        opened = _opened(engine, form, path, beginning, settings)
        path = opened.path

        def sample() -> list[items.Visit]:
            places = (path, beginning) if beginning else (path,)
            parts = (sample_visits(engine, form, opened, one) for one in places)
            return [visit for part in parts for visit in part]

        choice = _rules(sample, opened, settings, remembered)
        rules = choice.preset if choice else None
        plan = Plan(
            path,
            form,
            opened,
            rules,
            Identity.from_settings(settings),
            _horizon(source),
            lines=staged.lines if path == staged.path else None,
        )
        engine.view("events", plan.select(opened.select))
    except EngineError as error:
        if error.fault != "other":
            raise
        raise FormatError(
            f"cannot be read as {form.name}: {error.what}",
            where=source.name,
            hint="name another format with --format",
        ) from error
    return Reading(
        source,
        opened.format or form.name,
        _carried(opened, rules),
        _assumptions(_format_assumed(source, opened.format or form.name), opened, choice, settings)
        + _remarks(records, encoding_remark(path) if form.by_line else ""),
        quarantine,
        plan,
        unused=opened.unused,
        choice=choice,
    )


def _guided(settings: Settings, source: Source) -> Settings:
    """Return the settings by which a source is read."""
    guide = source.guide
    return settings.model_copy(update={"events": guide.events}) if guide else settings


def _lines(
    engine: Engine, source: Source, path: Path, settings: Settings
) -> tuple[Path, Path | None, str]:
    """Return the file of lines, the beginning of the log of which it is a part, and a remark."""
    columns = settings.events.columns
    if source.guide:
        return part_as_lines(engine, path, source.guide.beginning, columns)
    lines, remark = as_lines(engine, path, columns)
    return lines, None, remark


def _opened(
    engine: Engine, form: Format, path: Path, beginning: Path | None, settings: Settings
) -> FastPath:
    """Open a file by itself or, if it is a part of a log, as the beginning of the log is opened."""
    if beginning:
        return replace(form.open(engine, beginning, settings.events), path=path)
    opened = form.open(engine, path, settings.events)
    check_readable_times(engine, form, opened, opened.path, settings.events.time_format)
    return opened


def _remarks(records: str, encoding: str) -> tuple[Assumption, ...]:
    said = (("records", records), ("text", encoding))
    return tuple(Assumption(name, value, "") for name, value in said if value)


def _check_rules(engine: Engine, settings: Settings) -> None:
    for rule in items.own(settings.items.rules).rules:
        try:
            engine.rows(f"SELECT regexp_matches('', {literal(rule.unnamed)})")
        except EngineError as error:
            raise SettingsError(
                f"is not an RE2 expression: {error.what}",
                where=f"items.rules {rule.pattern}",
                hint="RE2 has no lookaround and no backreferences",
            ) from error


def _horizon(source: Source) -> datetime:
    """Return the time after which an event of a source is in the future, UTC without zone."""
    clock = datetime.now(UTC).replace(tzinfo=None, microsecond=0)
    wrong = source.follows is not None and source.follows > clock + _SLACK
    return (source.follows if wrong and source.follows else clock) + _SLACK


def _head(path: Path) -> list[str]:
    """Return the first lines; of a file without line ends, its beginning as one line."""
    data = b""
    for chunk in plain_chunks(path):
        data += chunk
        if data.count(b"\n") >= _HEAD_LINES or len(data) >= _HEAD_BYTES:
            break
    lines = data.removeprefix(codecs.BOM_UTF8).split(b"\n")[:_HEAD_LINES]
    return [decode(line.removesuffix(b"\r")) for line in lines]


def _empty(engine: Engine, source: Source, quarantine: Quarantine) -> Reading:
    engine.view("events", NO_EVENTS)
    return Reading(source, "empty", frozenset(), (), quarantine, note="is empty: no events")


def _rules(
    sample: Callable[[], list[items.Visit]],
    opened: FastPath,
    settings: Settings,
    remembered: items.Preset | None,
) -> items.RuleChoice | None:
    """Return the item rules; None if the source names its items."""
    if "item" in opened.present:
        return None
    if settings.items.rules:
        return items.RuleChoice(items.own(settings.items.rules))
    if settings.items.preset not in ("auto", "learned"):
        return items.RuleChoice(items.preset(settings.items.preset))
    always = settings.items.preset == "learned"
    choice = items.choose(sample(), remembered, always_learn=always)
    return choice.without_examples() if settings.privacy.pseudonym_key else choice


def _carried(opened: FastPath, rules: items.Preset | None) -> frozenset[str]:
    told = set(opened.present)
    if rules and items.surface_sql(rules):
        told.add("surface")
    if rules and items.group_sql(rules):
        told.add("group")
    return _OPTIONAL & told


def _assumptions(
    layout: Assumption,
    opened: FastPath,
    choice: items.RuleChoice | None,
    settings: Settings,
) -> tuple[Assumption, ...]:
    said = [
        layout,
        Assumption("account", _account(opened, settings.account.key), "account.key"),
    ]
    if choice is None:
        said.append(Assumption("item", "the column that names it", "events.columns.item"))
    else:
        said.append(Assumption("item", choice.in_words(), "items.preset, items.rules"))
    known = {one.name for one in said}
    said += [Assumption(*one) for one in opened.assumed if one[0] not in known]
    if not any(one.name == "time zone" for one in said):
        said.append(
            Assumption(
                "time zone",
                f"{settings.events.time_zone} where a time has none",
                "events.time_zone",
            )
        )
    return tuple(said)


def _format_assumed(source: Source, name: str) -> Assumption:
    """Return the format of a file. A table in memory has none, and no setting changes that."""
    if source.table:
        return Assumption("format", "table", "")
    return Assumption("format", name, "events.format or --format")


def _account(opened: FastPath, key: str) -> str:
    if key == "auto" and "login" not in opened.present:
        key = "visitor"
    if key == "visitor" and "client" not in opened.present:
        return _KEYS["address"] + " (the source names no client)"
    return _KEYS[key]
