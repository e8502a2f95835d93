"""List the evidence tests of a scan: built in, installed by other packages, and passed in.

Another package adds a test by an entry point in its ``pyproject.toml``::

    [project.entry-points."ringfence.evidence_tests"]
    night = "my_package.night:Night"

A program adds one by an argument, ``ringfence.scan(..., tests=[Night()])``. In both cases the value
is a subclass of :class:`~ringfence.evidence.EvidenceTest`, or an instance of one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from importlib.metadata import EntryPoint, entry_points
from typing import Any, Final, get_args

from ringfence.errors import EvidenceTestError
from ringfence.evidence.attempts import Attempts
from ringfence.evidence.base import EvidenceTest, Family
from ringfence.evidence.breadth import Breadth
from ringfence.evidence.bursts import Bursts
from ringfence.evidence.client import Client
from ringfence.evidence.listings import Listings
from ringfence.evidence.novelty import Novelty
from ringfence.evidence.order import Order
from ringfence.evidence.overlap import Overlap
from ringfence.evidence.pace import Pace
from ringfence.evidence.popularity import Popularity
from ringfence.evidence.provenance import Provenance
from ringfence.evidence.rhythm import Rhythm
from ringfence.evidence.speed import Speed
from ringfence.evidence.surface import Surface
from ringfence.evidence.traces import Traces
from ringfence.evidence.volume import Volume
from ringfence.evidence.weight import Weight

ENTRY_POINT_GROUP: Final = "ringfence.evidence_tests"
"""Group of entry points under which other packages register their tests."""

FAMILIES: Final[tuple[Family, ...]] = get_args(Family)

_BUILT_IN: Final[tuple[EvidenceTest, ...]] = (
    Volume(),
    Speed(),
    Attempts(),
    Listings(),
    Weight(),
    Novelty(),
    Breadth(),
    Popularity(),
    Order(),
    Surface(),
    Pace(),
    Bursts(),
    Rhythm(),
    Overlap(),
    Client(),
    Traces(),
    Provenance(),
)
_RESERVED: Final = frozenset(
    {"value", "bulk", "own_past", "collision", "lockstep", "crowd", "members", "canary", "leak"}
)
"""Names that would collide with columns of accounts.parquet, or with the tests of rings."""


def built_in_tests() -> tuple[EvidenceTest, ...]:
    """Return the evidence tests of Ringfence, by family: volume, selection, automation."""
    return _BUILT_IN


def installed_tests() -> tuple[EvidenceTest, ...]:
    """Return the evidence tests that installed packages register, by name of their entry point.

    Raises:
        EvidenceTestError: a test cannot be imported, or is none.
    """
    found = sorted(entry_points(group=ENTRY_POINT_GROUP), key=lambda entry: entry.name)
    return tuple(_load(entry) for entry in found)


def all_tests(extra: Iterable[Any] = ()) -> tuple[EvidenceTest, ...]:
    """Return the tests of a scan: built in, then installed, then the extra ones, checked.

    Args:
        extra: instances or subclasses of :class:`~ringfence.evidence.EvidenceTest`.

    Raises:
        EvidenceTestError: a test is not an evidence test, has an unknown family or a malformed
            name, or has the name of another test.
    """
    given = tuple(_instance(value, _place(value)) for value in extra)
    tests = (*built_in_tests(), *installed_tests(), *given)
    check_names(tests)
    return tests


def check_names(tests: Sequence[EvidenceTest]) -> None:
    """Refuse tests if two of them have the same name.

    Raises:
        EvidenceTestError: two tests have one name.
    """
    first: dict[str, EvidenceTest] = {}
    for test in tests:
        other = first.setdefault(test.name, test)
        if other is not test:
            raise EvidenceTestError(
                f"the name {test.name!r} is taken by {_place(other)}",
                where=_place(test),
                hint="give the test another name; built-in tests cannot be replaced",
            )


def _load(entry: EntryPoint) -> EvidenceTest:
    """Import the test behind an entry point."""
    package = entry.dist.name if entry.dist else "an unknown package"
    place = f"{entry.value} (entry point {entry.name!r} of {package})"
    try:
        value = entry.load()
    except Exception as error:
        raise EvidenceTestError(
            f"cannot be imported: {type(error).__name__}: {error}",
            where=place,
            hint=f"repair or uninstall {package}",
        ) from error
    return _instance(value, place)


def _instance(value: Any, place: str) -> EvidenceTest:  # noqa: ANN401 - anything may be registered
    """Return the test that a class or an instance is, checked."""
    if isinstance(value, type) and issubclass(value, EvidenceTest):
        try:
            value = value()
        except TypeError as error:
            raise EvidenceTestError(
                f"cannot be created: {error}",
                where=place,
                hint="define score and sentence, and let the class take no arguments",
            ) from error
    if not isinstance(value, EvidenceTest):
        raise EvidenceTestError(
            "is not an evidence test",
            where=place,
            hint="subclass ringfence.evidence.EvidenceTest",
        )
    _check_name_and_family(value, place)
    return value


def _check_name_and_family(test: EvidenceTest, place: str) -> None:
    name, family = getattr(test, "name", None), getattr(test, "family", None)
    if not isinstance(name, str) or not re.fullmatch(r"[a-z][a-z0-9_]*", name):
        raise EvidenceTestError(
            f"has the name {name!r}",
            where=place,
            hint="use lower-case letters, digits and underscores, and begin with a letter",
        )
    if name in _RESERVED:
        raise EvidenceTestError(f"has the reserved name {name!r}", where=place, hint="rename it")
    if family not in FAMILIES:
        raise EvidenceTestError(
            f"has the unknown family {family!r}",
            where=place,
            hint=f"choose one of {', '.join(FAMILIES)}",
        )


def _place(value: Any) -> str:  # noqa: ANN401 - anything may be passed
    """Return where a test is defined, for messages."""
    kind = value if isinstance(value, type) else type(value)
    return f"{kind.__module__}.{kind.__qualname__}"
