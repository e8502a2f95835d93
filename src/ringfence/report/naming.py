"""Who is meant by a name that somebody typed, perhaps as a screen showed it."""

from __future__ import annotations

import re
import shlex
from collections.abc import Sequence
from typing import Final

from ringfence.errors import SourceError
from ringfence.report.account_table import AccountTable
from ringfence.report.visible import clip, visible

_SHOWN: Final = (40, 400)
"""Signs of a name in a hint: few, and more where few do not tell it from others."""

_CHANGED: Final = re.compile("[\N{REPLACEMENT CHARACTER}\\\\]|…$")
"""From here on a screen may show a name other than it is."""


def meant(name: str, ids: Sequence[str], accounts: AccountTable) -> str:
    """Return the id of a finding, or else the name of an account, that is meant.

    Exactly this id, or else exactly this name, or else the only one of both that a screen shows
    so: cut, or with its hidden signs made visible.

    Args:
        name: as typed.
        ids: of all findings.
        accounts: all that were scored.

    Raises:
        SourceError: nobody is called so, or several are shown so.
    """
    candidates = _candidates(name, ids, accounts)
    if len(candidates) == 1:
        return candidates[0]
    raise SourceError(
        f"{name!r} is short for {len(candidates):,} accounts and rings"
        if candidates
        else f"this scan scored no account and no ring called {name!r}",
        where=str(accounts.path.parent),
        hint=_hint(candidates[:3] or accounts.like(name, list(ids)), ids, accounts),
    )


def _candidates(name: str, ids: Sequence[str], accounts: AccountTable) -> list[str]:
    if name in ids or accounts.row(name):
        return [name]
    start = _CHANGED.split(name, maxsplit=1)[0]
    return sorted({one for one in (*ids, *accounts.beginning(start)) if name in _shown(one, name)})


def _shown(name: str, typed: str) -> set[str]:
    """Return what screens show of a name, as long as what was typed."""
    printable = "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in name)
    return {clip(printable, len(typed)), clip(visible(name), len(typed))}


def _hint(names: Sequence[str], ids: Sequence[str], accounts: AccountTable) -> str:
    """Name who may be meant, in words that can be typed in a shell as they are."""
    typed = filter(None, (_typed(name, ids, accounts) for name in names))
    near = ", ".join(f"-- {one}" if one.startswith("-") else one for one in typed)
    where = f"near it: {near}" if near else "findings.jsonl and accounts.parquet list who it scored"
    return f"{where}; declared robots are listed apart in the report and not scored"


def _typed(name: str, ids: Sequence[str], accounts: AccountTable) -> str:
    """Return a short harmless form of a name that means it and nobody else; empty without one."""
    forms = (clip(visible(name), signs) for signs in _SHOWN)
    found = (form for form in forms if _candidates(form, ids, accounts) == [name])
    return next(map(shlex.quote, found), "")
