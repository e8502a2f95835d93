"""Record what scans find, so that a change of the code's structure can be shown to change nothing.

    python benchmarks/record_findings.py inputs WORK           make the input files, once
    python benchmarks/record_findings.py record WORK OUT.json  scan them and record every finding
    python benchmarks/record_findings.py diff A.json B.json    list what differs

The script uses the command line alone, so one copy of it records any version of the package. Each
input is scanned by ``ringfence scan``. The record keeps accounts, verdict, p-value, items, coverage
of each finding, and nothing of its wording. Inputs: the log of ``ringfence demo``, the scenario
``small`` with three attacks, the real logs in ``../shared/data``, and each month of the listening
histories there as an account of its own. Real data stays in WORK and in memory; OUT.json names real
accounts and must not be committed.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any, Final

import duckdb

SHARED: Final = Path(__file__).parents[2] / "shared" / "data"
RINGFENCE: Final = (sys.executable, "-c", "from ringfence.cli import main; main()")

ATTACKED: Final = """
description = "small, with three attacks"
seed = 1
days = 28
columns = ["seconds", "group", "surface"]
[catalogue]
items = 200_000
[{people}]
accounts = 2_000
[[attack]]
name = "greedy"
start_day = 3
[[attack]]
name = "waking-ring-1000"
start_day = 3
[[attack]]
name = "ring-random"
start_day = 3
"""

MONTHS: Final = """
COPY (
  SELECT ts, concat(listener, '/', strftime(ts, '%Y-%m')) AS account,
    CAST(track AS VARCHAR) AS item, CAST(artist AS VARCHAR) AS "group", seconds
  FROM read_parquet($source) WHERE ts IS NOT NULL
) TO {target} (FORMAT parquet)
"""


def make_inputs(work: Path) -> None:
    """Write the inputs of all cases into a folder, each case in a folder or file of its own."""
    work.mkdir(parents=True, exist_ok=True)
    run(*RINGFENCE, "demo", "--out", str(work / "made"))
    (work / "made" / "access.log").replace(work / "demo.log")
    scenario = work / "attacked.toml"
    for people in ("users", "readers"):
        scenario.write_text(ATTACKED.format(people=people), encoding="utf-8")
        done = subprocess.run(
            [*RINGFENCE, "simulate", str(scenario), "--out", str(work / "attacked")], check=False
        )
        if done.returncode == 0:
            break
    target = "'" + str(work / "months.parquet").replace("'", "''") + "'"
    duckdb.execute(MONTHS.format(target=target), {"source": str(SHARED / "listeners-dev.parquet")})


def cases(work: Path) -> dict[str, list[str]]:
    """Return the sources of each case."""
    logs = {path.stem: [str(path)] for path in sorted(SHARED.glob("*.log.gz"))}
    proxies = {path.stem: [str(path)] for path in sorted(SHARED.glob("ezpaarse/*.log.gz"))}
    made = {
        "demo": [str(work / "demo.log")],
        "attacked": [str(work / "attacked" / "events")],
        "months": [str(work / "months.parquet")],
    }
    return {**made, **logs, **proxies}


def record(work: Path) -> dict[str, list[dict[str, Any]]]:
    """Scan every case and return its findings, each with what must not change."""
    found = {}
    for name, sources in cases(work).items():
        out = work / "out" / name
        run(*RINGFENCE, "scan", *sources, "--out", str(out))
        lines = (out / "findings.jsonl").read_text(encoding="utf-8").splitlines()
        kept = ("kind", "id", "accounts", "verdict", "p_value", "items", "coverage")
        found[name] = [{key: json.loads(line)[key] for key in kept} for line in lines]
        print(f"{name}: {len(lines)} findings")
    return found


def differences(before: Path, after: Path) -> list[str]:
    """Return a line for each case that differs; ids of rings are random where no ledger is kept."""
    old, new = (json.loads(path.read_text(encoding="utf-8")) for path in (before, after))
    lines = []
    for name in sorted(old.keys() | new.keys()):
        sides = [sorted(map(comparable, side.get(name, []))) for side in (old, new)]
        if sides[0] != sides[1]:
            gone = [text for text in sides[0] if text not in sides[1]]
            come = [text for text in sides[1] if text not in sides[0]]
            lines.append(f"{name}: {len(gone)} gone, {len(come)} new")
            lines += [f"  - {text[:300]}" for text in gone] + [f"  + {text[:300]}" for text in come]
    return lines


def comparable(finding: dict[str, Any]) -> str:
    """Return a finding as one line of text, with its numbers to nine digits."""
    accounts = sorted(finding["accounts"])
    numbers = json.loads(
        json.dumps([finding["p_value"], finding["items"], finding["coverage"]]),
        parse_float=lambda text: f"{float(text):.9g}",
    )
    return json.dumps([finding["kind"], finding["verdict"], *numbers, accounts])


def run(*command: str) -> None:
    """Run a command quietly; a failure ends the script with what it printed."""
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{' '.join(command)} ended with {done.returncode}:\n{done.stderr}")


def main(arguments: list[str]) -> None:
    """Do what the first argument says."""
    match arguments:
        case ["inputs", work]:
            make_inputs(Path(work))
        case ["record", work, out]:
            text = json.dumps(record(Path(work)), indent=1)
            Path(out).write_text(text, encoding="utf-8")
        case ["diff", before, after]:
            lines = differences(Path(before), Path(after))
            print("\n".join(lines) or "no difference")
            raise SystemExit(1 if lines else 0)
        case _:
            raise SystemExit(__doc__)


if __name__ == "__main__":
    main(sys.argv[1:])
