"""Turn the ``UsageLimit`` lines of EZproxy into a policy.

Source: OCLC, "UsageLimit", EZproxy documentation, with the options ``-end``, ``-enforce``,
``-expires``, ``-interval``, ``-local``, ``-MB`` and ``-transfers``, and a name at the end. A limit
counts megabytes and transfers of a login within some minutes. A policy looks at findings instead,
so a threshold has no equivalent. The policy keeps whether an account is suspended, and for how
long.
"""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from ringfence.errors import SettingsError
from ringfence.small_files import read_small_file
from ringfence.visible import visible

LARGEST_FILE: Final = 16 * 1024 * 1024
"""Bytes that are read of a configuration. A larger file is something else."""

_DIRECTIVE: Final = re.compile(r"\s*UsageLimit\s+(.*)", re.IGNORECASE | re.DOTALL)
_NUMBERS: Final = ("expires", "interval", "mb", "transfers")
_SIGNS: Final = ("end", "enforce", "local")
_MINUTES_PER_DAY: Final = 1440

_LOST: Final = {
    "mb": "-MB={}: a policy counts items and not megabytes.",
    "transfers": "-transfers={}: one page has many transfers; a policy counts items.",
    "interval": "-interval={}: a scan judges the whole history of an account.",
    "end": "-end: a policy holds for all items. Scan the logs of one database apart.",
    "local": "-local: there is no such condition.",
}
"""The meaning of each option that is lost, by its name."""


@dataclass(frozen=True)
class UsageLimit:
    """One line.

    Attributes:
        name: of the limit.
        numbers: the options with a number, in lower case.
        signs: the options without one, in lower case.
        unknown: the options that OCLC's page does not have, as they stand there.
    """

    name: str
    numbers: dict[str, int] = field(default_factory=dict)
    signs: frozenset[str] = frozenset()
    unknown: tuple[str, ...] = ()

    @property
    def enforced(self) -> bool:
        """Whether EZproxy suspends, and does not only monitor."""
        return "enforce" in self.signs


def read_configuration(path: Path) -> tuple[UsageLimit, ...]:
    """Return the limits in an EZproxy configuration file.

    Raises:
        SettingsError: the file cannot be read, or has no usable line, see
            :func:`read_usage_limits`.
    """
    content = read_small_file(path, LARGEST_FILE, "give EZproxy's config.txt")
    return read_usage_limits(content.decode("utf-8-sig", errors="replace"), str(path))


def read_usage_limits(text: str, where: str) -> tuple[UsageLimit, ...]:
    """Return the limits in an EZproxy configuration.

    Args:
        text: of ``config.txt``.
        where: its name, for messages.

    Raises:
        SettingsError: there is no such line, or a line has no name or a wrong number.
    """
    found = []
    for number, line in enumerate(text.splitlines(), 1):
        if match := _DIRECTIVE.fullmatch(line):
            found.append(_limit(match[1], f"{where}:{number}"))
    if not found:
        raise SettingsError(
            "there is no UsageLimit line", where=where, hint="give EZproxy's config.txt"
        )
    return tuple(found)


def _limit(text: str, where: str) -> UsageLimit:
    try:
        words = shlex.split(text)
    except ValueError:
        words = text.split()
    names = [word for word in words if not word.startswith("-")]
    if not names:
        raise SettingsError(
            "the UsageLimit has no name", where=where, hint="the name is its last word"
        )
    numbers: dict[str, int] = {}
    signs, unknown = set(), []
    for word in words:
        option, _, value = word.removeprefix("-").partition("=")
        if not word.startswith("-"):
            continue
        if option.lower() in _NUMBERS:
            numbers[option.lower()] = _number(value, option, where)
        elif option.lower() in _SIGNS and not value:
            signs.add(option.lower())
        else:
            unknown.append(word)
    return UsageLimit(" ".join(names), numbers, frozenset(signs), tuple(unknown))


def _number(value: str, option: str, where: str) -> int:
    if not re.fullmatch(r"[0-9]{1,9}", value):
        raise SettingsError(
            f"-{visible(option, 60)} needs a whole number, not {visible(value, 60)!r}",
            where=where,
            hint=f"write -{visible(option, 60)}=100",
        )
    return int(value)


def policy_of(limits: Sequence[UsageLimit]) -> str:
    """Return the limits as a section ``[policy]`` in TOML, with comments on what is lost.

    Args:
        limits: at least one.
    """
    return "\n".join(_lines(limits)) + "\n"


def _lines(limits: Sequence[UsageLimit]) -> Iterator[str]:
    yield "# From the UsageLimit lines of EZproxy. EZproxy suspends a login that passes a"
    yield "# threshold within minutes. A policy acts on the findings of a scan."
    for limit in limits:
        yield "#"
        yield f"# {visible(limit.name, 60)}: {'suspends' if limit.enforced else 'monitors only'}"
        yield from (f"#   {lost}" for lost in _losses(limit))
    enforced = [limit for limit in limits if limit.enforced]
    yield ""
    yield "[policy]"
    yield 'mode = "shadow"  # look at what would have happened first, then: mode = "enforce"'
    yield ""
    yield "[[policy.rules]]"
    yield 'verdict = "extracting"'
    yield f'action = "{"suspend" if enforced else "observe"}"'
    yield "automatic = true"
    yield _end(enforced or limits)
    named = visible(", ".join(limit.name for limit in enforced or limits), 200)
    yield f"reason = {_quoted(f'Bulk access, as limited by UsageLimit {named}.')}"


def _losses(limit: UsageLimit) -> Iterator[str]:
    for option, lost in _LOST.items():
        if option in limit.numbers or option in limit.signs:
            yield lost.format(limit.numbers.get(option, ""))
    for word in limit.unknown:
        yield f"{visible(word, 60)}: OCLC's page does not have this option."


def _end(limits: Sequence[UsageLimit]) -> str:
    """Return the line with the days: the shortest of all limits, because one rule follows."""
    minutes = [limit.numbers["expires"] for limit in limits if limit.numbers.get("expires")]
    if not minutes:
        return "days = 0  # no -expires: the decision stays until a person ends it"
    several = ", the shortest" if len(set(minutes)) > 1 else ""
    days = f"{min(min(minutes) / _MINUTES_PER_DAY, 3650):.4f}".rstrip("0").rstrip(".")
    return f"days = {days if days != '0' else '0.0001'}  # -expires={min(minutes)} minutes{several}"


def _quoted(text: str) -> str:
    """Return text as a string in TOML, which has the escapes of JSON but no surrogates."""
    return json.dumps(text, ensure_ascii=False)
