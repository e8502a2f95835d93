"""The reason of a decision about a login that may be stolen: its owner has done nothing wrong."""

from __future__ import annotations

from typing import Final

_MARK: Final = "The login may be stolen."

STOLEN: Final = f"{_MARK} Reset the credentials and contact the owner."
"""The reason of a challenge in place of a sanction."""


def is_stolen_login(reason: str) -> bool:
    """Return whether the reason of a decision begins with the sentence that a login may be stolen.

    The policy writes this sentence. A reviewer who agrees begins the reason with it as well.
    """
    return reason.casefold().startswith(_MARK.casefold())
