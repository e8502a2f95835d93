"""The view model of a ring: its charts, and the sentences next to them."""

from __future__ import annotations

from dataclasses import dataclass

from ringfence.model.ring_profile import Member, RingProfile
from ringfence.report import charts
from ringfence.report.ring_wording import LINKS_NOTE, MISTAKEN, compared_with, noun, why

MEMBERS_ON_PAGE = 200
"""Number of members listed on the page. All are in ``findings.jsonl`` and ``rings.parquet``."""


@dataclass(frozen=True)
class RingView:
    """One ring as its page shows it. Charts are SVG.

    Attributes:
        profile: the data.
        why: the reason for the verdict.
        incidence: which items the members hold.
        others_incidence: the same for the comparison group.
        members: observed against expected collisions.
        slices: holdings by popularity.
        growth: accounts and items over time; empty if the ring has a single day.
        so_far: collisions over time; empty if the ring has a single day.
        path: the path of a crowd through the catalogue; empty for other rings.
    """

    profile: RingProfile
    why: str
    incidence: str
    others_incidence: str
    members: str
    slices: str
    growth: str
    so_far: str
    path: str

    @property
    def noun(self) -> str:
        """The things that two members may have in common, in the plural."""
        return noun(self.profile.test)

    @property
    def compared_with(self) -> str:
        """The sentences about the comparison group."""
        own = sum(member.items for member in self.profile.members)
        return compared_with(self.profile.others, own)

    @property
    def mistaken(self) -> str:
        """The caution before anybody is accused."""
        return MISTAKEN

    @property
    def links_note(self) -> str:
        """The caution that goes with shared attributes."""
        return LINKS_NOTE

    @property
    def sharing(self) -> bool:
        """Whether any listed member shares an attribute with others."""
        return any(member.shares for member in self.listed)

    @property
    def detailed(self) -> bool:
        """Return whether the operator's tables have details of a listed member."""
        return any(member.details for member in self.listed)

    @property
    def listed(self) -> tuple[Member, ...]:
        """The listed members."""
        return self.profile.members[:MEMBERS_ON_PAGE]

    @property
    def hidden(self) -> int:
        """The number of members that are not listed."""
        return len(self.profile.members) - len(self.listed)


def ring_view(profile: RingProfile, verdict: str) -> RingView:
    """Draw the charts of a ring."""
    own, others, grown = profile.incidence, profile.others.incidence, profile.growth
    highest = max((*own.times, *others.times), default=1)
    return RingView(
        profile=profile,
        why=why(profile.test, verdict),
        incidence=charts.incidence(own, highest),
        others_incidence=charts.incidence(others, highest),
        members=charts.members(
            [(one.expected, one.observed) for one in profile.members],
            noun(profile.test),
            more=profile.test == "lockstep",
        ),
        slices=charts.slices(profile.slices),
        growth=charts.growth(grown) if len(grown) > 1 else "",
        so_far=charts.so_far(grown) if len(grown) > 1 else "",
        path=charts.crowd_path(profile.path),
    )
