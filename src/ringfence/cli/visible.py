"""Text from outside, made harmless for a terminal."""

from __future__ import annotations


def visible(text: str, width: int) -> str:
    """Return text without control or direction characters, cut to a width with an ellipsis."""
    clean = "".join(
        c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in text[: width + 1]
    )
    return clean if len(clean) <= width else clean[: width - 1] + "…"
