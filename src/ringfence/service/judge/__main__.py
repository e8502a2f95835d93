"""The program of a scan beside the judge; only the judge starts it."""

import os

from ringfence.service.judge.scan_process import run_scan

os.umask(0o077)
if __name__ == "__main__":
    run_scan()
