"""The program of the fork server, and of a process that is not forked.

Only the supervisor starts it.
"""

import os
import sys

from ringfence.service.supervising.fork_server import serve, work
from ringfence.service.supervising.started_process import FORK_SERVER

os.umask(0o077)
if __name__ == "__main__":
    kind, *words = sys.argv[1:]
    if kind == FORK_SERVER:
        sys.exit(serve(int(words[0]), int(words[1]), words[2:]))
    sys.exit(work(words[:4], [int(one) for one in words[4:]]))
