"""The log of EZproxy, a library's proxy: the common format with absolute URLs."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import ClassVar

from ringfence.events.formats.combined import Combined

_ABSOLUTE = re.compile(r'"[A-Z]+ https?://')


class EZproxy(Combined):
    """The format :class:`Combined`, in which most requests name the publisher's host in full."""

    name: ClassVar[str] = "ezproxy"
    by_line: ClassVar[bool] = True

    def recognises(self, head: Sequence[str]) -> bool:
        """Return whether at least half of the records request absolute URLs."""
        records = [line for line in head if super(EZproxy, self).recognises([line])]
        known = super().recognises(head)
        return known and 2 * sum(bool(_ABSOLUTE.search(line)) for line in records) >= len(records)
