"""Run the ingest process.

python serve_ingest.py FOLDER PORT
"""

from __future__ import annotations

import sys
from pathlib import Path

from ringfence.errors import RingfenceError
from ringfence.service.files import ServiceFolder
from ringfence.service.ingest.process import run
from ringfence.settings import Settings

if __name__ == "__main__":
    service = {"port": int(sys.argv[2]), "free_disk_mb": 0, "largest_body_mb": 4, "body_seconds": 2}
    try:
        run(ServiceFolder(Path(sys.argv[1])), Settings(service=service))
    except RingfenceError as error:
        sys.exit(str(error))
