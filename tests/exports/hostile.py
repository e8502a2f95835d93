"""Findings full of texts that must not leave the service: names, addresses, items, sentences."""

from __future__ import annotations

from hypothesis import strategies as st
from tests.cases.findings import at, finding

from ringfence.model.details import AccountDetails, ItemDetails
from ringfence.model.evidence import Evidence
from ringfence.model.finding import Coverage, Finding

MARK = "Zq7x"
"""It is in every hostile text, and in no text of the program. No escaping changes it."""

_SHAPES = (
    "{}", "{}@example.org", "192.0.2.7 {}", "2001:db8::{}", "items/{}", '"}}, {{"x": "{}"',
    "</script>{}", "\x1b[31m{}", "{}\r\nSet-Cookie: x", "\N{RIGHT-TO-LEFT OVERRIDE}{}",
    "collision {}",
)  # fmt: skip


def texts() -> st.SearchStrategy[str]:
    """Return hostile texts: in the shape of something else, with any characters in them."""
    characters = st.characters(exclude_categories=["Cs"], exclude_characters="\0")
    inside = st.text(characters, max_size=5).map(lambda text: f"{MARK}{text}{MARK}")
    return st.builds(lambda shape, text: shape.format(text), st.sampled_from(_SHAPES), inside)


def numbers() -> st.SearchStrategy[float]:
    """Return measured values of any size."""
    return st.floats(0, 1e12, allow_nan=False)


def _evidence() -> st.SearchStrategy[Evidence]:
    tests = st.one_of(st.sampled_from(["collision", "lockstep", "members"]), texts())
    return st.builds(
        Evidence, tests, numbers(), numbers(), st.floats(0, 1, exclude_min=True), texts()
    )


def findings(fewest: int, most: int) -> st.SearchStrategy[Finding]:
    """Return findings in which every text is hostile, and every time is one of any second.

    Args:
        fewest: fewest accounts; one makes it a finding about an account.
        most: most accounts.
    """
    days = st.floats(-400, 400, allow_nan=False)
    details = st.builds(AccountDetails, texts(), texts(), texts(), texts(), st.none(), texts())
    items = st.builds(ItemDetails, texts(), texts(), texts(), texts(), texts())

    def build(
        names: list[str], name: str, period: tuple[float, float], **fields: object
    ) -> Finding:
        alone = len(names) == 1
        return finding(
            names[0] if alone else name,
            kind="account" if alone else "ring",
            accounts=tuple(names),
            first=at(min(period)),
            last=at(max(period)),
            **fields,
        )

    return st.builds(
        build,
        st.lists(texts(), min_size=fewest, max_size=most, unique=True),
        texts(),
        st.tuples(days, days),
        verdict=st.sampled_from(["extracting", "suspect"]),
        p_value=st.floats(0, 1),
        items=st.integers(0, 10**12),
        coverage=st.builds(Coverage, st.floats(0, 1), st.floats(0, 1)),
        evidence=st.lists(_evidence(), max_size=4).map(tuple),
        details=st.one_of(st.none(), details),
        clients=st.lists(texts(), max_size=3).map(tuple),
        sample=st.lists(items, max_size=3).map(tuple),
    )
