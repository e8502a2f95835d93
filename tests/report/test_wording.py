"""Numbers as people say them."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from ringfence.report import wording


def plain(text: str) -> str:
    """Return the text with every kind of space as a plain one."""
    return text.replace("\N{NARROW NO-BREAK SPACE}", " ").replace("\N{NO-BREAK SPACE}", " ")


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (1.0, "most users"),
        (0.25, "1 in 4 users"),
        (1 / 160, "1 in 160 users"),
        (1 / 6543, "1 in 6,500 users"),
        (5e-7, "1 in 2 million users"),
        (3.2e-10, "1 in 3.1 billion users"),
        (1e-13, "1 in 10 trillion users"),
        (1e-15, "1 in 1,000 trillion users"),
        (0.0, "fewer than 1 in 1,000 trillion users"),
        (1e-40, "fewer than 1 in 1,000 trillion users"),
        (float("nan"), "an unknown share of users"),
    ],
)
def test_p_values_are_said_as_odds(value: float, said: str) -> None:
    """A p-value becomes odds with two digits, and no false exactness at the far end."""
    assert plain(wording.odds(value)) == said


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (0.25, "0.25"),
        (0.0061, "0.0061"),
        (3.2e-9, "3 × 10⁻⁹"),
        (1e-12, "1 × 10⁻¹²"),
        (0.0, "< 10⁻³⁰⁰"),
        (float("nan"), "–"),
    ],
)
def test_p_values_are_written_short(value: float, said: str) -> None:
    """Small p-values are written with a power of ten."""
    assert plain(wording.p_value(value)) == said


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (0, "0 %"),
        (0.00002, "< 0.01 %"),
        (0.0025, "0.25 %"),
        (0.61, "61 %"),
        (0.996, "99.6 %"),
        (0.99999, "> 99.9 %"),
        (1, "100 %"),
        (float("nan"), "–"),
    ],
)
def test_shares_never_round_to_nothing_or_everything(value: float, said: str) -> None:
    """Only nothing is 0 % and only everything is 100 %."""
    assert plain(wording.share(value)) == said


def test_the_promise_is_said_in_scans() -> None:
    """A rate of one in a hundred is said as one scan in 100; an uneven one as a percentage."""
    assert plain(wording.promise(0.01)).startswith(
        "At this setting, at most one scan in 100 accuses an"
    )
    assert plain(wording.promise(0.3)).startswith(
        "At this setting, at most 30 % of scans accuse an"
    )


def test_counts_are_written_as_in_sentences_and_nouns_have_their_number() -> None:
    """A page writes thousands in one way, tables as evidence; one thing is not in the plural."""
    assert wording.count(1_234_567) == "1,234,567"
    assert plain(wording.counted(1, "account")) == "1 account"
    assert plain(wording.counted(2, "account")) == "2 accounts"
    assert wording.counted(20_000, "account") == "20,000\N{NO-BREAK SPACE}accounts"


def test_expected_numbers_are_short() -> None:
    """Expected false findings get two digits, or none when there are many."""
    said = [plain(wording.expected(value)) for value in (0.0, 0.0021, 0.62, 18.4, 1234.0)]
    assert said == ["< 0.001", "0.0021", "0.62", "18", "1,234"]


def test_moments_are_said_in_utc() -> None:
    """A moment elsewhere is moved to UTC; one without a zone is UTC already."""
    elsewhere = datetime(2025, 12, 3, 1, 5, tzinfo=timezone(timedelta(hours=2)))
    assert plain(wording.minute(elsewhere)) == "2 December 2025, 23:05 UTC"
    assert wording.day(datetime(2025, 12, 3, tzinfo=UTC).replace(tzinfo=None)) == wording.day(
        datetime(2025, 12, 3, tzinfo=UTC)
    )


def test_a_moment_in_a_table_is_short() -> None:
    """To the minute, in UTC, so that a column of them can be compared."""
    moment = datetime(2025, 12, 3, 0, 30, tzinfo=timezone(timedelta(hours=1)))
    assert wording.moment(moment) == "2025-12-02 23:30"
