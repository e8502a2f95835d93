"""The one path from sources to findings and files.

A public name loads its module when it is first used (PEP 562): a check needs no statistics, whose
libraries take longer to load than a check takes. The functions are in the modules of their names.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ringfence.pipeline.check import CheckResult as CheckResult
    from ringfence.pipeline.folders import check_folder as check_folder
    from ringfence.pipeline.folders import prepare_folder as prepare_folder
    from ringfence.pipeline.folders import scratch_folder as scratch_folder
    from ringfence.pipeline.result import ScanResult as ScanResult
    from ringfence.progress import Progress as Progress

_MODULES = {
    "CheckResult": "pipeline.check",
    "Progress": "progress",
    "ScanResult": "pipeline.result",
    "check_folder": "pipeline.folders",
    "prepare_folder": "pipeline.folders",
    "scratch_folder": "pipeline.folders",
}
"""The module that defines each public name."""

__all__ = [*_MODULES]  # noqa: PLE0604 - the keys are strings


def __getattr__(name: str) -> Any:  # noqa: ANN401 - any public object
    """Load a public name when it is first used."""
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f"ringfence.{_MODULES[name]}"), name)
    globals()[name] = value
    return value
