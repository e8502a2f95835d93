"""The program of each process of the service; only the supervisor starts it."""

import os
import sys

from ringfence.service.supervising.child import run_child

os.umask(0o077)
if __name__ == "__main__":
    sys.exit(run_child(*sys.argv[1:]))
