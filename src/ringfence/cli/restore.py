"""``ringfence restore``: make the folder of the service from a backup."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ringfence.cli.config import Config, settings_from


def restore(
    source: Annotated[
        Path,
        typer.Argument(
            metavar="FOLDER", show_default=False, help="Backup, made by ringfence backup."
        ),
    ],
    config: Config = None,
) -> None:
    """Restore the folder of the service. The folder must not exist, or must be empty.

    Each file is compared with its check sum. If one differs, nothing is restored.

    Exit status: 0 if the folder is complete; 2 if nothing was restored.
    """
    # Loaded here, because help and wrong usage do not need them.
    from ringfence.cases import store_file  # noqa: PLC0415
    from ringfence.service.backup import restore as restore_folder  # noqa: PLC0415
    from ringfence.service.files import ServiceFolder  # noqa: PLC0415

    settings = settings_from(config)
    folder = ServiceFolder(Path(settings.service.folder))
    contents = restore_folder(source, folder, store_file(settings.cases.url or folder.cases))
    typer.echo(f"{folder.root} is as it was at {contents.made}.")
    if not contents.has_cases:
        typer.echo("The case store is not in this backup.")
