"""Check a page with axe-core, as a person with a screen reader or weak eyes would meet it.

The file of axe-core is that of the package axe-playwright-python. Nothing of the package is run.
"""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

from tests.service.dashboard.chromium import Tab

_PACKAGE = "axe_playwright_python"


def _file() -> Path | None:
    spec = find_spec(_PACKAGE)
    places = spec.submodule_search_locations if spec else None
    found = [Path(place) / "axe.min.js" for place in places or ()]
    return next((path for path in found if path.is_file()), None)


AXE = _file()
"""The file of axe-core, or None."""


def serious_faults(tab: Tab) -> list[str]:
    """Return the serious and critical faults of the page in a tab, with all details open."""
    assert AXE is not None
    tab.run("for (const one of document.querySelectorAll('details')) one.open = true")
    tab.run(AXE.read_text("utf-8") + "; 0")
    found: list[str] = tab.run(
        "axe.run(document).then(all => all.violations"
        ".filter(one => ['serious', 'critical'].includes(one.impact))"
        ".map(one => one.id + ': ' + one.nodes[0].html))"
    )
    return found
