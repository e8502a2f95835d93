"""Texts: articles and posts that appear day by day, and works whose parts are read in order.

They are items beside the tracks of a catalogue. Public numbers rise with the day of an article or
post and with the part of a work, as ids do on most such services. Only scenarios whose users read
have them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from ringfence.stats.arrays import Integers

ARCHIVE_DAYS: Final = 183
"""Days of articles before the scenario: half a year."""
PER_DAY: Final = 60
"""Articles per day. Each day is a group, such as an issue."""
POSTS_PER_DAY: Final = 400
"""Posts per day, such as the items of a feed. Each day is a group. Assumed."""
WORKS: Final = 2_000
"""Number of works. Each work is a group."""
PARTS_PER_WORK: Final = 240
"""Parts per work, such as the pages of a book. Assumed; a printed book has about as many."""


@dataclass(frozen=True)
class Texts:
    """Articles, works in parts and posts, numbered in this order after the tracks of a catalogue.

    Attributes:
        first_item: number of the first item, which is the number of tracks.
        first_group: number of the first group, which is the number of groups of tracks.
        days: length of the scenario.
    """

    first_item: int
    first_group: int
    days: int

    @property
    def articles(self) -> int:
        """Number of articles."""
        return (ARCHIVE_DAYS + self.days) * PER_DAY

    def _since_oldest(self, day: Integers) -> Integers:
        """Return the days since the oldest article; days outside the archive are clipped."""
        inside: Integers = np.clip(day, -ARCHIVE_DAYS, self.days - 1) + ARCHIVE_DAYS
        return inside

    def article(self, day: Integers, place: Integers) -> Integers:
        """Return the articles at some places of some days.

        Args:
            day: days of the scenario; a negative day lies in the archive. Days outside are clipped.
            place: order of appearance within the day, 0 .. PER_DAY - 1; it is clipped, too.
        """
        nth = self._since_oldest(day) * PER_DAY + np.clip(place, 0, PER_DAY - 1)
        article: Integers = self.first_item + nth
        return article

    def post(self, day: Integers, place: Integers) -> Integers:
        """Return the posts at some places of some days, as :meth:`article`."""
        nth = self._since_oldest(day) * POSTS_PER_DAY + np.clip(place, 0, POSTS_PER_DAY - 1)
        post: Integers = self.first_item + self.articles + WORKS * PARTS_PER_WORK + nth
        return post

    def part(self, work: Integers, part: Integers) -> Integers:
        """Return parts of works. The part after the last one is the first part of the next work."""
        within = (work * PARTS_PER_WORK + part) % (WORKS * PARTS_PER_WORK)
        return self.first_item + self.articles + within

    def group_of(self, item: Integers) -> Integers:
        """Return the group of each item: the work of a part, or the day of an article or post."""
        place = item - self.first_item
        part = place - self.articles
        post = part - WORKS * PARTS_PER_WORK
        days = self.articles // PER_DAY
        later = np.where(
            post < 0, days + part // PARTS_PER_WORK, days + WORKS + post // POSTS_PER_DAY
        )
        return self.first_group + np.where(part < 0, place // PER_DAY, later)
