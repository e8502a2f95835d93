"""Run the process with the pages.

python serve_dashboard.py FOLDER PORT [MORE [OTHERS]]

MORE is a JSON object with settings of the section ``service``, and OTHERS one with other sections.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from ringfence.service.files import ServiceFolder
from ringfence.service.ingest.process import run
from ringfence.settings import Settings

if __name__ == "__main__":
    more = json.loads(sys.argv[3]) if len(sys.argv) > 3 else {}
    others = json.loads(sys.argv[4]) if len(sys.argv) > 4 else {}
    settings = Settings(
        service={"port": int(sys.argv[2]), "free_disk_mb": 0, **more},
        policy={"mode": "enforce", "ground": "5.2"},
        statements={"service": "Example Music", "contact": "help@example.org"},
        **others,
    )
    run(ServiceFolder(Path(sys.argv[1])), settings)
