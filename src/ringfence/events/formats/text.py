"""Text logs of any layout: known ones without a setting, others as ``events.layout`` says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import ClassVar
from zoneinfo import ZoneInfo

from ringfence.engine import Engine
from ringfence.errors import FormatError
from ringfence.events.formats.base import RAW_COLUMNS, FastPath
from ringfence.events.formats.times import check_times, text_time
from ringfence.events.layouts.compiling import TYPED_TIME, Reader, layout_select, reader_of
from ringfence.events.layouts.detection import Fit, detect, fit_layout
from ringfence.events.layouts.known import known_layout
from ringfence.events.layouts.matching import Matcher, utc_text
from ringfence.events.layouts.notation import layout_of
from ringfence.settings import EventSettings

_SETTINGS = {"time": "ts", "login": "account"}


class TextLayout:
    """A text log with one line per access, such as the logs of Apache, nginx and load balancers.

    The known layouts below are recognised from their values. `events.layout` describes any other
    one in the notation of Apache, nginx or EZproxy. The prefixes of syslog, docker, kubectl and
    journald may stand before each line. Several spaces between fields count as one. Of lines
    whose fields stand between bars, tabs, semicolons or commas, the values show which is which.

    One instance reads one source: :meth:`recognises` learns the layout from the first lines.
    """

    name: ClassVar[str] = "layout"
    by_line: ClassVar[bool] = True

    def __init__(self, named: str = "", settings: EventSettings | None = None) -> None:
        """Start with the layout that is named or described; else all known ones are tried.

        Raises:
            SettingsError: the notation of ``events.layout`` cannot be read.
        """
        self._named_layout = named
        self._settings = settings or EventSettings()
        self._fit: Fit | None = None
        self._zone = ZoneInfo(self._settings.time_zone)
        self._matcher: Matcher | None = None
        self._typed = False

    def recognises(self, head: Sequence[str]) -> bool:
        """Return whether a layout fits any of these lines, and keep the one that fits most."""
        fit = self._find(head)
        if fit is None:
            return False
        self._fit = fit
        self._typed = reader_of(fit.layout, zoned=fit.zoned) == "csv"
        self._matcher = Matcher(fit.layout)
        return fit.lines > 0

    def open(self, engine: Engine, path: Path, settings: EventSettings) -> FastPath:
        """Open the file with the reader that the layout compiles to.

        Raises:
            FormatError: the layout is not known.
            SettingsError: the time zone is unknown.
        """
        check_times(engine, settings)
        if self._fit is None:
            raise FormatError("has no known layout", where=str(path), hint="set events.layout")
        layout = self._fit.layout
        reader: Reader = "csv" if self._typed else "regex"
        self._zone = ZoneInfo(settings.time_zone)
        return FastPath(
            reader=lambda file, on_error: layout_select(file, layout, reader, on_error),
            path=path,
            present=layout.present,
            format=layout.name,
            quotes="line" if self._typed else "none",
            time=TYPED_TIME
            if self._typed
            else text_time(settings.time_zone, form=layout.time_form or settings.time_format),
            assumed=(
                ("layout", layout.notation, "events.layout"),
                ("time zone", "as written in each line", "events.time_zone"),
            ),
        )

    def parse(self, line: str) -> Mapping[str, str | None] | None:
        """Read one line, with spaces in logins and unescaped quotes in requests allowed."""
        # A record never spans lines; an open quote only makes the engine's reader think so.
        record = self._matcher.record(line) if self._matcher and "\n" not in line else None
        if record and self._typed:
            return record | {"time": utc_text(record["time"] or "", self._zone)}
        return record

    def _find(self, head: Sequence[str]) -> Fit | None:
        if self._settings.layout:
            described = layout_of(self._settings.layout, columns=self._named())
            return fit_layout(described, head)
        known = known_layout(self._named_layout)
        if known is None:
            return detect(head)
        return (
            detect(head, (known,))
            or detect(head, (replace(known, fits=None),))
            or Fit(known.layout(), 0)
        )

    def _named(self) -> dict[str, str]:
        """Return raw column to the directive that the settings name for it."""
        columns = self._settings.columns.model_dump()
        raws = {setting: raw for raw, setting in _SETTINGS.items()}
        named = ((raws.get(name, name), text) for name, text in columns.items() if text)
        return {raw: text for raw, text in named if raw in RAW_COLUMNS}
