"""The one path from sources to findings and files."""

from ringfence.pipeline.check import CheckResult, check
from ringfence.pipeline.folders import check_folder, prepare_folder, scratch_folder
from ringfence.pipeline.result import ScanResult
from ringfence.pipeline.scan import scan
from ringfence.progress import Progress

__all__ = [
    "CheckResult",
    "Progress",
    "ScanResult",
    "check",
    "check_folder",
    "prepare_folder",
    "scan",
    "scratch_folder",
]
