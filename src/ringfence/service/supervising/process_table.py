"""The processes of the service by name."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from typing import Any


@dataclass(frozen=True)
class ServiceProcess:
    """One process of the service.

    Attributes:
        name: of the process, in messages and in its status.
        entry: ``module:function``. The function gets the folder of the service, the settings and a
            function for lines that an operator should see. It runs until SIGTERM.
        port: on which it listens; None if it does not listen.
        modules: that it needs. They are loaded once for all processes.
    """

    name: str
    entry: str
    port: int | None = None
    modules: tuple[str, ...] = ()

    def load(self) -> Any:  # noqa: ANN401 - any function
        """Import the module and return the function."""
        module, _, function = self.entry.partition(":")
        return getattr(import_module(module), function)
