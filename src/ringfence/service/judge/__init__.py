"""The judge: it folds the log into the ledger, scans it on a schedule, and delivers decisions."""

from ringfence.service.judge.folding import SegmentFolder
from ringfence.service.judge.options import JudgeOptions
from ringfence.service.judge.running import run_judge

__all__ = ["JudgeOptions", "SegmentFolder", "run_judge"]
