"""Tell whether the text of a source is UTF-8, as far as its beginning shows."""

from __future__ import annotations

import codecs
from pathlib import Path

from ringfence.events.content import plain_beginning

_SEEN = 8 << 20


def encoding_remark(path: Path) -> str:
    r"""Return a remark about text that is not UTF-8, with a byte as it is shown; empty if it is.

    Such lines are read, but one name in two encodings is two names.

    Args:
        path: a plain, gz or zst file of text; its first 8 MiB are looked at.

    Raises:
        SourceError: the file cannot be read.
    """
    beginning, _, whole = plain_beginning(path, _SEEN)
    try:
        codecs.getincrementaldecoder("utf-8")().decode(beginning, final=whole)
    except UnicodeDecodeError as error:
        return (
            f"not UTF-8: a byte is shown as \\x{beginning[error.start]:02x}; convert the file, as "
            "iconv -f LATIN1 -t UTF-8 does"
        )
    return ""
