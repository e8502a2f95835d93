"""``ringfence demo``: simulate an access log with known extractors in it, and scan it."""

from __future__ import annotations

import shutil
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Final

import typer

from ringfence.cli.consoles import output_console, progress_console
from ringfence.cli.progress import watched
from ringfence.cli.result import render
from ringfence.pipeline import Progress, prepare_folder
from ringfence.pipeline.scan import scan
from ringfence.private_files import new_file

SCENARIO: Final = "demo"
"""Permanent name of the scenario that the demo renders."""

LIVE_SCENARIO: Final = "live"
"""Permanent name of the scenario that the live demo plays."""


def demo(
    out: Annotated[
        Path, typer.Option(metavar="DIR", help="Where the log and the report go.")
    ] = Path("ringfence-demo"),
    seed: Annotated[
        int | None, typer.Option(metavar="N", min=0, help="Simulate another log of the same kind.")
    ] = None,
    live: Annotated[
        bool,
        typer.Option("--live", help="Run the live service instead, with simulated traffic."),
    ] = False,
    seconds: Annotated[
        float, typer.Option(metavar="N", min=1, max=10_000, help="Length of the live demo.")
    ] = 60,
    port: Annotated[
        int,
        typer.Option(
            metavar="N", min=1, max=65_534, help="Port of the live demo, which uses the next, too."
        ),
    ] = 8470,
) -> None:
    """Simulate a week's access log of a music service, with extractors in it, and scan it.

    With --live, the live service runs on this machine for a minute. Simulated users and extractors
    use it at accelerated time, and it stops the extractors. It ends by itself, or at Ctrl-C.
    """
    if live:
        _play_live(out, seconds, port, seed)
        return
    prepare_folder(out)
    log = out / "access.log"
    console = output_console()
    shown = progress_console()
    console.print("Simulating a week of an invented music service ...", markup=False)
    with watched(shown) as progress:
        lines = make_demo_log(log, seed=seed, progress=progress)
    console.print(f"Scanning {log}: {lines:,} lines ...", markup=False)
    with watched(shown) as progress:
        result = scan(log, out=out, progress=progress)
    render(result, console)


def _play_live(out: Path, seconds: float, port: int, seed: int | None) -> None:
    # Loaded here, so that other commands start without the simulator and the service.
    from ringfence.lab.live.demo import DemoOptions, run_live_demo  # noqa: PLC0415
    from ringfence.lab.simulate import load_scenario  # noqa: PLC0415

    prepare_folder(out)
    scenario = load_scenario(LIVE_SCENARIO).with_seed(seed)
    options = DemoOptions(out / "live", seconds, port)
    run_live_demo(scenario, options, typer.echo)


def make_demo_log(log: Path, *, seed: int | None = None, progress: Progress | None = None) -> int:
    """Write the demo's access log and, beside it, ``truth.parquet``.

    Args:
        log: the file to write.
        seed: of the events; the scenario's own if there is none.
        progress: is told of every day that is simulated.

    Returns:
        The number of lines.

    Raises:
        OutputError: the files cannot be written.
    """
    # Loaded here, so that other commands start without the simulator.
    from ringfence.lab.simulate import (  # noqa: PLC0415
        load_scenario,
        write_access_log,
        write_scenario,
    )

    scenario = load_scenario(SCENARIO).with_seed(seed)
    with TemporaryDirectory(prefix="ringfence-demo-") as name:
        folder = Path(name)
        write_scenario(scenario, folder)
        lines = write_access_log(folder, log, progress=progress)
        beside = log.with_name("truth.parquet")
        with (folder / "truth.parquet").open("rb") as truth, new_file(beside) as copy:
            shutil.copyfileobj(truth, copy)
    return lines
