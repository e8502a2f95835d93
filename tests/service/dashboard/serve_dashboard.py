"""Run the process with the pages.

python serve_dashboard.py FOLDER PORT [LOG]...
"""

from __future__ import annotations

import sys
from pathlib import Path

from ringfence.service.files import ServiceFolder
from ringfence.service.ingest.process import run
from ringfence.settings import Settings

if __name__ == "__main__":
    settings = Settings(
        service={"port": int(sys.argv[2]), "free_disk_mb": 0, "trace_logs": sys.argv[3:]},
        policy={"mode": "enforce", "ground": "5.2"},
        statements={"service": "Example Music", "contact": "help@example.org"},
    )
    run(ServiceFolder(Path(sys.argv[1])), settings)
