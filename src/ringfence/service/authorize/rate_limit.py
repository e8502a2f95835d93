"""The header fields that tell a client what is left, by draft-ietf-httpapi-ratelimit-headers-10.

``RateLimit-Policy`` names the allowances, and ``RateLimit`` says what is left of each and in how
many seconds some of it comes back. Their unit is not a request but a new item: repeats are free.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Final

from ringfence.service.exposure.account_counters import Use
from ringfence.service.exposure.budget import BUDGET_WINDOWS, Limits

_HOUR, _DAY, _MONTH = BUDGET_WINDOWS
_UNIT: Final = "new-items"


def rate_limit(use: Use, limits: Limits, now: int, taken: int = 0) -> str:
    """Return the field ``RateLimit``.

    Args:
        use: the counters of the account.
        limits: its allowance.
        now: seconds since 1970.
        taken: new items that are not in the counters yet.
    """
    hour, day, month = (limit - taken for limit in limits)
    return (
        f'"hour";r={max(hour - use.hour, 0)};t={_HOUR.width - now % _HOUR.width}, '
        f'"day";r={max(day - use.day, 0)};t={_DAY.width - now % _DAY.width}, '
        f'"month";r={max(month - use.month, 0)};t={_MONTH.width - now % _MONTH.width}'
    )


@lru_cache(maxsize=1_000)
def rate_limit_policy(limits: Limits) -> str:
    """Return the field ``RateLimit-Policy``."""
    return ", ".join(
        f'"{window.name}";q={limit};qu="{_UNIT}";w={window.seconds}'
        for window, limit in zip(BUDGET_WINDOWS, limits, strict=True)
    )
