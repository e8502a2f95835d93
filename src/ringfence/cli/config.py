"""``--config``: which file a command's settings come from."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Final

import typer

from ringfence.settings import Settings, load_settings

USUAL: Final = Path("ringfence.toml")
"""Read from the working folder where no other file is named."""

Config = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE",
        help=f"Settings. Without it, {USUAL} in this folder if there is one.",
    ),
]
"""The option as every command that takes settings has it."""


def settings_from(config: Path | None) -> Settings:
    """Return the settings of the file named, else of the usual one, else the defaults.

    Raises:
        SettingsError: the file cannot be read, or says something wrong.
    """
    return load_settings(config or (USUAL if USUAL.is_file() else None))
