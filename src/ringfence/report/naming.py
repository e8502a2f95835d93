"""Resolve a name that somebody typed, perhaps as a screen showed it."""

from __future__ import annotations

import re
import shlex
from collections.abc import Sequence
from typing import Final

from ringfence.errors import SourceError
from ringfence.report.account_table import AccountTable
from ringfence.visible import clip, visible

_LENGTHS: Final = (40, 400)
"""Lengths of a name in a hint: short, and long where the short form is ambiguous."""

_NOT_SCORED: Final = (
    "Declared robots and accounts within a grant are listed in the report and not scored"
)

_CHANGED: Final = re.compile("[\N{REPLACEMENT CHARACTER}\\\\]|…$")
"""Where a screen may begin to show a name differently."""


def resolve(name: str, ids: Sequence[str], accounts: AccountTable) -> str:
    """Return the id of a finding, or else the name of an account, that a typed name stands for.

    An exact id comes first, then an exact name, then the only id or name that a screen shows like
    this: cut, or with its hidden characters made visible.

    Args:
        name: the name as typed.
        ids: ids of all findings.
        accounts: all accounts that were scored.

    Raises:
        SourceError: no account or ring has this name, or several are shown like this.
    """
    candidates = _candidates(name, ids, accounts)
    if len(candidates) == 1:
        return candidates[0]
    raise SourceError(
        f"{name!r} is short for {len(candidates):,} accounts and rings"
        if candidates
        else f"this scan scored no account and no ring with the name {name!r}",
        where=str(accounts.path.parent),
        hint=_hint(candidates[:3] or accounts.similar(name, list(ids)), ids, accounts),
    )


def _candidates(name: str, ids: Sequence[str], accounts: AccountTable) -> list[str]:
    if name in ids or accounts.row(name):
        return [name]
    start = _CHANGED.split(name, maxsplit=1)[0]
    return sorted({one for one in (*ids, *accounts.beginning(start)) if name in _shown(one, name)})


def _shown(name: str, typed: str) -> set[str]:
    """Return what screens show of a name, at the length that was typed."""
    printable = "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in name)
    return {clip(printable, len(typed)), clip(visible(name), len(typed))}


def _hint(names: Sequence[str], ids: Sequence[str], accounts: AccountTable) -> str:
    """Suggest names, each in a form that can be typed in a shell as it is."""
    typed = filter(None, (_typed(name, ids, accounts) for name in names))
    # In quotes or not, a name that begins with a dash is an option to the shell's command.
    similar = " or ".join(f"-- {one}" if one.lstrip("'").startswith("-") else one for one in typed)
    if similar:
        return f"did you mean {similar}? {_NOT_SCORED}"
    return "findings.jsonl and accounts.parquet list all scored accounts. " + _NOT_SCORED


def _typed(name: str, ids: Sequence[str], accounts: AccountTable) -> str:
    """Return a short, harmless form of a name that resolves to it alone; empty without one."""
    forms = (clip(visible(name), length) for length in _LENGTHS)
    found = (form for form in forms if _candidates(form, ids, accounts) == [name])
    return next(map(shlex.quote, found), "")
