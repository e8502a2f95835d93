"""Determine the roles of the columns of a table, from their names and values.

A name alone is not enough. A column called ``isrc`` whose values are not ISRCs is not one.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal, get_args

from ringfence.errors import SettingsError
from ringfence.events.formats.usual_names import plain_name
from ringfence.suggestions import did_you_mean

ColumnKind = Literal[
    "item", "isrc", "isbn", "doi", "title", "artist", "duration", "size", "hash", "path", "date",
    "popularity", "rights", "genre",
]  # fmt: skip
"""Role of a column: the kind of value that it holds."""

ROLES: Final[tuple[ColumnKind, ...]] = get_args(ColumnKind)

STANDARD_ROLES: Final[tuple[ColumnKind, ...]] = ("isrc", "isbn", "doi")
"""Identifiers that a standard defines, so that two catalogues write the same one."""

_NAMES: Final[Mapping[ColumnKind, tuple[str, ...]]] = {
    "item": (
        *("item", "itemid", "trackid", "songid", "articleid", "recordid", "uri", "trackuri"),
        *("itemuri", "url", "link", "key", "id", "uuid", "guid", "identifier"),
    ),
    "isrc": ("isrc", "externalidsisrc", "isrccode"),
    "isbn": ("isbn", "isbn13", "isbn10", "eisbn"),
    "doi": ("doi", "doiurl"),
    "title": (
        *("title", "tracktitle", "trackname", "songtitle", "songname", "itemtitle", "articletitle"),
        *("booktitle", "name", "song", "track"),
    ),
    "artist": (
        *("artist", "artists", "artistname", "artistnames", "trackartist", "performer", "creator"),
        *("creators", "author", "authors", "albumartist", "groupname"),
    ),
    "duration": (
        *("duration", "durationms", "durations", "durationseconds", "durationmilliseconds"),
        *("lengthms", "lengthseconds", "tracklength", "playtime", "runtime", "seconds"),
    ),
    "size": ("size", "filesize", "sizebytes", "bytes", "contentlength", "length"),
    "hash": ("hash", "md5", "sha1", "sha256", "sha512", "checksum", "digest"),
    "path": ("path", "filename", "file", "filepath", "fullpath"),
    "date": (
        *("added", "addedat", "createdat", "released", "releasedate", "releaseyear", "year"),
        *("published", "publishedat", "publicationdate", "publicationyear", "date"),
    ),
    "popularity": ("popularity", "plays", "playcount", "streams", "streamcount", "listens", "uses"),
    "rights": ("rights", "rightsholder", "label", "publisher", "licensor"),
    "genre": ("genre", "genres", "category", "subject"),
}

_BELIEVED: Final = 0.8
"""Share of a column's values that must have the form of its role."""

_EXAMPLES: Final = 3


@dataclass(frozen=True)
class ColumnRole:
    """Column of a table with its role.

    Attributes:
        role: the role.
        column: name of the column.
        examples: a few of its values.
        share: share of the examined values that have the form of the role.
    """

    role: ColumnKind
    column: str
    examples: tuple[str, ...]
    share: float


def known_name(column: str) -> ColumnKind | None:
    """Return the role that a column's name suggests, or None."""
    plain = plain_name(column)
    return next((role for role, names in _NAMES.items() if plain in names), None)


def find_roles(
    columns: Sequence[str],
    sample: Sequence[Mapping[str, str | None]],
    named: Mapping[ColumnKind, str] | None = None,
) -> dict[ColumnKind, ColumnRole]:
    """Return the column of each role, except ``item``, which the catalogue decides.

    Args:
        columns: names of all columns.
        sample: some rows.
        named: columns that the operator names; they are taken whatever their values are.
    """
    found: dict[ColumnKind, ColumnRole] = {}
    for role in ROLES:
        column = (named or {}).get(role, "")
        if column in columns:
            found[role] = _described(role, column, sample)
        elif role != "item":
            ranked = sorted(
                (one for one in columns if known_name(one) == role),
                key=lambda one: _NAMES[role].index(plain_name(one)),
            )
            told = (_described(role, one, sample) for one in ranked)
            best = next((one for one in told if one.share >= _BELIEVED), None)
            if best:
                found[role] = best
    _add_standards_by_value(columns, sample, found)
    return found


def parse_roles(texts: Sequence[str], option: str) -> dict[ColumnKind, str]:
    """Return the columns that options of the form ``ROLE=COLUMN`` name.

    Raises:
        SettingsError: a text has another form, or its role is unknown.
    """
    named: dict[ColumnKind, str] = {}
    for text in texts:
        role, sign, column = text.partition("=")
        known = next((one for one in ROLES if one == role.strip().lower()), None)
        if not sign or not column or known is None:
            hint = did_you_mean(role, ROLES) or f"roles are {', '.join(ROLES)}"
            raise SettingsError(f"{text!r} is not ROLE=COLUMN", where=option, hint=hint)
        named[known] = column
    return named


def _add_standards_by_value(
    columns: Sequence[str],
    sample: Sequence[Mapping[str, str | None]],
    found: dict[ColumnKind, ColumnRole],
) -> None:
    """Add identifiers of a standard that stand in columns with other names."""
    used = {one.column for one in found.values()}
    for role in STANDARD_ROLES:
        if role in found:
            continue
        told = [_described(role, one, sample) for one in columns if one not in used]
        best = max(told, key=lambda one: one.share, default=None)
        if best and best.share >= _BELIEVED:
            found[role] = best
            used.add(best.column)


def _described(
    role: ColumnKind, column: str, sample: Sequence[Mapping[str, str | None]]
) -> ColumnRole:
    values = [value for row in sample if (value := row.get(column))]
    fits = _FORMS.get(role, bool)
    share = sum(map(fits, values)) / len(values) if values else 0.0
    return ColumnRole(role, column, tuple(dict.fromkeys(values))[:_EXAMPLES], share)


def _is_isbn(text: str) -> bool:
    """Return whether the check digit is right: ISBN-10, or ISBN-13 (ISO 2108)."""
    digits = re.sub(r"[\s-]", "", text).upper()
    if re.fullmatch(r"97[89]\d{10}", digits):
        return sum(int(one) * (1, 3)[n % 2] for n, one in enumerate(digits)) % 10 == 0
    if re.fullmatch(r"\d{9}[\dX]", digits):
        values = [10 if one == "X" else int(one) for one in digits]
        return sum(value * (10 - n) for n, value in enumerate(values)) % 11 == 0
    return False


def _matcher(pattern: str) -> Callable[[str], bool]:
    expression = re.compile(pattern, re.IGNORECASE)
    return lambda text: bool(expression.fullmatch(text.strip()))


_FORMS: Final[Mapping[ColumnKind, Callable[[str], bool]]] = {
    "isrc": _matcher(r"[A-Z]{2}-?[A-Z0-9]{3}-?\d{2}-?\d{5}"),
    "isbn": _is_isbn,
    "doi": _matcher(r"(?:https?://(?:dx\.)?doi\.org/|doi:\s*)?10\.\d{4,9}/\S+"),
    "duration": _matcher(r"\d+(?:\.\d+)?|(?:\d+:)?\d{1,2}:\d{2}(?:\.\d+)?"),
    "size": _matcher(r"\d+"),
    "hash": _matcher(r"[0-9a-f]{32,128}"),
    "date": _matcher(r"\d{4}(?:-\d\d(?:-\d\d(?:[T ].*)?)?)?"),
    "popularity": _matcher(r"\d+(?:\.\d+)?(?:e[+-]?\d+)?"),
}
"""The form of the values of a role; a role that is not listed takes any text."""
