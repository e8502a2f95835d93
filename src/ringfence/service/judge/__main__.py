"""The programs beside the judge; only the judge starts them."""

import os
import sys

if __name__ == "__main__":
    os.umask(0o077)
    task, heart = sys.argv[1], int(sys.argv[2])
    if task == "screen":
        from ringfence.service.judge.examining import run_screening

        run_screening(heart)
    else:
        from ringfence.service.judge.scanning import run_scan

        run_scan(heart)
