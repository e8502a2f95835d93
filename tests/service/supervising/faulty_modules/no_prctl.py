"""Let prctl(2) be refused, as a filter of system calls does."""

import ctypes
from typing import Any


class _Library(ctypes.CDLL):
    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - any function
        return (lambda *_: -1) if name == "prctl" else super().__getattr__(name)


ctypes.CDLL = _Library  # type: ignore[misc]
