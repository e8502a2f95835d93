"""The time of the last event, which distinguishes a clock that went back from future events."""

from __future__ import annotations

from datetime import UTC, datetime

from ringfence.ledger import Ledger
from ringfence.ledger.used_hours import used_hours
from ringfence.stats.seconds import HOUR


class LatestEvent:
    """The time of the last event in the ledger of a service. The ledger is read for it once."""

    def __init__(self) -> None:
        self._moment: float | None = None

    def known(self, ledger: Ledger) -> datetime | None:
        """Return the time, UTC without zone; None as long as there is no event.

        Args:
            ledger: of the service, open.
        """
        if self._moment is None:
            hours = used_hours(ledger.engine)
            self._moment = float(hours[1] * HOUR) if hours else 0.0
        if not self._moment:
            return None
        return datetime.fromtimestamp(self._moment, UTC).replace(tzinfo=None)

    def saw(self, moment: float) -> None:
        """Take note of an event.

        Args:
            moment: of the event, seconds since 1970.
        """
        self._moment = max(moment, self._moment or 0.0)
