"""Name the command about one account of a case, for the hint of an error."""

from __future__ import annotations

import shlex
from typing import Literal


def member_command(name: Literal["answer", "release"], case: int, account: str) -> str:
    """Return a command that can be typed as it is.

    The name of an account comes from a log. It is quoted, so that a shell runs nothing in it.

    Args:
        name: of the command.
        case: number of the case.
        account: name of the account.
    """
    return f"ringfence case {name} case:{case} --account {shlex.quote(account)}"
