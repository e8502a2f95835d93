"""The main job, from sources to findings and files."""

from ringfence.scanning.outputs import prepare_folder
from ringfence.scanning.progress import Progress
from ringfence.scanning.result import ScanResult
from ringfence.scanning.scan import scan, scratch_folder

__all__ = ["Progress", "ScanResult", "prepare_folder", "scan", "scratch_folder"]
