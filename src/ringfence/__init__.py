"""Find the accounts that extract a catalogue, and state how certain each finding is.

>>> import ringfence
>>> result = ringfence.scan("access.log", out="result")  # doctest: +SKIP
>>> for finding in result.findings:  # doctest: +SKIP
...     print(finding.id, finding.verdict, finding.p_value)

``import ringfence`` is cheap: a public name loads its module, and with it the heavy libraries, when
it is first used (PEP 562).
"""

from __future__ import annotations

# Type checkers know the name. The module ``typing`` would take a third of the command's first
# 20 ms, in which an interrupt cannot be answered in one line.
TYPE_CHECKING = False

if TYPE_CHECKING:
    from typing import Any

    from ringfence.errors import RingfenceError as RingfenceError
    from ringfence.leaks.assess import assess_leak as assess_leak
    from ringfence.leaks.assessment import LeakAssessment as LeakAssessment
    from ringfence.ledger import open_ledger as open_ledger
    from ringfence.model.arrow_table import ArrowTable as ArrowTable
    from ringfence.model.evidence import Evidence as Evidence
    from ringfence.model.finding import Coverage as Coverage
    from ringfence.model.finding import Finding as Finding
    from ringfence.model.profile import Profile as Profile
    from ringfence.model.records import findings_schema as findings_schema
    from ringfence.model.sample_event import SampleEvent as SampleEvent
    from ringfence.model.warning import InputWarning as InputWarning
    from ringfence.pipeline.check import CheckResult as CheckResult
    from ringfence.pipeline.check import check as check
    from ringfence.pipeline.result import ScanResult as ScanResult
    from ringfence.pipeline.scan import scan as scan
    from ringfence.pipeline.tracing.trace import trace as trace
    from ringfence.pipeline.tracing.trace_result import TraceResult as TraceResult
    from ringfence.population.robots import Robot as Robot
    from ringfence.progress import Progress as Progress
    from ringfence.settings import Settings as Settings
    from ringfence.settings import load_settings as load_settings

    __version__: str

_MODULES = {
    "ArrowTable": "model.arrow_table",
    "CheckResult": "pipeline.check",
    "Coverage": "model.finding",
    "Evidence": "model.evidence",
    "Finding": "model.finding",
    "InputWarning": "model.warning",
    "LeakAssessment": "leaks.assessment",
    "Profile": "model.profile",
    "Progress": "progress",
    "RingfenceError": "errors",
    "Robot": "population.robots",
    "SampleEvent": "model.sample_event",
    "ScanResult": "pipeline.result",
    "Settings": "settings",
    "TraceResult": "pipeline.tracing.trace_result",
    "assess_leak": "leaks.assess",
    "check": "pipeline.check",
    "findings_schema": "model.records",
    "load_settings": "settings",
    "open_ledger": "ledger",
    "scan": "pipeline.scan",
    "trace": "pipeline.tracing.trace",
}
"""The module that defines each public name."""

__all__ = [*_MODULES, "__version__"]  # noqa: PLE0604 - the keys are strings


def __getattr__(name: str) -> Any:  # noqa: ANN401 - any public object
    """Load a public name when it is first used."""
    from importlib import import_module  # noqa: PLC0415 - see TYPE_CHECKING

    if name == "__version__":
        value: Any = import_module("importlib.metadata").version("ringfence")
    elif name in _MODULES:
        value = getattr(import_module(f"ringfence.{_MODULES[name]}"), name)
    else:
        raise AttributeError(f"module 'ringfence' has no attribute {name!r}")
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    """List the public names, loaded or not."""
    return sorted({*globals(), *__all__})
