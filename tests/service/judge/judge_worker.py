"""Run a judge on a folder with some options, as a process of its own."""

from __future__ import annotations

import json
import sys
from functools import partial
from pathlib import Path

from ringfence.service.files import ServiceFolder
from ringfence.service.judge import JudgeOptions, run_judge
from ringfence.testing.small_ledger import ONE_THREAD

if __name__ == "__main__":
    run_judge(
        ServiceFolder(Path(sys.argv[1])),
        ONE_THREAD,
        JudgeOptions(**json.loads(sys.argv[2])),
        partial(print, flush=True),
    )
