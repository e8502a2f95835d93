"""``--format``: the format that an option names."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ringfence.settings import FormatName


def named_format(name: str) -> FormatName | None:
    """Return the named format, or None if no format is named.

    Raises:
        SettingsError: the format does not exist.
    """
    if not name:
        return None
    from ringfence.events import check_format  # noqa: PLC0415 - loads the engine

    check_format(name, where="--format")
    return name
