"""``--config``: the settings file of a command."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

if TYPE_CHECKING:
    from ringfence.settings import Settings

DEFAULT_FILE: Final = Path("ringfence.toml")
"""The settings file that is read from the current folder if no other file is named."""

Config = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE",
        help=f"Settings file. Default: {DEFAULT_FILE} in the current folder, if it exists.",
    ),
]
"""The option, as every command with settings has it."""


def config_file(config: Path | None) -> Path | None:
    """Return the named settings file, or the usual one if it exists, or None."""
    return config or (DEFAULT_FILE if DEFAULT_FILE.is_file() else None)


def settings_from(config: Path | None) -> Settings:
    """Return the settings of :func:`config_file`, or the defaults without a file.

    Raises:
        SettingsError: the file cannot be read, or a setting in it is unknown or wrong.
    """
    from ringfence.settings import load_settings  # noqa: PLC0415 - loads Pydantic

    return load_settings(config_file(config))
