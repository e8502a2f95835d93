"""Find the times of records that the judge could not read, before the records are acknowledged."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterable
from typing import Final

from ringfence.engine import Engine, open_engine
from ringfence.errors import RingfenceError
from ringfence.events.formats.times import text_time
from ringfence.settings import EngineSettings, EventSettings

_USUAL: Final = re.compile(
    r"20[0-9]{2}-(0[1-9]|1[0-2])-(0[1-9]|1[0-9]|2[0-8])T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]"
    r"(\.[0-9]{1,6})?(Z|[+-]0[0-9]:[0-5][0-9])"
)
"""Some of the times that are read without a setting. The engine is asked about all others."""

_AROUND: Final = "".join(map(chr, range(33))) + "\x7f"
_LONGEST: Final = 200
"""Characters of a time that is examined. No form is as long."""


class SentTimes:
    """Tells which times can be read, with the SQL by which the judge reads them.

    Args:
        events: ``[events]``: the form and the zone of times.
    """

    def __init__(self, events: EventSettings) -> None:
        self._form = events.time_format
        self._unread = (
            "SELECT time FROM (SELECT DISTINCT unnest($times) AS time) "  # noqa: S608 - of the reader
            f"WHERE ({text_time(events.time_zone, form=events.time_format)}) IS NULL"
        )
        self._engine: Engine | None = None
        self._lock = threading.Lock()

    def unreadable(self, times: Iterable[object]) -> set[str]:
        """Return the texts among some times that cannot be read.

        A time that is not a text is left to the judge, and so are all if the engine fails.
        """
        texts = {one for one in times if isinstance(one, str) and not self._is_usual(one)}
        bare = {one: one.strip(_AROUND)[:_LONGEST] for one in texts if one.isprintable()}
        asked = sorted({one for one in bare.values() if one})
        if not asked:
            return set()
        try:
            with self._lock:
                if self._engine is None:
                    self._engine = open_engine(EngineSettings(threads=1))
                found = {row[0] for row in self._engine.rows(self._unread, {"times": asked})}
        except (RingfenceError, OSError):
            return set()
        return {text for text, one in bare.items() if one in found}

    def close(self) -> None:
        """Close the engine, if one was needed."""
        with self._lock:
            if self._engine is not None:
                self._engine.close()
                self._engine = None

    def _is_usual(self, text: str) -> bool:
        return not self._form and _USUAL.fullmatch(text) is not None
