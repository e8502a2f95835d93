"""A warning about the input: what was seen, why it matters, and which setting fixes it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class InputWarning:
    """A sign that the input was not read as the operator expects.

    Attributes:
        kind: a short stable name, such as ``unreadable-lines``.
        text: what was seen and why it matters, in one or two sentences.
        setting: the setting or option that fixes it; empty if there is none.
        worthless: whether the findings would be worthless, so that a scan stops with status 3.
    """

    kind: str
    text: str
    setting: str = ""
    worthless: bool = False

    def to_json(self) -> dict[str, str]:
        """Return kind, text and setting, as ``--json`` prints them."""
        return {"kind": self.kind, "text": self.text, "setting": self.setting}
