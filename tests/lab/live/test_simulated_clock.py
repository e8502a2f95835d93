"""The simulated clock is shared by processes."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from ringfence.lab.live import SimulatedClock


@pytest.mark.slow
def test_another_reader_sees_the_moment(tmp_path: Path) -> None:
    """A process that reads the file sees each moment that another one sets, to the millisecond."""
    clock = SimulatedClock(tmp_path / "clock", 1_700_000_000.25)
    code = "import sys; from pathlib import Path; from ringfence.lab.live import SimulatedClock; "
    reading = f"{code}print(SimulatedClock(Path(sys.argv[1])).now())"
    clock.set(1_700_000_100.5)
    command = [sys.executable, "-c", reading, str(tmp_path / "clock")]
    assert float(subprocess.check_output(command)) == 1_700_000_100.5


def test_only_the_first_one_makes_the_file(tmp_path: Path) -> None:
    """Without a first moment, a missing file is an error."""
    with pytest.raises(FileNotFoundError):
        SimulatedClock(tmp_path / "clock")
