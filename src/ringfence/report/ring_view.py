"""The page of a ring: its plots, and the sentences beside them."""

from __future__ import annotations

from dataclasses import dataclass

from ringfence.model.ring_profile import Member, RingProfile
from ringfence.report import charts
from ringfence.report.ring_wording import LINKS_NOTE, MISTAKEN, compared_with, noun, why

LISTED = 200
"""Members listed on the page; all are in ``findings.jsonl`` and ``rings.parquet``."""


@dataclass(frozen=True)
class RingView:
    """One ring as its page shows it.

    Attributes:
        profile: what is shown.
        why: it has its verdict.
        incidence: who of the ring holds what, as SVG.
        others_incidence: the same of the accounts beside it.
        members: expected against observed, as SVG.
        slices: what is held by popularity, as SVG.
        growth: accounts and items over time, as SVG; empty if all was over in a day.
        so_far: what was in common over time, likewise.
    """

    profile: RingProfile
    why: str
    incidence: str
    others_incidence: str
    members: str
    slices: str
    growth: str
    so_far: str

    @property
    def noun(self) -> str:
        """What two members may have in common."""
        return noun(self.profile.test)

    @property
    def beside(self) -> str:
        """What the others hold, as one sentence."""
        own = sum(member.items for member in self.profile.members)
        return compared_with(self.profile.others, own)

    @property
    def mistaken(self) -> str:
        """What is to be considered before anybody is accused."""
        return MISTAKEN

    @property
    def links_note(self) -> str:
        """What has to be said wherever links are shown."""
        return LINKS_NOTE

    @property
    def tied(self) -> bool:
        """Whether the line of any member that is listed says what it shares."""
        return any(member.shares for member in self.listed)

    @property
    def listed(self) -> tuple[Member, ...]:
        """The members that are listed."""
        return self.profile.members[:LISTED]

    @property
    def hidden(self) -> int:
        """How many members are not listed."""
        return len(self.profile.members) - len(self.listed)


def ring_view(profile: RingProfile, verdict: str) -> RingView:
    """Draw all that the page of a ring shows."""
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
    )
