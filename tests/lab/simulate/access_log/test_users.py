"""The users of the simulated log resemble the people who were measured."""

from __future__ import annotations

import pytest
from tests.lab.simulate.access_log.sample import LINES, Simulated

_USERS = "part IN ('user', 'shop', 'shared_address')"


def test_plays_of_an_active_day(simulated: Simulated) -> None:
    """Measured: median 44, 95th percentile 175, 99th 268, at most 554 plays a day."""
    row = simulated.tables.execute(
        "SELECT quantile_cont(n, [0.5, 0.95, 0.99]), max(n) FROM (SELECT count(*) AS n "
        "FROM plays WHERE part = 'user' GROUP BY login, ts::DATE)"
    ).fetchone()
    assert row is not None
    (median, p95, p99), most = row
    assert 30 <= median <= 50
    assert 130 <= p95 <= 220
    assert 210 <= p99 <= 400
    assert most <= 700  # days are those of the log, not the listener's: two may meet in one


def test_distinct_tracks_of_an_active_day(simulated: Simulated) -> None:
    """Measured: median 35, 95th percentile 130, 99th 214 distinct tracks a day."""
    row = simulated.tables.execute(
        "SELECT quantile_cont(n, [0.5, 0.95, 0.99]) FROM (SELECT count(DISTINCT track) AS n "
        "FROM plays WHERE part = 'user' GROUP BY login, ts::DATE)"
    ).fetchone()
    assert row is not None
    assert row[0] == [
        pytest.approx(28, abs=8),
        pytest.approx(110, abs=30),
        pytest.approx(190, abs=60),
    ]


def test_repeat_share_spreads_like_the_measured_one(simulated: Simulated) -> None:
    """Measured with 200 plays or more: median .53, 5th percentile .24, never below .037."""
    row = simulated.tables.execute(
        "SELECT quantile_cont(repeats, [0.05, 0.5, 0.95]), count(*) FROM "
        "(SELECT 1 - count(DISTINCT track) / count(*) AS repeats FROM plays "
        "WHERE part = 'user' GROUP BY login HAVING count(*) >= 200)"
    ).fetchone()
    assert row is not None
    (p5, median, p95), people = row
    assert people >= 20
    assert 0.05 <= p5 <= 0.35
    assert 0.38 <= median <= 0.62
    assert p95 >= 0.6


def test_use_concentrates_on_few_tracks(simulated: Simulated) -> None:
    """One track in a hundred of the two million carries most of the use."""
    row = simulated.tables.execute(
        "WITH ranked AS (SELECT count(*) AS n, row_number() OVER (ORDER BY count(*) DESC) AS r "
        f"FROM plays WHERE {_USERS} GROUP BY track) "
        "SELECT sum(n) FILTER (r <= 200) / sum(n), max(n) / sum(n) FROM ranked"
    ).fetchone()
    assert row is not None
    assert 0.15 < row[0] < 0.6
    assert row[1] < 0.02


def test_users_keep_the_hours_of_people(simulated: Simulated) -> None:
    """The evening is several times as busy as the night, and the weekend busier than the week."""
    row = simulated.tables.execute(
        "SELECT count(*) FILTER (hour(ts) BETWEEN 15 AND 19), "
        "count(*) FILTER (hour(ts) BETWEEN 1 AND 5), "
        "count(*) FILTER (isodow(ts) >= 6) / 2, count(*) FILTER (isodow(ts) < 6) / 5 "
        "FROM plays WHERE part = 'user'"
    ).fetchone()
    assert row is not None
    evening, night, weekend, weekday = row
    assert evening > 3 * night
    assert weekend > 1.1 * weekday


def test_shops_play_all_day_every_day(simulated: Simulated) -> None:
    """A shop plays 12 to 16 hours on each of seven days, tracks of three to four minutes."""
    days = simulated.tables.execute(
        "SELECT login, date_diff('minute', min(ts), max(ts)) / 60, count(*) FROM plays "
        "WHERE part = 'shop' GROUP BY login, ts::DATE"
    ).fetchall()
    shops = simulated.truth.accounts("shop")
    assert len(days) == 7 * len(shops)
    assert all(11.7 <= hours <= 16.1 for _, hours, _ in days)
    assert all(14 <= plays / hours <= 20.5 for _, hours, plays in days)


def test_shared_addresses_hold_the_people_behind_them(simulated: Simulated) -> None:
    """Those behind a shared address share it with 18 to 78 others, and nobody else shares one."""
    groups = simulated.tables.execute(
        "SELECT count(DISTINCT login), bool_and(part = 'shared_address') FROM lines "
        "JOIN truth USING (login) GROUP BY ip HAVING count(DISTINCT login) > 1"
    ).fetchall()
    assert groups
    assert all(19 <= people <= 78 and alike for people, alike in groups)
    assert sum(people for people, _ in groups) == len(simulated.truth.accounts("shared_address"))


def test_some_people_have_two_addresses(simulated: Simulated) -> None:
    """Some users are seen at two addresses, most at one, nobody at more."""
    counts = dict(
        simulated.tables.execute(
            "SELECT ips, count(*) FROM (SELECT count(DISTINCT ip) AS ips FROM lines "
            "JOIN truth USING (login) WHERE part = 'user' GROUP BY login) GROUP BY ips"
        ).fetchall()
    )
    assert set(counts) == {1, 2}
    assert 0.05 < counts[2] / sum(counts.values()) < 0.35


def test_noise_stands_in_the_log(simulated: Simulated) -> None:
    """Range requests, failures and lines about no track occur in the shares described."""
    row = simulated.tables.execute(
        "SELECT count(*) FILTER (status = 206), count(*) FILTER (status IN (302, 304, 404, 500)), "
        "count(*) FILTER (track = '') FROM lines JOIN truth USING (login) WHERE " + _USERS
    ).fetchone()
    assert row is not None
    honest = LINES - 33_000
    assert row[0] / honest == pytest.approx(0.06, abs=0.015)
    assert row[1] / honest == pytest.approx(0.01, abs=0.004)
    assert row[2] / honest == pytest.approx(0.025, abs=0.001)
