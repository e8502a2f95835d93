"""EZproxy: a section of ``user.txt`` that denies suspended accounts until their time is over.

The documented way to block a person is a line ``IfUser NAME; Deny`` in a ``::Common`` block, see
https://help.oclc.org/Library_Management/EZproxy/Troubleshooting/How_to_block_a_user_in_EZproxy
``IfBefore DATE`` on the same line ends it. EZproxy uses a changed file at once. It has no
documented way to include conditions from another file, so the sink owns the part of ``user.txt``
between two lines that the operator has put there. The rest of the file is not changed.

EZproxy can only suspend. It denies at the next login: a session that exists goes on until it ends.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Final

from ringfence.cases.moments import to_time
from ringfence.enforcement.file_errors import file_errors
from ringfence.enforcement.owner_mark import check_owner, owner_mark
from ringfence.enforcement.sink import SinkError, Standing
from ringfence.private_files import new_file

_BEGIN: Final = b"# ringfence begin"
_END: Final = b"# ringfence end"

_NAME: Final = re.compile(r"[A-Za-z0-9_@+.][A-Za-z0-9_@+.-]{0,254}")
"""Names that mean only themselves. ``*`` and ``?`` stand for any text, ``;`` ends the condition,
and ``-RE`` at the beginning makes it a pattern."""


@dataclass(frozen=True)
class EzproxySink:
    """The part of ``user.txt`` between two lines.

    Attributes:
        name: name of the sink in the settings.
        file: EZproxy's ``user.txt``.
        page: page that a suspended account is shown; empty for EZproxy's own.
        store: id of the case store that writes the part.
    """

    name: str
    file: Path
    page: str
    store: str = ""

    def replace(self, accounts: Iterator[Standing]) -> Mapping[str, str]:
        """Rewrite the part of the file, and leave the rest as it is.

        Raises:
            SinkError: the file cannot be written, is of another store, or the two lines are not
                there.
        """
        refused: dict[str, str] = {}
        lines = [line for one in accounts if (line := self._line(one, refused))]
        common = [b"::Common", *lines, b"/Common"] if lines else []
        block = [*owner_mark(self.store).splitlines(), *common]
        with file_errors(self.name):
            before = self.file.read_bytes()
            check_owner(before, self.store, self.name)
            content = self._with_block(before, block)
            if content != before:
                with new_file(self.file) as file:
                    file.write(content)
        return refused

    def _line(self, one: Standing, refused: dict[str, str]) -> bytes:
        if one.name != "suspend":
            refused[one.account] = f"EZproxy cannot {one.name}, only suspend"
        elif not _NAME.fullmatch(one.account):
            refused[one.account] = "the name has characters that mean something else to EZproxy"
        else:
            return " ".join(filter(None, self._words(one))).encode()
        return b""

    def _words(self, one: Standing) -> Iterator[str]:
        yield f"IfUser {one.account};"
        if one.until is not None:
            # EZproxy knows only days: the line counts until the end of the last day.
            yield f"IfBefore {to_time(one.until) + timedelta(days=1):%Y-%m-%d};"
        yield f"Deny {self.page}".rstrip()

    def _with_block(self, before: bytes, block: list[bytes]) -> bytes:
        lines = before.split(b"\n")
        marks = [line.strip() for line in lines]
        if marks.count(_BEGIN) != 1 or marks.count(_END) != 1:
            raise self._unmarked()
        begin, end = marks.index(_BEGIN), marks.index(_END)
        if end < begin:
            raise self._unmarked()
        # A file that was written on Windows keeps its line ends.
        tail = b"\r" if lines[begin].endswith(b"\r") else b""
        return b"\n".join([*lines[: begin + 1], *(line + tail for line in block), *lines[end:]])

    def _unmarked(self) -> SinkError:
        return SinkError(
            f"its file needs the lines {_BEGIN.decode()} and {_END.decode()} once, in this order",
            retry=True,
            where=self.name,
        )
