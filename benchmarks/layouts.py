"""Lines per CPU-second of every known layout, beside ``combined`` in the same process.

    python benchmarks/layouts.py [LINES]

Each log repeats the lines of the layout's test sample with other numbers. The whole raw relation is
read: every column that the layout has.
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

from ringfence.engine import Engine, open_engine
from ringfence.events.formats import TextLayout
from ringfence.events.layouts.compiling import reader_of
from ringfence.events.layouts.detection import detect
from ringfence.settings import EngineSettings, EventSettings

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "events" / "layouts"))
from samples import SAMPLES, Sample

_LINES = 300_000
_RUNS = 3


def main() -> None:
    """Print a table."""
    lines = int(sys.argv[1]) if len(sys.argv) > 1 else _LINES
    print("| layout | reader | lines per CPU-second | of combined |")
    print("| --- | --- | --: | --: |")
    with open_engine(EngineSettings(threads=1)) as engine, tempfile.TemporaryDirectory() as folder:
        base = 0.0
        for sample in SAMPLES:
            speed = _speed(engine, Path(folder) / "x.log", sample, lines)
            base = base or speed
            name = f"{sample.layout}, {sample.title}" if sample.title else sample.layout
            print(f"| {name} | {_reader(sample)} | {speed:,.0f} | {speed / base:.2f} |")


def _speed(engine: Engine, path: Path, sample: Sample, lines: int) -> float:
    """Return lines per CPU-second, the best of some runs."""
    texts = [line for line, right in sample.lines if right.status == "200"]
    with path.open("w", encoding="utf-8") as file:
        for number in range(lines):
            text = texts[number % len(texts)]
            file.write(text.replace("record/1", f"record/{number % 99_991}") + "\n")
    form = TextLayout()
    form.recognises(texts)
    source = form.open(engine, path, EventSettings())
    columns = ", ".join(f'max("{name}")' for name in sorted(source.present - {"time"}))
    query = f"SELECT {columns}, max({source.time}) FROM ({source.select}) AS raw"
    return lines / min(_seconds(engine, query) for _ in range(_RUNS))


def _seconds(engine: Engine, query: str) -> float:
    engine.forget_csv_rejects()
    start = time.process_time()
    engine.rows(query)
    return time.process_time() - start


def _reader(sample: Sample) -> str:
    fit = detect([line for line, _ in sample.lines])
    return reader_of(fit.layout, zoned=fit.zoned) if fit else "none"


if __name__ == "__main__":
    main()
