"""The simulator works with the libraries of the core alone."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ONLY_LAB_OR_SCREEN = ("sklearn", "altair", "jinja2", "typer", "rich", "pandas", "polars")
SCENARIO = """
days = 1
[catalogue]
items = 1_000
[users]
accounts = 20
"""


@pytest.mark.slow
def test_no_optional_library_is_needed(tmp_path: Path) -> None:
    """A scenario is written in a process that cannot import libraries of the lab or the screen."""
    (tmp_path / "own.toml").write_text(SCENARIO)
    blocked = "; ".join(f"sys.modules[{name!r}] = None" for name in ONLY_LAB_OR_SCREEN)
    code = (
        f"import sys; {blocked}\n"
        "from pathlib import Path\n"
        "from ringfence.lab.simulate import LOG_COLUMNS, load_scenario\n"
        "from ringfence.lab.simulate import write_access_log, write_scenario\n"
        "scenario = load_scenario('own.toml').with_columns(LOG_COLUMNS)\n"
        "write_scenario(scenario, Path('out'), processes=1)\n"
        "print(write_access_log(Path('out'), Path('access.log')) > 100)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout == "True\n"


@pytest.mark.parametrize("module", ["ringfence", "ringfence.pipeline", "ringfence.cli.main"])
def test_the_core_does_not_load_the_simulator(module: str) -> None:
    """Importing the core or the command's root imports nothing of the lab."""
    code = f"import sys, {module}; print([m for m in sys.modules if m.startswith('ringfence.lab')])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
