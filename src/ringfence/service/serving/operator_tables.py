"""The operator's tables: files with the catalogue and the accounts."""

from __future__ import annotations

from pathlib import Path

from ringfence.errors import SettingsError
from ringfence.service_settings import ServiceSettings


def check_table_files(service: ServiceSettings) -> None:
    """Refuse tables that are not there, before any process starts.

    A table may be replaced while the service runs. A scan that does not find it fails and says so,
    and events are folded meanwhile.

    Args:
        service: the settings of the service.

    Raises:
        SettingsError: a file is missing.
    """
    for name, path in (("catalogue", service.catalogue), ("accounts", service.accounts)):
        if path and not Path(path).is_file():
            raise SettingsError(
                "there is no such file", where=path, hint=f"correct service.{name}, or leave it out"
            )
