"""Keyed marks: harmless differences in each account's copy of an item, which identify it."""

from ringfence.leaks.marks.detect import Detection, MarkedRows, NamedAccount, detect_marks
from ringfence.leaks.marks.keys import (
    MarkKey,
    MarkKeys,
    create_mark_keys,
    new_mark_key,
    open_mark_keys,
    rotate_mark_keys,
)
from ringfence.leaks.marks.marker import Marker
from ringfence.leaks.marks.values import parse_values

__all__ = [
    "Detection",
    "MarkKey",
    "MarkKeys",
    "MarkedRows",
    "Marker",
    "NamedAccount",
    "create_mark_keys",
    "detect_marks",
    "new_mark_key",
    "open_mark_keys",
    "parse_values",
    "rotate_mark_keys",
]
