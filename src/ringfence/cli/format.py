"""``--format``: the format that an option names."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ringfence.errors import SettingsError

if TYPE_CHECKING:
    from ringfence.settings import FormatName


def named_format(name: str) -> FormatName | None:
    """Return the named format, or None if no format is named.

    Raises:
        SettingsError: the format does not exist.
    """
    if not name:
        return None
    from ringfence.settings import FORMAT_NAMES  # noqa: PLC0415 - loads Pydantic
    from ringfence.suggestions import did_you_mean  # noqa: PLC0415

    for known in FORMAT_NAMES:
        if name == known:
            return known
    raise SettingsError(
        f"there is no format {name!r}",
        where="--format",
        hint=did_you_mean(name, FORMAT_NAMES) or f"one of {', '.join(FORMAT_NAMES)}",
    )
