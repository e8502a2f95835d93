"""A report's contents as a real scan would give them, with hostile text where there can be some."""

from __future__ import annotations

import dataclasses
import math
import random
from datetime import UTC, date, datetime, timedelta

from ringfence.model.details import AccountDetails, ItemDetails
from ringfence.model.evidence import Evidence
from ringfence.model.finding import Coverage, Finding, Verdict
from ringfence.model.profile import Profile
from ringfence.model.ring_profile import (
    ComparisonGroup,
    Growth,
    Incidence,
    Member,
    MemberAttribute,
    RingProfile,
    SharedAttribute,
    SharedValue,
    Slice,
)
from ringfence.report import Contents

HOSTILE = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    '=HYPERLINK("http://example.test")',
    "\x1b[2J\x1b]0;owned\x07",
    "invoice\u202efdp.exe",
    "</svg></style></title><svg onload=alert(1)>",
    "{{ 7 * 7 }}{% raw %}",
    "a\ud800b",
    "ж" * 10_240,
)
"""Texts that must do no harm wherever they turn up."""

_TESTS = (
    (
        "volume",
        "It took {n} distinct items in 30 days; the most voracious user measured took 3,747.",
    ),
    (
        "novelty",
        "Of {n} uses, 0.2 % were returns; users return for 55 % (p1 among users: 15 %).",
    ),
    (
        "rhythm",
        "It was active in 168 of 168 hours of the week; 99 % of users are silent in 60 or more.",
    ),
    ("breadth", "It took from 4,120 groups; a taste of this many uses holds about 310."),
    ("popularity", "Its items are spread as the catalogue is, not as users' choices are."),
    ("pace", "Its uses are 86 seconds apart with hardly any spread."),
    ("order", "It followed the ids upwards in 97 % of its steps."),
)


WITNESS = Evidence(
    "members", 13, 0.02, 1e-9,
    "13 of its 25 accounts are findings by their own evidence; of honest accounts, fewer than one "
    "in the whole scan is meant to be.",
)  # fmt: skip
"""The evidence that members of a ring are findings on their own."""


TRACKS = tuple(ItemDetails(f"track-01{n * 37:06d}") for n in range(12))
"""Items without titles."""


def evidence(tests: int = 5, strength: float = 1e-7, items: int = 50_000) -> tuple[Evidence, ...]:
    """Return evidence of some tests, strongest first."""
    return tuple(
        Evidence(test, 1.0, 0.4, min(0.6, strength * 40**place), sentence.format(n=f"{items:,}"))
        for place, (test, sentence) in enumerate(_TESTS[:tests])
    )


def profile(seed: int = 1, days: int = 80) -> Profile:
    """Return the profile of an account that takes far more than it returns to."""
    chance = random.Random(seed)  # noqa: S311 - drawings, not secrets
    start = date(2025, 6, 2)
    counts = [(start + timedelta(days=n), chance.randint(300, 900)) for n in range(days)]
    return Profile(
        days=tuple((day, uses, round(uses * chance.uniform(0.85, 1))) for day, uses in counts),
        week=tuple(
            round(chance.gauss(60, 9) * (1 if seed % 2 else max(0.0, math.sin((n % 24) / 7.6))))
            for n in range(168)
        ),
        popularity=tuple(
            (bound, mine, everybody)
            for bound, mine, everybody in zip(
                (1, 2, 5, 10, 22, 46, 100, 215, 464, 1000, 2154),
                (0.02, 0.03, 0.05, 0.08, 0.1, 0.13, 0.15, 0.15, 0.13, 0.1, 0.06),
                (0.11, 0.08, 0.09, 0.1, 0.1, 0.1, 0.1, 0.1, 0.09, 0.08, 0.05),
                strict=True,
            )
        ),
        standing=tuple(
            (test, share)
            for (test, _), share in zip(
                _TESTS, (0.99995, 0.9999, 0.9987, 0.97, 0.83, 0.42, 0.12), strict=True
            )
        ),
        clients=(
            ("Mozilla/5.0 (X11; Linux x86_64) player/2.4", 48_211),
            ("python-requests/2.31", 1_902),
        ),
        networks=12,
    )


def finding(  # noqa: PLR0913 - a finding has many fields, each with a default here
    name: str = "u-10442",
    *,
    verdict: Verdict = "extracting",
    items: int = 50_000,
    coverage: tuple[float, float] = (0.025, 0.61),
    p_value: float = 3.2e-9,
    shown: Profile | None = None,
    taken: tuple[ItemDetails, ...] = TRACKS,
    details: AccountDetails | None = None,
) -> Finding:
    """Return a finding about one account; it has a sample of items if it has a profile."""
    return Finding(
        kind="account",
        id=name,
        accounts=(name,),
        verdict=verdict,
        p_value=p_value,
        expected_false=p_value * 2_000,
        items=items,
        uses=round(items * 1.04),
        coverage=Coverage(*coverage),
        first=datetime(2025, 6, 2, 0, 4, tzinfo=UTC),
        last=datetime(2025, 8, 20, 23, 58, 31, tzinfo=UTC),
        action="suspend" if verdict == "extracting" else "challenge",
        evidence=evidence(strength=p_value * 30, items=items),
        details=details,
        sample=taken if shown else (),
        profile=shown,
    )


def ring_profile(members: int = 25, *, names: tuple[str, ...] = ()) -> RingProfile:
    """Return the profile of a ring in which each member holds 300 items, none twice.

    Args:
        members: how many.
        names: of the first of them; also of the values that they share.
    """
    start = datetime(2025, 6, 2, tzinfo=UTC)
    called = (*names, *(f"member-{n}" for n in range(len(names), members)))
    shared = names or ("device-1",)
    lines = min(members, 40)
    return RingProfile(
        test="collision",
        members=tuple(
            Member(
                account=name,
                items=300,
                first=start + timedelta(hours=n),
                last=start + timedelta(days=20, hours=n),
                observed=0.0,
                expected=150.0 + n,
                verdict="",
                p_value=0.04,
                shares=tuple(MemberAttribute("device", value) for value in shared) if n < 9 else (),
            )
            for n, name in enumerate(called)
        ),
        incidence=Incidence(
            tuple(tuple(range(line, 240, lines)) for line in range(lines)),
            tuple(480 - n for n in range(240)),
            300 * lines,
            tuple(tuple(20_241 + n % 25 for n in range(line, 240, lines)) for line in range(lines)),
        ),
        others=ComparisonGroup(members, 290 * members, 4_000, 9_120, crowd_incidence(lines)),
        slices=(
            Slice(1, 9_000, (0, 0, 0), (900, 0, 0)),
            Slice(3, 5_000, (2_500, 0, 0), (700, 20, 1)),
            Slice(1_023, 50, (50, 0, 0), (0, 0, 50)),
        ),
        growth=tuple(
            Growth(start.date() + timedelta(days=n), 1 + n, 300 * (n + 1), 0, 6.0 * n * n)
            for n in range(25)
        ),
        links=tuple(
            SharedAttribute("device", 40.0, 0.5, 0.004, (SharedValue(name, 9, 11),))
            for name in shared
        ),
    )


def crowd_incidence(lines: int) -> Incidence:
    """Return the incidence of accounts that all hold what is popular."""
    held = tuple(
        tuple(place for place in range(240) if place * line < 900) for line in range(lines)
    )
    return Incidence(held, tuple(480 - n for n in range(240)), 4_000)


def ring(members: int = 25, *, names: tuple[str, ...] = ()) -> Finding:
    """Return a finding about a ring, as :func:`ring_profile` has it."""
    shown = ring_profile(members, names=names)
    sentence = f"Its {members} accounts have 0 items in common, pair by pair."
    return dataclasses.replace(
        finding("ring-2db9fac3", verdict="suspect", items=300 * members),
        kind="ring",
        accounts=tuple(member.account for member in shown.members),
        evidence=(Evidence("collision", 0.0, 1_990.0, 1e-12, sentence), WITNESS),
        ring=shown,
    )


def contents(findings: tuple[Finding, ...] | None = None, *, empty: bool = False) -> Contents:
    """Return the contents of a report on 20,000 accounts; ``empty`` for one on none."""
    if empty:
        return Contents(
            title="Scan of access.log",
            version="0.1.0",
            generated=datetime(2025, 12, 3, 14, 5, tzinfo=UTC),
            period=None,
            findings=(),
            false_accusation_rate=0.01,
            counts={"lines": 3, "events": 0, "accounts": 0},
            quarantine={"not-a-line-of-this-format": 3},
        )
    return Contents(
        title="Scan of access-2025-06.log.gz and 2 more",
        version="0.1.0",
        generated=datetime(2025, 12, 3, 14, 5, tzinfo=UTC),
        period=(datetime(2025, 6, 2, tzinfo=UTC), datetime(2025, 8, 20, 23, 59, tzinfo=UTC)),
        findings=_findings() if findings is None else findings,
        false_accusation_rate=0.01,
        counts={
            "lines": 2_000_000,
            "events": 1_951_204,
            "uses": 1_804_377,
            "accounts": 20_000,
            "items": 2_000_000,
            "quarantined": 214,
        },
        quarantine={"not-a-line-of-this-format": 120, "unreadable-time": 80, "line-too-long": 14},
        not_takes={"not-successful": 30_211, "static-asset": 18_305, "other-method": 280},
        assumptions=(
            ("format", "combined, with referrer and agent", "events.format"),
            ("account", "the login, else address and client", "account.key"),
            ("item", "preset stream: /stream/<id>", "items.preset"),
            ("time zone", "from the log", "events.time_zone"),
            ("catalogue", "derived from the events", "--catalogue"),
        ),
        robots=(("192.0.2.7 Googlebot/2.1", "Googlebot", 1_204, 1_377, True),),
        coverage_curve=tuple((x, x**0.13) for x in (10 ** (n / 300 - 6) for n in range(1801))),
        population=(
            *((2**k, round(5_200 * math.exp(-((k - 6) ** 2) / 5))) for k in range(12)),
            *((4096, 1), (8192, 0), (16_384, 0), (32_768, 0), (65_536, 1)),
        ),
        tests_not_run=(
            ("breadth", "needs the group of each item, and this log has none"),
            ("pace", "needs seconds played, and this log has none"),
        ),
    )


def _findings() -> tuple[Finding, ...]:
    return (
        finding(shown=profile(1)),
        finding(
            "192.0.2.44 Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15",
            items=2_500,
            coverage=(0.00125, 0.012),
            p_value=4e-7,
            shown=profile(2, days=7),
            taken=tuple(ItemDetails(text, text, text, text) for text in HOSTILE),
            details=AccountDetails(HOSTILE[0], HOSTILE[4], HOSTILE[3], HOSTILE[1]),
        ),
        finding(
            "user.with.a.long.name@university.example",
            verdict="suspect",
            items=2_410,
            coverage=(0.0012, 0.094),
            p_value=3.1e-4,
            shown=profile(4, days=300),
        ),
        finding(
            HOSTILE[0], verdict="suspect", items=1_480, coverage=(0.00074, 0.071), p_value=9e-4
        ),
    )
