"""The main job, from sources to findings and files."""

from ringfence.pipeline.outputs import prepare_folder
from ringfence.pipeline.result import ScanResult
from ringfence.pipeline.scan import scan, scratch_folder
from ringfence.progress import Progress

__all__ = ["Progress", "ScanResult", "prepare_folder", "scan", "scratch_folder"]
