"""Write values as text that is the same for the same content, so that it can be hashed.

The form is JSON with sorted keys and without spaces, in the spirit of RFC 8785. Numbers are written
as Python writes them: documents are read and hashed only by this project.
"""

from __future__ import annotations

import json
from typing import Any


def canonical(value: Any) -> str:  # noqa: ANN401 - any JSON value
    """Return a JSON value as text, the same for equal values.

    Raises:
        ValueError: a number is not finite.
    """
    return json.dumps(
        value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
    )
