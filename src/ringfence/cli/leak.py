"""``ringfence leak``: what a published copy of the catalogue contains."""

from __future__ import annotations

from ringfence.cli.commands import plain_app
from ringfence.cli.leak_attribute import attribute
from ringfence.cli.leak_canaries import canaries
from ringfence.cli.leak_marks import mark_key, marks

leak_app = plain_app(help="Assess a published copy of the catalogue.")


@leak_app.callback()
def _leak() -> None:
    """Make ``leak`` a group, however many commands it has."""


leak_app.command("marks")(marks)
leak_app.command("mark-key")(mark_key)
leak_app.command("attribute")(attribute)
leak_app.command("canaries")(canaries)
