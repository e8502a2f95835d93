"""Sample events: the first takes of the source that is open."""

from __future__ import annotations

from typing import Final

from ringfence.engine import Engine, Statement
from ringfence.model.sample_event import SampleEvent

SAMPLE_EVENTS: Final = Statement(
    "events.samples",
    """
WITH head AS (
  SELECT ts, account, item, "group", surface, ip, client, bytes, seconds, outcome
  FROM events
  LIMIT 20000
)
SELECT ts, account, item, "group", surface, ip, client, bytes, seconds
FROM head
WHERE outcome IS NULL
LIMIT $wanted
""",
)
"""The first takes. A source without any is not read to its end for them."""


def sample_events(engine: Engine, wanted: int) -> tuple[SampleEvent, ...]:
    """Return the first takes that the view ``events`` gives.

    They come in the order of the source only if the engine keeps it (``Engine.keep_order``).

    Args:
        engine: the engine that opened the source.
        wanted: largest number of takes.
    """
    if wanted <= 0:
        return ()
    return tuple(SampleEvent(*row) for row in engine.rows(SAMPLE_EVENTS, {"wanted": wanted}))
