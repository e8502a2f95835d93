"""What a complaint says: an item, an address, a time, or several of them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from ipaddress import IPv6Network, ip_network
from typing import Final

from ringfence.errors import TraceError
from ringfence.model.networks import AnyNetwork
from ringfence.stats.seconds import DAY, HOUR

CRITERIA: Final = ("item", "address", "time")
"""The criteria of a complaint, in the order in which they are named."""

USUAL_WITHIN: Final = 600
"""Seconds by which a moment may be wrong, if a complaint does not say."""

_UNITS: Final = {"s": 1, "m": 60, "h": HOUR, "d": DAY}
_SPAN: Final = re.compile(r"([0-9]{1,6}) ?([smhd])")
_WIDEST: Final = 366 * DAY
_YEARS: Final = range(1970, 2101)
_MAPPED: Final = 96
"""Bits of an IPv6 address before the IPv4 address that it contains."""


@dataclass(frozen=True)
class StatedTime:
    """The time of a complaint: a moment, or a whole day.

    Attributes:
        first: its beginning, UTC without zone.
        last: its end, the same for a moment.
        assumed_utc: whether the text named no zone.
    """

    first: datetime
    last: datetime
    assumed_utc: bool

    @property
    def is_day(self) -> bool:
        """Return whether a date was given and no time of day."""
        return self.first != self.last

    @property
    def text(self) -> str:
        """The date or the time in UTC, such as ``2026-03-09 07:02:00 UTC``."""
        return f"{self.first:%Y-%m-%d}" if self.is_day else f"{self.first:%Y-%m-%d %H:%M:%S} UTC"


@dataclass(frozen=True)
class Criteria:
    """The criteria of a complaint; None for what it does not say.

    Attributes:
        item: an item, or a URL of it, as it was typed.
        address: an address or a network.
        time: when it happened.
        within: seconds by which the time may be wrong, in both directions.
    """

    item: str | None
    address: AnyNetwork | None
    time: StatedTime | None
    within: int

    @property
    def given(self) -> tuple[str, ...]:
        """The names of the criteria that the complaint has."""
        values = (self.item, self.address, self.time)
        return tuple(
            name for name, value in zip(CRITERIA, values, strict=True) if value is not None
        )

    @property
    def address_text(self) -> str:
        """The address, or the network in CIDR notation; empty if there is none."""
        if self.address is None:
            return ""
        single = self.address.num_addresses == 1
        return str(self.address.network_address if single else self.address)

    def window(self, width: int) -> tuple[datetime, datetime]:
        """Return the stated time, extended in both directions.

        Args:
            width: seconds.

        Returns:
            Both ends, UTC without zone. Without a time, all times that a ledger can store.
        """
        if self.time is None:
            return datetime(1970, 1, 1), datetime(2106, 1, 1)  # noqa: DTZ001 - UTC without zone
        by = timedelta(seconds=width)
        return self.time.first - by, self.time.last + by


def read_criteria(
    item: str | None, address: str | None, time: str | None, within: str | None
) -> Criteria:
    """Return the criteria of a complaint.

    Args:
        item: an item or a URL; None or empty if it is not known.
        address: an IP address, or a network in CIDR notation.
        time: ISO 8601, UTC without a zone. A date alone means the whole day.
        within: a number and a unit: s, m, h or d. None for 10 minutes around a moment, and for
            the day itself if the time is a date.

    Raises:
        TraceError: nothing is given, or a text cannot be understood.
    """
    stated = _time(time.strip()) if time else None
    usual = 0 if stated and stated.is_day else USUAL_WITHIN
    found = Criteria(
        _item(item),
        _address(address.strip()) if address else None,
        stated,
        usual if within is None else _seconds(within),
    )
    if not found.given:
        raise TraceError(
            "nothing to search for is given", hint="give --item, --address or --time, or several"
        )
    return found


def _item(text: str | None) -> str | None:
    if text is None or not text.strip():
        return None
    if "\0" in text or (
        not text.isascii() and text.encode(errors="replace") != text.encode(errors="surrogatepass")
    ):
        raise TraceError(
            f"{text!r} is not UTF-8 text", where="--item", hint="type the item, or a URL of it"
        )
    return text.strip()


def _address(text: str) -> AnyNetwork:
    try:
        network = ip_network(text.strip("[]"), strict=False)
    except ValueError as error:
        raise TraceError(
            f"{text!r} is not an address",
            where="--address",
            hint="give an IP address such as 203.0.113.7, or a network such as 203.0.113.0/24",
        ) from error
    mapped = network.network_address.ipv4_mapped if isinstance(network, IPv6Network) else None
    if mapped and network.prefixlen >= _MAPPED:
        return ip_network(f"{mapped}/{network.prefixlen - _MAPPED}", strict=False)
    return network


def _time(text: str) -> StatedTime:
    try:
        day = _day(text)
        moment = datetime.fromisoformat(text) if day is None else day
        zone = moment.tzinfo
        moment = moment.astimezone(UTC).replace(tzinfo=None) if zone else moment
    except (ValueError, OverflowError) as error:
        raise TraceError(
            f"{text!r} is not a time",
            where="--time",
            hint="write ISO 8601, such as 2026-03-09T08:02:00+01:00, or a date",
        ) from error
    if moment.year not in _YEARS:
        raise TraceError(
            f"{text!r} is not a time of a log", where="--time", hint="give a year from 1970 to 2100"
        )
    last = moment if day is None else moment + timedelta(days=1, microseconds=-1)
    return StatedTime(moment, last, assumed_utc=zone is None)


def _day(text: str) -> datetime | None:
    """Return the beginning of the day if the text is a date alone."""
    try:
        return datetime.combine(date.fromisoformat(text), datetime.min.time())
    except ValueError:
        return None


def _seconds(text: str) -> int:
    match = _SPAN.fullmatch(text.strip())
    seconds = int(match[1]) * _UNITS[match[2]] if match else -1
    if not 0 <= seconds <= _WIDEST:
        raise TraceError(
            f"{text!r} is not a span of time up to a year",
            where="--within",
            hint="write a number and a unit: 90s, 10m, 2h or 1d",
        )
    return seconds


def span_text(seconds: int) -> str:
    """Return a span of time in the largest unit that it is a multiple of: ``10 minutes``."""
    names = {DAY: "day", HOUR: "hour", 60: "minute", 1: "second"}
    size = next(size for size in names if seconds % size == 0)
    number = seconds // size
    return f"{number:,} {names[size]}{'' if number == 1 else 's'}"
