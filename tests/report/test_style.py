"""The style keeps its promises: contrast in light and dark, and all colours of the charts."""

import re
from importlib.resources import files

import pytest

CSS = files("ringfence.report").joinpath("templates/style.css").read_text(encoding="utf-8")
LIGHT, DARK = (
    dict(re.findall(r"--([\w-]+): (#\w{6})", block))
    for block in re.findall(r":root \{[^}]*--paper[^}]*\}", CSS)
)


def luminance(colour: str) -> float:
    """Return relative luminance, WCAG 2."""
    channels = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    """Return the contrast ratio of two colours, WCAG 2."""
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize(
    ("text", "ground"),
    [
        ("ink", "paper"), ("ink", "ground"), ("muted", "paper"), ("muted", "ground"),
        ("accent", "paper"), ("alarm", "alarm-ground"), ("suspect", "suspect-ground"),
    ],
)  # fmt: skip
def test_text_has_the_contrast_of_wcag_aa(theme: dict[str, str], text: str, ground: str) -> None:
    """Text stands out from its ground by at least 4.5 to 1, in light and dark."""
    assert contrast(theme[text], theme[ground]) >= 4.5


def test_light_and_dark_define_the_same_colours() -> None:
    """A colour missing in the dark would fall back to one meant for paper."""
    assert LIGHT.keys() == DARK.keys()
