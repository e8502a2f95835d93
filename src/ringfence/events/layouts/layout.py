"""A layout as data: the fixed texts and the fields of one line of a text log, in order."""

from __future__ import annotations

from dataclasses import dataclass

from ringfence.events.formats.base import RAW_COLUMNS

PIECES = ("request", "query", "ident", *(f"time_{number}" for number in range(2, 5)))
"""Parts of raw columns: the request line, the query of ``url``, and further pieces of ``time``.

``ident`` is the identity that RFC 1413 reports. It is never used, but it shows shifted fields."""


@dataclass(frozen=True)
class Field:
    """A field of a layout.

    Attributes:
        name: the directive as its owner wrote it, such as ``%>s`` or ``$remote_addr``.
        raw: the raw column or part that it fills; empty if the field is ignored.
        shape: what its values look like, a key of :data:`ringfence.events.layouts.shapes.SHAPES`.
        form: the strptime form of a time, if it has one of its own.
    """

    name: str
    raw: str = ""
    shape: str = "text"
    form: str = ""

    def __post_init__(self) -> None:
        """Check that the raw column exists.

        Raises:
            ValueError: there is no such raw column or part.
        """
        if self.raw and self.raw not in {*RAW_COLUMNS, *PIECES}:
            raise ValueError(f"{self.raw!r} is not a raw column")


Piece = str | Field


@dataclass(frozen=True)
class Layout:
    """The layout of one line.

    Attributes:
        name: name of the format; ``layout`` for one that the settings give.
        pieces: fixed texts and fields, in order.
        notation: the notation that the pieces were read from.
        open_end: whether more fields may follow, which are ignored.
        tail: place of the part after which a line may end early; 0 if it may not.
        before: a regular expression of what stands before the line, such as a syslog header.
        spaced: whether several spaces may stand where the layout has one.
    """

    name: str
    pieces: tuple[Piece, ...]
    notation: str = ""
    open_end: bool = False
    tail: int = 0
    before: str = ""
    spaced: bool = False

    @property
    def fields(self) -> tuple[Field, ...]:
        """The fields, in order."""
        return tuple(part for part in self.pieces if isinstance(part, Field))

    @property
    def raws(self) -> frozenset[str]:
        """The raw columns and pieces that the layout has."""
        return frozenset(field.raw for field in self.fields if field.raw)

    @property
    def present(self) -> frozenset[str]:
        """The raw columns that the layout gives."""
        raws = self.raws
        if "request" in raws:
            raws |= {"method", "url"}
        return raws & frozenset(RAW_COLUMNS)

    @property
    def time_form(self) -> str:
        """The strptime form of the whole time; empty if text_time knows the form."""
        forms = [field.form for field in self.fields if field.raw.startswith("time")]
        return " ".join(forms) if any(forms) else ""
