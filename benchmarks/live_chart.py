"""Draw the incident live as an animated chart, from the series of ``live_incident``.

    python -m benchmarks.live_chart [--series docs/images/live-incident.json] [--out docs/images]

Writes ``live-incident.svg``, whose lines grow with time, and ``live-incident-still.svg``. A program
that shows no animations, or a reader who wants none, sees the whole chart in the first one, too.
"""

from __future__ import annotations

import argparse
import json
import math
from collections.abc import Iterator, Sequence
from html import escape
from pathlib import Path
from typing import Any, Final

WIDTH, HEIGHT = 800, 400
LEFT, RIGHT, TOP, BOTTOM = 70, 40, 56, 350
FIRST, LAST = 1 / 24, 180.0
"""Days at the ends of the time axis, which is logarithmic."""

DAYS: Final = ((1 / 24, "1 hour"), (0.25, "6 hours"), (1, "1 day"), (7, "1 week"), (30, "30 days"),
               (180, "180 days"))  # fmt: skip
SECONDS: Final = 8
"""Seconds in which the lines grow. Then they rest for half this time."""

FONT: Final = 'font-family="sans-serif" font-size="13" role="img"'
COLOURS: Final = ("#6b6b6b", "#a85a00", "#1f5fa8", "#12703c")
DARK_COLOURS: Final = ("#a6a6a6", "#f0a040", "#7db4f0", "#63c98d")
"""Colours of the lines on white, and on nearly black: all have a contrast of at least 4.5 to 1."""

LOOK: Final = "\n".join(
    [
        "<style>",
        ".t { font-size: 17px; font-weight: bold; } text { fill: #222; } .o { fill: #555; }",
        ".page { fill: #fff; } .grid { stroke: #e3e3e3; } .line { fill: none; stroke-width: 3; }",
        *(f".c{n} {{ stroke: {c}; }} .w{n} {{ fill: {c}; }}" for n, c in enumerate(COLOURS)),
        "@media (prefers-color-scheme: dark) {",
        "text { fill: #e6e6e6; } .o { fill: #b0b0b0; } .page { fill: #14171a; }",
        ".grid { stroke: #33383d; }",
        *(f".c{n} {{ stroke: {c}; }} .w{n} {{ fill: {c}; }}" for n, c in enumerate(DARK_COLOURS)),
        "}",
        "</style>",
    ]
)
"""The colours, also for readers whose system is dark."""

STYLE: Final = f"""<style>
@media (prefers-reduced-motion: no-preference) {{
  #shown {{ animation: grow {SECONDS * 1.5}s linear infinite; transform-origin: {LEFT}px 0; }}
  .end {{ animation: appear {SECONDS * 1.5}s linear infinite; }}
}}
@keyframes grow {{ 0% {{ transform: scaleX(0); }} 66.7%, 100% {{ transform: scaleX(1); }} }}
{{appear}}
</style>"""


def across(day: float) -> float:
    """Return the place of a day on the time axis."""
    part = math.log(max(day, FIRST) / FIRST) / math.log(LAST / FIRST)
    return LEFT + part * (WIDTH - LEFT - RIGHT)


class ShareAxis:
    """The axis of shares of the catalogue, which is logarithmic.

    Args:
        lowest: smallest share that is shown.
    """

    def __init__(self, lowest: float) -> None:
        self.decades = range(math.floor(math.log10(lowest)), 1)

    def up(self, share: float) -> float:
        """Return the height of a share."""
        low = self.decades[0]
        part = (math.log10(max(share, 10.0**low)) - low) / -low
        return BOTTOM - part * (BOTTOM - TOP)


def points_of(series: Sequence[Sequence[float]]) -> list[tuple[float, float]]:
    """Return the points of a line that are worth drawing: from the first items on."""
    points = [(day, share) for day, share, _ in series if day >= FIRST and share > 0]
    few = [one for place, one in enumerate(points) if place < 60 or place % 12 == 0]
    return [*few, points[-1]]


def sentence(run: dict[str, Any], extractors: int) -> str:
    """Return the words at the end of a line."""
    share = f"{run['share']:.1%}" if run["share"] > 0.01 else f"{run['share']:.3%}"
    if not run["users"]:
        return f"{run['name']}: {share} after 180 days"
    hours = run["days"] * 24
    return f"{run['name']}: all {extractors} stopped after {hours:.0f} hours, {share}"


def marks(data: dict[str, Any], axis: ShareAxis) -> Iterator[str]:
    """Yield the title, the axes and their labels."""
    sizes = data["sizes"]
    title = (
        f"{sizes['extractors']:,} accounts take 1,000 items per day each, among "
        f"{sizes['users']:,} users"
    )
    yield f'<text x="{LEFT}" y="22" class="t">{escape(title)}</text>'
    below = "Share of the catalogue that they get. Both axes are logarithmic. Simulated."
    yield f'<text x="{LEFT}" y="42" class="o">{below}</text>'
    for day, name in DAYS:
        x = across(day)
        yield f'<path d="M{x:.1f} {TOP}V{BOTTOM}" class="grid"/>'
        yield f'<text x="{x:.1f}" y="{BOTTOM + 20}" text-anchor="middle">{name}</text>'
    for decade in axis.decades:
        y = axis.up(10.0**decade)
        yield f'<path d="M{LEFT} {y:.1f}H{WIDTH - RIGHT}" class="grid"/>'
        yield (
            f'<text x="{LEFT - 8}" y="{y + 4:.1f}" text-anchor="end">'
            f"{100 * 10.0**decade:.10g} %</text>"
        )
    x = (LEFT + WIDTH - RIGHT) / 2
    yield (
        f'<text x="{x}" y="{HEIGHT - 10}" text-anchor="middle" class="o">'
        "time since their first request</text>"
    )


def lines(data: dict[str, Any], axis: ShareAxis) -> tuple[list[str], list[str]]:
    """Return the lines, and the words at their ends."""
    curves, ends = [], []
    for place, run in enumerate(data["runs"]):
        points = [(across(day), axis.up(share)) for day, share in points_of(run["series"])]
        path = "L".join(f"{x:.1f} {y:.1f}" for x, y in points)
        dash = ' stroke-dasharray="6 4"' if place == 0 else ""
        curves.append(f'<path d="M{path}" class="line c{place}"{dash}/>')
        x, y = points[-1]
        words = escape(sentence(run, data["sizes"]["extractors"]))
        stopped = run["users"] > 0
        dot = f'<circle cx="{x:.1f}" cy="{y:.1f}" r="5" class="w{place}"/>' if stopped else ""
        below = (-10, 64, 18, 36)[place]
        anchor, words_x = ("start", x + 12) if stopped else ("end", x - 8)
        ends.append(
            f'<g class="end e{place}">{dot}<text x="{words_x:.1f}" y="{y + below:.1f}" '
            f'text-anchor="{anchor}" class="w{place}" font-weight="bold">{words}</text></g>'
        )
    return curves, ends


def moments(data: dict[str, Any]) -> str:
    """Return the rules by which the words at the ends appear when the lines get there."""
    rules = []
    for place, run in enumerate(data["runs"]):
        day = run["series"][-1][0] if not run["users"] else run["days"]
        part = (across(day) - LEFT) / (WIDTH - LEFT - RIGHT) * 66.7
        rules.append(
            f"@keyframes e{place} {{ 0%, {part:.1f}% {{ visibility: hidden; }} "
            f"{part + 0.1:.1f}%, 100% {{ visibility: visible; }} }}\n"
            f"@media (prefers-reduced-motion: no-preference) "
            f"{{ .e{place} {{ animation-name: e{place}; }} }}"
        )
    return "\n".join(rules)


def chart(data: dict[str, Any], *, animated: bool) -> str:
    """Return the chart as SVG."""
    lowest = min(points_of(run["series"])[0][1] for run in data["runs"])
    axis = ShareAxis(lowest)
    curves, ends = lines(data, axis)
    style = STYLE.replace("{appear}", moments(data)) if animated else ""
    told = ". ".join(sentence(run, data["sizes"]["extractors"]) for run in data["runs"])
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" {FONT}>',
            f"<title>{escape(told)}</title>",
            style,
            LOOK,
            f'<rect width="{WIDTH}" height="{HEIGHT}" class="page"/>',
            *marks(data, axis),
            '<clipPath id="grown">',
            f'<rect id="shown" x="{LEFT}" width="{WIDTH - LEFT}" height="{HEIGHT}"/>',
            "</clipPath>",
            '<g clip-path="url(#grown)">',
            *curves,
            "</g>",
            *ends,
            "</svg>",
            "",
        ]
    )


def main() -> None:
    """Draw both charts."""
    parser = argparse.ArgumentParser(description=__doc__)
    images = Path("docs/images")
    parser.add_argument("--series", type=Path, default=images / "live-incident.json")
    parser.add_argument("--out", type=Path, default=images)
    options = parser.parse_args()
    data = json.loads(options.series.read_text(encoding="utf-8"))
    for name, animated in (("live-incident", True), ("live-incident-still", False)):
        path = options.out / f"{name}.svg"
        path.write_text(chart(data, animated=animated), encoding="utf-8")
        print(path)


if __name__ == "__main__":
    main()
